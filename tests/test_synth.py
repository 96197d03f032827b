"""`deadpan synth` as a person uses it: a clip of one's own, the benchmark, and wrong input in one line."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import Call

from deadpan.calibration.coding import save
from deadpan.calibration.synthetic import portrait
from deadpan.models.frame import Image


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portrait as a file."""
    path = tmp_path_factory.mktemp("synth") / "portrait.png"
    cv2.imwrite(str(path), portrait.photograph())
    return path


def test_a_picture_becomes_a_clip_and_its_truth(deadpan: Call, photograph: Path, tmp_path: Path) -> None:
    asked = ("--au", "1+2", "--amplitude", 1.5, "--seconds", 4, "--bitrate", 800, "-o", tmp_path / "out")
    said = deadpan("synth", "make", photograph, *asked)
    assert said.code == 0
    truth = json.loads((tmp_path / "out" / "truth.json").read_text("utf-8"))
    (clip,) = truth["clips"]
    assert (clip["frames"], clip["head"]["name"]) == (120, "sitting")
    (event,) = clip["events"]
    assert (event["action_units"], event["label"], event["amplitude"]) == ([1, 2], "surprise", 0.015)
    assert "not figures on people" in truth["note"]
    assert 200_000 < (tmp_path / "out" / clip["file"]).stat().st_size < 800_000
    assert f"frames {event['onset']} to {event['apex']} to {event['offset']}: surprise, AU 1+2" in said.out


def test_a_clip_of_ones_own_keeps_its_size_and_motion(deadpan: Call, posing: list[Image], tmp_path: Path) -> None:
    save(tmp_path / "own.mp4", (np.ascontiguousarray(each[:640, :800]) for each in posing[:40]), 20)
    assert deadpan("synth", "make", tmp_path / "own.mp4", "--events", 30, "-o", tmp_path).code == 0
    (clip,) = json.loads((tmp_path / "truth.json").read_text("utf-8"))["clips"]
    assert (clip["size"], clip["fps"], clip["frames"], clip["head"]["name"]) == ([800, 640], 20, 40, "still")
    assert len(clip["events"]) == 1


def test_the_benchmark_is_built_in_part(deadpan: Call, tmp_path: Path) -> None:
    said = deadpan("synth", "benchmark", "--limit", 1, "-o", tmp_path / "set")
    assert said.code == 0
    truth = json.loads((tmp_path / "set" / "truth.json").read_text("utf-8"))
    assert len(truth["clips"]) == 1
    assert f"sha256 {truth['sha256']}" in said.out


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("make nowhere.png", "no such file"),
        ("make .", "a directory"),
        ("make notes.txt", "not a video"),
        ("make grey.png", "no face was found"),
        ("make {photograph} --au 99", "expected numbers joined by +"),
        ("make {photograph} --head wild", "expected one of still, quiet, sitting"),
        ("make {photograph} -o notes.txt", "not a folder"),
        ("benchmark -o notes.txt/inside", "not a folder"),
    ],
)
def test_a_wrong_input_is_one_line(
    words: str, cause: str, deadpan: Call, photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").write_text("not a picture")
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((240, 320, 3), 128, np.uint8))
    monkeypatch.chdir(tmp_path)
    done = deadpan("synth", *words.format(photograph=photograph).split())
    said = [line for line in done.err.splitlines() if line.startswith("deadpan: ")]
    assert done.code != 0
    assert len(said) == 1
    assert cause in said[0]
    assert not list(tmp_path.glob("**/*.mp4"))
    assert "Traceback" not in done.err
