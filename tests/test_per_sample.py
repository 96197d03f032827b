"""A sample's own graph names a winner only from tables with rows enough."""

import numpy as np
import pytest

from deadpan.calibration.graph.per_sample import PerSample, of_maps
from deadpan.models.maps import Maps


def maps(n: int, motion: np.ndarray) -> Maps:
    places = np.array([[0.13 + 0.25 * (each % 4), 0.13 + 0.25 * (each // 4)] for each in range(14)], np.float32)
    text = np.arange(n).astype(str)
    return Maps(
        motion, np.zeros(n, np.int64), text, text, text, np.tile(places, (n, 1, 1)), np.ones((n, 2), np.float32)
    )


def whole(found: PerSample) -> float:
    return float(found.share.sum()) + (found.too_few + found.none) / len(found)


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
