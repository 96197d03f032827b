"""The registry knows a model file by its size and its hash, and accepts nothing else under its name."""

import dataclasses
import hashlib
from pathlib import Path

import pytest

from deadpan.models.errors import ModelMismatch
from deadpan.models.registry import ENTRIES, FACE_LANDMARKER, Entry

CONTENT = b"a model of twenty-six bytes"


@pytest.fixture
def entry() -> Entry:
    """A small stand-in for a model."""
    digest = hashlib.sha256(CONTENT).hexdigest()
    return dataclasses.replace(FACE_LANDMARKER, name="small", file="small.task", size=len(CONTENT), sha256=digest)


def test_the_right_bytes_are_given_back(entry: Entry) -> None:
    assert entry.check(CONTENT, "here") is CONTENT


def test_the_landmarker_that_is_used_is_the_one_that_is_named(model: bytes) -> None:
    assert len(model) == FACE_LANDMARKER.size
    assert hashlib.sha256(model).hexdigest() == FACE_LANDMARKER.sha256


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (CONTENT[:10], "10 bytes, expected 27"),
        (CONTENT + b"!", "28 bytes, expected 27"),
        (b"", "0 bytes, expected 27"),
        (CONTENT.swapcase(), "sha256 "),
    ],
    ids=["half-written", "too long", "empty", "same size, other bytes"],
)
def test_other_bytes_are_refused_in_one_line_that_says_what_to_do(entry: Entry, content: bytes, trouble: str) -> None:
    with pytest.raises(ModelMismatch) as caught:
        entry.check(content, "/some/where")
    message = str(caught.value)
    assert message.startswith("/some/where: ")
    assert trouble in message
    assert "deadpan models fetch small" in message
    assert "\n" not in message


def test_a_wrong_hash_is_shown_beside_the_right_one(entry: Entry) -> None:
    other = CONTENT.swapcase()
    with pytest.raises(ModelMismatch) as caught:
        entry.check(other, "here")
    assert hashlib.sha256(other).hexdigest()[:8] in str(caught.value)
    assert entry.sha256[:8] in str(caught.value)


def test_a_file_is_checked_as_it_is_read(entry: Entry, tmp_path: Path) -> None:
    file = tmp_path / "copy.task"
    file.write_bytes(CONTENT)
    assert entry.read(file) == CONTENT
    file.write_bytes(CONTENT[:-1])
    with pytest.raises(ModelMismatch, match=r"copy\.task: 26 bytes"):
        entry.read(file)
    with pytest.raises(FileNotFoundError):
        entry.read(tmp_path / "none.task")


def test_every_entry_says_where_it_comes_from_and_under_which_licence() -> None:
    for entry in ENTRIES:
        assert entry.licence
        assert "==" in entry.wheel, "a pinned wheel: another version may carry another file"
        assert entry.url.startswith("https://")
        assert len(entry.sha256) == 64
        assert entry.sha256 == entry.sha256.lower()
        assert entry.path.name == entry.file
    assert len({entry.name for entry in ENTRIES}) == len({entry.path for entry in ENTRIES}) == len(ENTRIES)
