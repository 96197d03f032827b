"""Synthetic drivers: the model that is said, on the skin where it is said."""

import numpy as np
import pytest

from deadpan.calibration.synthetic.drivers import EXTENT, REACH, Drive, bumps, displacement, drive, moved, places, pulls
from deadpan.calibration.synthetic.still import Still
from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.stickers.regions import NAMES, REGIONS

CHIN = NAMES.index("chin")


@pytest.fixture
def still(posing: list[Image], face: Face) -> Still:
    return Still("collins", posing[0], face).framed((212, 232))


def test_a_follower_follows_its_driver_and_its_own_cause_and_nobody_else() -> None:
    truth = Drive(13, (0, 8), (4, 5))
    drawn = truth.amplitudes(4000, np.random.default_rng(0))
    together = np.corrcoef(drawn.T)
    assert (drawn.min() >= 0, drawn.max() <= 1) == (True, True)
    for follower, cause in ((0, 4), (8, 5)):
        assert together[13, follower] == pytest.approx(0.66, abs=0.05)
        assert together[cause, follower] == pytest.approx(0.66, abs=0.05)
    assert np.abs(together[13, [1, 2, 3, 4, 5]]).max() < 0.06


def test_structures_use_each_region_once() -> None:
    for seed in range(30):
        made = drive(np.random.default_rng(seed))
        assert len({made.driver, *made.followers, *made.causes}) == 9


def test_the_skin_moves_most_at_the_regions_centre_and_little_at_its_edge(still: Still) -> None:
    follow = bumps(still.face, still.image.shape[1], still.image.shape[0])
    x, y = REGIONS[CHIN].centre(still.face).round().astype(int)
    right, _ = REGIONS[CHIN].corners(still.face)[1].round().astype(int)
    assert follow[CHIN, y, x] > 0.99
    assert follow[CHIN, y, right] == pytest.approx(np.exp(-0.5 / EXTENT**2), abs=0.04)
    pull = np.zeros((14, 2), np.float32)
    pull[CHIN] = (0, REACH)
    shift = displacement(pull, follow, still.face)
    assert np.linalg.norm(shift[y, x]) == pytest.approx(REACH * still.face.width, rel=0.02)
    assert shift[y, x] @ still.face.down > 0


def test_a_picture_changes_only_where_the_skin_moves(still: Still) -> None:
    follow = bumps(still.face, still.image.shape[1], still.image.shape[0])
    pull = np.zeros((14, 2), np.float32)
    pull[CHIN] = (REACH, 0)
    shift = displacement(pull, follow, still.face)
    changed = np.abs(moved(still, shift).astype(int) - still.image).max(axis=2) > 12
    assert changed.any()
    assert np.linalg.norm(shift, axis=-1)[changed].min() > 0.2
    np.testing.assert_array_equal(moved(still, np.zeros_like(shift)), still.image)


def test_pulls_are_as_long_as_their_amplitudes() -> None:
    amplitudes = np.random.default_rng(0).uniform(0, 1, (9, 14)).astype(np.float32)
    made = pulls(amplitudes, np.random.default_rng(1))
    np.testing.assert_allclose(np.linalg.norm(made, axis=-1), REACH * amplitudes, rtol=1e-5)
    assert np.std(np.arctan2(made[..., 1], made[..., 0])) > 1


def test_regions_lie_in_the_crop_where_public_maps_have_them(still: Still) -> None:
    centres, size = places(still.face)
    for name, expected in (("right_eye", (0.22, 0.26)), ("left_eye", (0.77, 0.26)), ("chin", (0.5, 0.91))):
        np.testing.assert_allclose(centres[NAMES.index(name)], expected, atol=0.06)
    np.testing.assert_allclose(size, (1.1, 1.05), atol=0.1)
