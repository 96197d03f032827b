"""A head sways as far as was said, slowly, and the same way for the same seed."""

import numpy as np
import pytest

from deadpan.calibration.synthetic.head import FASTEST, HEADS, RISE, UNIT

FPS = 30
TIMES = np.arange(20 * FPS) / FPS
EACH = pytest.mark.parametrize("name", HEADS)


@EACH
def test_between_onset_and_apex_a_head_moves_by_its_sigmas(name: str) -> None:
    head = HEADS[name]
    step = round(RISE * FPS)
    paths = [head.path(TIMES, UNIT, seed) for seed in range(60)]
    moved = np.concatenate([path[step:] - path[:-step] for path in paths])
    expected = np.array([head.shift, head.shift, head.turn, head.scale])
    np.testing.assert_allclose(moved.std(axis=0), expected, rtol=0.1)


def test_the_sigmas_are_those_that_were_measured_with() -> None:
    assert {name: (head.shift, head.turn, head.scale) for name, head in HEADS.items()} == {
        "still": (0, 0, 0),
        "quiet": (1, 0.3, 0.003),
        "sitting": (4, 1, 0.01),
    }


@EACH
def test_same_seed_same_path_and_a_longer_one_begins_alike(name: str) -> None:
    path = HEADS[name].path(TIMES, UNIT, 7)
    np.testing.assert_array_equal(path, HEADS[name].path(TIMES, UNIT, 7))
    np.testing.assert_array_equal(path[:50], HEADS[name].path(TIMES[:50], UNIT, 7))
    assert name == "still" or not np.allclose(path, HEADS[name].path(TIMES, UNIT, 8))


def test_a_larger_face_moves_further_but_turns_as_little() -> None:
    once, twice = (HEADS["sitting"].path(TIMES, width, 3) for width in (UNIT, 2 * UNIT))
    np.testing.assert_allclose(twice[:, :2], 2 * once[:, :2])
    np.testing.assert_array_equal(twice[:, 2:], once[:, 2:])


def test_a_head_never_jerks() -> None:
    # Waves up to F hertz change their speed by no more than 2 pi F, radians a frame, of that speed.
    path = HEADS["sitting"].path(TIMES, UNIT, 5)
    speed = np.diff(path, axis=0)
    jerk = np.abs(np.diff(speed, axis=0)).max(axis=0)
    assert (jerk < 1.15 * FASTEST * 2 * np.pi / FPS * np.abs(speed).max(axis=0)).all()
