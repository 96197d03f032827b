"""A sample's own graph names a winner only from tables with rows enough."""

import numpy as np
import pytest

from deadpan.calibration.graph.per_sample import PerSample, of_maps, of_series
from deadpan.models.maps import Maps
from deadpan.stickers.regions import NAMES

CHIN = NAMES.index("chin")


def series(frames: int, seed: int = 0) -> np.ndarray:
    """A clip on whose frames the chin drives three regions, each of which has another cause too."""
    values = np.random.default_rng(seed).normal(0, 1, (frames, 14))
    for effect, cause in ((0, 4), (1, 5), (2, 6)):
        values[:, effect] = values[:, CHIN] + values[:, cause] + 0.3 * values[:, effect]
    return values


def maps(n: int, motion: np.ndarray) -> Maps:
    places = np.array([[0.13 + 0.25 * (each % 4), 0.13 + 0.25 * (each // 4)] for each in range(14)], np.float32)
    text = np.arange(n).astype(str)
    return Maps(
        motion, np.zeros(n, np.int64), text, text, text, np.tile(places, (n, 1, 1)), np.ones((n, 2), np.float32)
    )


def whole(found: PerSample) -> float:
    return float(found.share.sum()) + (found.too_few + found.none) / len(found)


def test_the_driver_wins_clips_that_are_long_enough() -> None:
    found = of_series([series(600, seed) for seed in range(6)])
    assert found.share[CHIN] > 0.6
    assert found.share[CHIN] == found.share.max()
    assert found.too_few == 0
    assert whole(found) == pytest.approx(1)
    assert 500 < found.effective <= 600


def test_short_clips_are_too_few_and_name_nobody() -> None:
    found = of_series([series(20), series(600), series(12)])
    assert found.enough == (False, True, False)
    assert found.too_few == 2
    assert found.winners[0] == found.winners[2] == ()
    assert whole(found) == pytest.approx(1)


def test_frames_that_hardly_change_are_worth_less_than_their_number() -> None:
    slow = np.repeat(series(30), 10, axis=0)
    found = of_series([slow])
    assert found.rows == 300
    assert found.effective < 100


def test_clips_without_motion_name_nobody() -> None:
    found = of_series([np.zeros((100, 14))])
    assert (found.winners, found.none, found.share.sum()) == (((),), 1, 0)


def test_a_maps_grid_of_rows_is_worth_far_fewer_and_the_note_says_so() -> None:
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (12, 7, 7, 3)).astype(np.uint8)
    found = of_maps(maps(12, coarse.repeat(4, axis=1).repeat(4, axis=2)))
    assert found.rows == 64
    assert found.effective < 32
    assert "64 of them, worth about" in found.note
    assert "takes every row for independent" in found.note
    assert whole(found) == pytest.approx(1)
    assert any(found.winners)


def test_eight_sectors_are_too_many_for_a_grid() -> None:
    motion = np.random.default_rng(1).integers(0, 256, (4, 28, 28, 3)).astype(np.uint8)
    found = of_maps(maps(4, motion), "direction")
    assert found.too_few == 4
    assert found.winners == ((),) * 4


def test_a_region_reads_its_own_window_only() -> None:
    motion = np.zeros((5, 28, 28, 3), np.uint8)
    motion[:, :7, :7, 0] = np.random.default_rng(2).integers(0, 256, (5, 7, 7))
    heard: list[int] = []
    found = of_maps(maps(5, motion), progress=lambda done, total: heard.append(done))
    assert found.none == 5
    assert heard == [1, 2, 3, 4, 5]
