"""The square of a face is laid in the motion maps' crop where a face has it."""

import numpy as np
import pytest

from deadpan.calibration.on_maps import square
from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.models.motion import CROP, frontal
from deadpan.stickers.field import SIDE
from deadpan.stickers.skin import baseline


def test_a_real_face_lies_there(posing: list[Image], face: Face) -> None:
    """Its square, laid in the typical crop, and in its own."""
    since = baseline(posing[0], face)
    back = np.linalg.inv(np.vstack([since.place, [0, 0, 1]]))[:2]
    onto = frontal(face.landmarks)
    ramp = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1).astype(np.float32)
    typical = square.in_crop(ramp)
    for row, column in ((8, 8), (14, 14), (8, 20), (22, 14)):
        there = back[:, :2] @ typical[row, column] + back[:, 2]
        share = (onto[:, :2] @ there + onto[:, 2] + 0.5) / CROP
        assert share == pytest.approx((np.array([column, row]) + 0.5) / 28, abs=0.06)
    assert since.width == pytest.approx(square.WIDTH, rel=0.1)


def test_a_field_is_whole_on_the_face_and_ends_beside_the_chin() -> None:
    assert square.FADE.shape == (28, 28)
    assert square.FADE[4:22, 4:24].min() == pytest.approx(1)
    assert square.FADE[27, 0] < 0.1
    assert square.FADE[27, 27] < 0.1
