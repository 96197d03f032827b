"""A person's own picture or quiet clip becomes what is animated, whatever its size."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from deadpan.app.clip import read_video
from deadpan.calibration.coding import save
from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.base import MOST, open_base
from deadpan.calibration.synthetic.faces import SIZE, WIDTH
from deadpan.calibration.synthetic.synthesis import FPS
from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Image


def no_video(path: Path) -> tuple[Iterator[tuple[float, Image]], float]:
    raise AssertionError(f"{path} is a picture")


@pytest.mark.parametrize("zoom", [0.9, 2.5, 5.0])
def test_any_picture_gives_one_face_of_the_usual_width(zoom: float, model: bytes, tmp_path: Path) -> None:
    large = cv2.resize(portrait.photograph(), None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(tmp_path / "me.png"), large)
    base = open_base(tmp_path / "me.png", 5, model, no_video)
    (still,) = base.stills
    assert (base.size, base.fps, still.name) == (SIZE, FPS, "me")
    assert still.face.width == pytest.approx(WIDTH, rel=1e-4)


def test_a_clip_gives_a_face_a_frame_at_its_own_size_and_rate(
    posing: list[Image], model: bytes, tmp_path: Path
) -> None:
    save(tmp_path / "me.mp4", posing[:30], 20)
    base = open_base(tmp_path / "me.mp4", 1, model, read_video)
    assert (base.size, base.fps, len(base.stills)) == (portrait.SIZE, 20, 20)
    assert all(np.isfinite(still.face.landmarks).all() for still in base.stills)


def test_a_clip_larger_than_any_camera_is_made_smaller(posing: list[Image], model: bytes, tmp_path: Path) -> None:
    save(tmp_path / "me.mp4", (np.asarray(cv2.resize(each, (2400, 1800)), np.uint8) for each in posing[:3]), 30)
    base = open_base(tmp_path / "me.mp4", 1, model, read_video)
    assert base.size == (MOST, MOST * 3 // 4)
    assert base.stills[0].image.shape == (MOST * 3 // 4, MOST, 3)


def test_a_picture_of_nobody_is_one_line(model: bytes, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((300, 400, 3), 120, np.uint8))
    with pytest.raises(DeadpanError, match=r"^wall: no face was found on it"):
        open_base(tmp_path / "wall.png", 5, model, no_video)


def test_what_is_neither_picture_nor_clip_is_one_line(model: bytes, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture", "utf-8")
    with pytest.raises(DeadpanError, match=r"notes\.txt: not a video but text"):
        open_base(tmp_path / "notes.txt", 5, model, read_video)
