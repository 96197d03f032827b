"""The One-Euro filter is its paper's: still at rest, quick in motion, and ignorant of the future."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from deadpan.stickers.smoothing import OneEuro, State

FPS = 30.0


def run(filter_: OneEuro, values: NDArray[np.float64], unit: float = 1.0) -> NDArray[np.float64]:
    """The filtered values, one row a frame."""
    state: State | None = None
    smooth = []
    for index, value in enumerate(values):
        state = filter_.step(state, value, index / FPS, unit)
        smooth.append(state.value)
    return np.array(smooth)


def walk(frames: int, seed: int = 0) -> NDArray[np.float64]:
    """A point that wanders about, (frames, 2)."""
    return np.cumsum(np.random.default_rng(seed).normal(0, 3, (frames, 2)), axis=0)


def test_it_is_the_filter_of_casiez_roussel_and_vogel() -> None:
    cutoff, beta, speed_cutoff, elapsed = 1.5, 0.3, 1.0, 1 / FPS

    def weight(frequency: float) -> float:
        return 1 / (1 + 1 / (2 * np.pi * frequency) / elapsed)

    raw = [4.0, 5.5, 5.0, 9.0]
    smooth, speed = raw[0], 0.0
    expected = [smooth]
    for before, now in pairwise(raw):
        speed = weight(speed_cutoff) * (now - before) / elapsed + (1 - weight(speed_cutoff)) * speed
        share = weight(cutoff + beta * abs(speed))
        smooth = share * now + (1 - share) * smooth
        expected.append(smooth)
    got = run(OneEuro(cutoff, beta, speed_cutoff), np.array(raw)[:, None])[:, 0]
    np.testing.assert_allclose(got, expected, rtol=1e-9)


def test_the_first_value_passes_unchanged() -> None:
    value = np.array([3.0, -4.0])
    np.testing.assert_array_equal(OneEuro(1.0, 0.0).step(None, value, 5.0).value, value)


def test_what_rests_stays_where_it_is() -> None:
    rest = np.tile([100.0, 50.0], (20, 1))
    np.testing.assert_allclose(run(OneEuro(1.0, 2.0), rest), rest)


def test_only_the_past_counts() -> None:
    values = walk(40)
    whole = run(OneEuro(1.2, 12.0), values, unit=200)
    for length in (1, 2, 17, 39):
        np.testing.assert_array_equal(run(OneEuro(1.2, 12.0), values[:length], unit=200), whole[:length])


def test_a_filter_never_leaves_the_range_it_has_seen() -> None:
    values = walk(200)
    smooth = run(OneEuro(0.8, 5.0), values, unit=50)
    for index in range(len(values)):
        seen = values[: index + 1]
        assert (smooth[index] >= seen.min(axis=0) - 1e-9).all()
        assert (smooth[index] <= seen.max(axis=0) + 1e-9).all()


def test_a_lower_cutoff_trembles_less() -> None:
    noise = np.random.default_rng(1).normal(0, 1, (300, 1))
    spread = [run(OneEuro(cutoff, 0.0), noise).std() for cutoff in (8.0, 2.0, 0.5)]
    assert noise.std() > spread[0] > spread[1] > spread[2]
    assert spread[2] < 0.3 * noise.std()


def test_a_higher_beta_lags_less() -> None:
    ramp = np.arange(60, dtype=float)[:, None] * 5
    lags = [float((ramp - run(OneEuro(1.0, beta), ramp))[-1, 0]) for beta in (0.0, 0.05, 0.5)]
    assert lags[0] > 2 * lags[1] > 4 * lags[2] > 0


def test_a_face_twice_as_near_is_smoothed_alike() -> None:
    values = walk(50)
    near = run(OneEuro(1.2, 12.0), 2 * values, unit=400)
    np.testing.assert_allclose(near, 2 * run(OneEuro(1.2, 12.0), values, unit=200), rtol=1e-9)


@pytest.mark.parametrize("time", [2.0, 1.5], ids=["the same", "earlier"])
def test_a_time_that_does_not_rise_starts_afresh(time: float) -> None:
    smoother = OneEuro(1.0, 0.0)
    before = smoother.step(None, np.array([0.0]), 2.0)
    again = smoother.step(before, np.array([10.0]), time)
    assert again.value == pytest.approx([10.0])
    assert again.speed == pytest.approx([0.0])
    assert again.time == time
