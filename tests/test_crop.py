"""The decoy's square is laid in the motion maps' crop where a face has it."""

import numpy as np
import pytest

from deadpan.calibration.decoy import crop
from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.models.motion import CROP, frontal
from deadpan.stickers.basis import NODES
from deadpan.stickers.skin import SIDE, baseline


def test_a_real_face_lies_there(posing: list[Image], face: Face) -> None:
    since = baseline(posing[0], face)
    onto = frontal(face.landmarks)
    back = np.linalg.inv(np.vstack([onto, [0, 0, 1]]))[:2]
    shares = np.array([[0.1, 0.2], [0.5, 0.5], [0.9, 0.2], [0.5, 0.9]])
    there = (shares * CROP - 0.5) @ back[:, :2].T + back[:, 2]
    square = (there @ since.place[:, :2].T + since.place[:, 2] + 0.5) / SIDE
    assert float(np.abs(square - (crop.CORNER + crop.SCALE * shares)).max()) < 0.08
    assert since.width / SIDE == pytest.approx(crop.WIDTH, abs=0.08)


def test_a_field_that_is_the_same_everywhere_stays_so() -> None:
    assert crop.cells().sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_cell_shows_what_lies_there_in_the_square(axis: int) -> None:
    """A field that grows evenly to one side shows where the cells lie."""
    ramp = np.meshgrid(np.arange(NODES), np.arange(NODES))[axis]
    shown = (crop.cells() @ ramp.ravel()).reshape(28, 28)
    cell = np.meshgrid(np.arange(28), np.arange(28))[axis]
    place = crop.CORNER[axis] + crop.SCALE[axis] * (cell + 0.5) / 28
    assert shown == pytest.approx(NODES * place - 0.5, abs=0.1)


def test_it_is_whole_on_the_face_and_ends_beside_the_chin() -> None:
    fade = crop.fade()
    assert fade.shape == (28, 28)
    assert fade[4:22, 4:24].min() == 1
    assert fade[27, 0] == fade[27, 27] == 0
    assert np.abs(fade - fade[:, ::-1]).mean() < 0.02
