"""do(v = δ): nothing moves under a sticker, and what is left is stretched as a recognizer would stretch it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from deadpan.calibration.effect.intervention import Intervention, constant, do, noise


@pytest.fixture
def motion() -> NDArray[np.uint8]:
    return noise(6, seed=1)


@pytest.fixture
def taken() -> NDArray[np.bool_]:
    taken = np.zeros((6, 28, 28), bool)
    for i in range(6):
        taken[i, 3 * i : 3 * i + 7, 2 : 9 + i] = True
    return taken


def test_a_hidden_place_shows_the_clips_own_median_and_the_rest_is_stretched_again(
    motion: NDArray[np.uint8], taken: NDArray[np.bool_]
) -> None:
    hidden = do(motion, taken)
    for i in range(len(motion)):
        for channel in range(3):
            wanted = motion[i, :, :, channel].astype(float)
            wanted[taken[i]] = np.median(wanted)
            wanted = (wanted - wanted.min()) / (wanted.max() - wanted.min()) * 255
            np.testing.assert_allclose(hidden[i, :, :, channel], wanted, atol=0.51)


def test_hiding_the_peak_makes_what_is_left_louder(motion: NDArray[np.uint8]) -> None:
    taken = motion[..., 0] > 200
    hidden = do(motion, taken)
    left = ~taken & (motion[..., 0] > np.median(motion[..., 0], axis=(1, 2))[:, None, None])
    assert (hidden[left][:, 0] >= motion[left][:, 0]).all()
    assert (hidden.reshape(6, -1, 3).max(axis=1) == 255).all()
    assert (hidden.reshape(6, -1, 3).min(axis=1) == 0).all()


def test_rows_may_be_any_of_the_maps_as_often_as_wanted(motion: NDArray[np.uint8], taken: NDArray[np.bool_]) -> None:
    rows = np.array([4, 0, 4])
    assert (Intervention(motion)(taken[:3], rows) == do(motion[rows], taken[:3])).all()


def test_hiding_nothing_changes_nothing(motion: NDArray[np.uint8]) -> None:
    assert (do(motion, np.zeros((6, 28, 28), bool)) == motion).all()


def test_hiding_everything_leaves_what_a_still_face_gives_live(motion: NDArray[np.uint8]) -> None:
    assert (do(motion, np.ones((6, 28, 28), bool)) == constant(6)).all()


def test_one_intervention_serves_again_and_again(motion: NDArray[np.uint8], taken: NDArray[np.bool_]) -> None:
    before, hide = motion.copy(), Intervention(motion)
    first = hide(taken)
    hide(~taken)
    assert (hide(taken) == first).all()
    assert (hide(taken[0])[3] == do(motion[3:4], taken[:1])[0]).all()
    assert (motion == before).all()


def test_noise_is_smooth_fills_the_range_and_follows_its_seed() -> None:
    smooth = noise(4, seed=5)
    assert smooth.shape == (4, 28, 28, 3)
    assert (smooth.min(axis=(1, 2)) == 0).all()
    assert (smooth.max(axis=(1, 2)) == 255).all()
    beside = np.corrcoef(smooth[:, :, 1:].ravel().astype(float), smooth[:, :, :-1].ravel().astype(float))[0, 1]
    assert beside > 0.8
    assert (noise(4, seed=5) == smooth).all()
    assert (noise(4, seed=6) != smooth).any()
