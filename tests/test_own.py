"""A recognizer of one's own is taken in whole, under a name of its own, or not at all."""

import json
import os
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from networks import model

from deadpan.models import description, own, recognizers
from deadpan.models.errors import DeadpanError, ModelMismatch, ModelUnavailable, RecognizerError
from deadpan.models.recognizer import Recognizer

LABELS = ("calm", "not calm")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's models, none so far."""
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name: tmp_path / "data" / name)
    return tmp_path / "data" / "deadpan" / "models"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "Calm.onnx"
    file.write_bytes(model())
    return file


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def test_what_was_added_is_a_copy_that_is_found_by_name(file: Path, folder: Path) -> None:
    entry, replaced = own.add(file, "gray64", LABELS, licence="mine")
    assert (entry.name, entry.own, entry.licence, replaced) == ("calm", True, "mine", False)
    assert set(held(folder)) == {"calm.onnx", "calm.json"}
    file.unlink()
    recognizer = Recognizer.load("calm")
    assert (recognizer.kind, recognizer.labels, recognizer.sha256) == ("gray64", LABELS, entry.sha256)
    assert recognizer.predict(np.zeros((1, 64, 64, 1), np.uint8)) == pytest.approx(0.5)
    assert recognizers.find("calm") == entry
    assert recognizers.find("calm").description.window == "frame"


def test_the_same_command_again_replaces_ones_own(file: Path) -> None:
    own.add(file, "gray64", LABELS)
    file.write_bytes(model(0.02))
    entry, replaced = own.add(file, "gray64", LABELS[::-1])
    assert replaced
    assert Recognizer.load("calm").labels == LABELS[::-1]
    assert Recognizer.load("calm").sha256 == entry.sha256


def test_a_name_of_deadpans_own_is_not_given_away(file: Path, folder: Path) -> None:
    for name in recognizers.shipped_names():
        with pytest.raises(DeadpanError, match=f"{name} is the name of one of deadpan's own"):
            own.add(file, "gray64", LABELS, name)
        with pytest.raises(DeadpanError, match=f"{name} comes with deadpan"):
            own.remove(name)
    with pytest.raises(DeadpanError, match="face_landmarker is the name of one of deadpan's own"):
        own.add(file, "gray64", LABELS, "face_landmarker")
    assert held(folder) == {}
    # Put there by hand, it is not used either.
    folder.mkdir(parents=True)
    described = description.describe(model(), "motion", "gray64", LABELS)
    (folder / "motion.json").write_text(described.to_json())
    (folder / "motion.onnx").write_bytes(model())
    assert Recognizer.load("motion").kind == "motion28"
    assert recognizers.own_names() == []


@pytest.mark.parametrize(
    ("name", "kind", "labels", "cause"),
    [
        ("../calm", "gray64", LABELS, "'../calm' cannot name a model"),
        ("..", "gray64", LABELS, "cannot name a model"),
        ("", "gray64", LABELS, "cannot name a model"),
        ("a/b", "gray64", LABELS, "cannot name a model"),
        ("Calm", "gray64", LABELS, "lower-case"),
        ("a" * 70, "gray64", LABELS, "cannot name a model"),
        ("calm", "gray48", LABELS, "kind"),
        ("calm", "gray64", ("calm",), "labels"),
        ("calm", "gray64", ("calm", "calm"), "a label occurs twice"),
        ("calm", "gray64", ("calm", ""), "labels.1"),
        ("calm", "gray64", ("a", "b", "c"), "an output of (n, 2), expected (n, 3)"),
        ("calm", "motion28", LABELS, "an input of (n, 64, 64, 1), expected (n, 28, 28, 3)"),
    ],
)
def test_what_is_wrongly_described_is_refused_in_one_line_and_leaves_nothing(
    name: str, kind: str, labels: tuple[str, ...], cause: str, file: Path, folder: Path
) -> None:
    with pytest.raises(RecognizerError) as caught:
        own.add(file, kind, labels, name)
    assert cause in str(caught.value)
    assert "\n" not in str(caught.value)
    assert held(folder) == {}
    assert list(folder.parent.parent.glob("**/*.onnx")) == []


def test_a_window_that_nobody_knows_is_refused(file: Path) -> None:
    with pytest.raises(RecognizerError, match="window"):
        own.add(file, "gray64", LABELS, window="week")


def test_a_bad_file_leaves_the_good_one_of_that_name_alone(file: Path, folder: Path) -> None:
    own.add(file, "gray64", LABELS)
    before = held(folder)
    file.write_bytes(model()[:-30])
    with pytest.raises(RecognizerError):
        own.add(file, "gray64", LABELS)
    assert held(folder) == before


def test_what_is_no_file_is_one_line(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.onnx").touch()
    monkeypatch.setattr(own, "LARGEST", 100)
    causes = {tmp_path: "a directory", tmp_path / "no.onnx": "no such file", file: "at most 100"}
    for path, cause in (causes | {tmp_path / "empty.onnx": "empty"}).items():
        with pytest.raises(RecognizerError) as caught:
            own.add(path, "gray64", LABELS, "calm")
        assert str(caught.value).startswith(f"{path}: ")
        assert cause in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_that_nobody_writes_to_is_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    with pytest.raises(RecognizerError, match=r"pipe\.onnx: not a regular file"):
        own.add(tmp_path / "pipe.onnx", "gray64", LABELS)


def test_a_copy_that_was_altered_is_refused_and_can_be_added_again(file: Path, folder: Path) -> None:
    own.add(file, "gray64", LABELS)
    copy = folder / "calm.onnx"
    for content in (copy.read_bytes()[:-1], copy.read_bytes().replace(b"Softmax", b"Sigmoid")):
        copy.write_bytes(content)
        with pytest.raises(ModelMismatch) as caught:
            Recognizer.load("calm")
        assert "deadpan models add FILE --name calm" in str(caught.value)
    copy.unlink()
    with pytest.raises(ModelUnavailable, match="deadpan models add FILE --name calm"):
        Recognizer.load("calm")
    own.add(file, "gray64", LABELS)
    Recognizer.load("calm")


@pytest.mark.parametrize("change", [{"extra": 1}, {"kind": "grey"}, {"file": "../calm.onnx"}, {"name": "other"}])
def test_a_spoilt_json_is_one_line_and_harms_no_other(change: dict[str, object], file: Path, folder: Path) -> None:
    own.add(file, "gray64", LABELS)
    own.add(file, "gray64", LABELS, "second")
    path = folder / "calm.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(RecognizerError) as caught:
        Recognizer.load("calm")
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    Recognizer.load("second")
    own.remove("calm")
    assert set(held(folder)) == {"second.onnx", "second.json"}


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00", "{}", "null"])
def test_what_is_no_json_is_one_line(text: str, file: Path, folder: Path) -> None:
    own.add(file, "gray64", LABELS)
    (folder / "calm.json").write_text(text)
    with pytest.raises(RecognizerError) as caught:
        recognizers.find("calm")
    assert "\n" not in str(caught.value)


def test_what_was_removed_is_gone_and_only_that(file: Path, folder: Path) -> None:
    own.add(file, "gray64", LABELS)
    (folder / "calm.md").write_text("# calm")  # the card that a training leaves
    own.remove("calm")
    assert held(folder) == {}
    with pytest.raises(DeadpanError, match=r"no recognizer of your own called 'calm'; there is: none"):
        own.remove("calm")


def test_a_json_says_all_there_is_to_say_and_reads_back() -> None:
    described = description.describe(model(), "calm", "gray64", LABELS, licence="mine", card="calm.md")
    assert description.Description.model_validate_json(described.to_json()) == described
    assert set(json.loads(described.to_json())) >= {
        *("name", "file", "kind", "labels", "window", "sha256", "size", "licence", "card")
    }


def test_a_folder_that_cannot_be_written_is_one_line(file: Path, folder: Path) -> None:
    folder.parent.parent.mkdir()
    folder.parent.write_text("a file where the folder should be")
    with pytest.raises(ModelUnavailable) as caught:
        own.add(file, "gray64", LABELS)
    assert "cannot be written" in str(caught.value)
