"""Commands that fail half-way leave nothing half done, and nothing open."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import Call, film, read

from deadpan.app import loop
from deadpan.models.frame import Image
from deadpan.models.tracker import FaceTracker
from deadpan.stickers.still import SkinProtection


def test_a_demo_that_cannot_be_written_releases_its_tracker(
    deadpan: Call, tmp_path: Path, left_open: list[FaceTracker]
) -> None:
    deadpan("demo", "--seconds", "1", "-o", tmp_path / "out.gif")
    assert left_open == []


@pytest.mark.parametrize("good", [True, False])
def test_a_run_releases_its_tracker_whatever_happens(
    good: bool, clip: Path, deadpan: Call, tmp_path: Path, left_open: list[FaceTracker]
) -> None:
    source = clip if good else film(tmp_path / "odd.mp4", [np.full((241, 321, 3), 90, np.uint8)] * 3)
    assert (deadpan("run", source, "--record", tmp_path / "out.mp4").code == 0) is good
    assert left_open == []


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A protection that fails on every frame, which the loop puts up with for a while."""

    def broken(*_: object) -> None:
        raise RuntimeError("the protection is broken")

    monkeypatch.setattr(SkinProtection, "apply", broken)
    monkeypatch.setattr(loop, "TOO_MANY", 20)


@pytest.mark.usefixtures("failing")
def test_a_protection_that_keeps_failing_leaves_no_half_recording(
    deadpan: Call, tmp_path: Path, posing: list[Image]
) -> None:
    small = [np.asarray(cv2.resize(each, (160, 120)), np.uint8) for each in posing]
    source = film(tmp_path / "long.mp4", small)
    said = deadpan("run", source, "--record", tmp_path / "out.mp4")
    assert said.code == 1
    assert "the protection failed 20 times in a row (RuntimeError: the protection is broken)" in said.err
    left = [path for path in tmp_path.iterdir() if path != source]
    assert all(len(read(path)) == 19 for path in left)  # what went out until then, whole, or nothing


@pytest.mark.usefixtures("failing")
def test_a_demo_that_fails_leaves_nothing_behind(deadpan: Call, tmp_path: Path) -> None:
    said = deadpan("demo", "--seconds", "1", "-o", tmp_path / "out.mp4")
    assert said.code == 1
    assert list(tmp_path.iterdir()) == []
