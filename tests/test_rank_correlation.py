"""Rank correlation of scores and effects."""

from typing import Any, cast

import numpy as np
import pytest
from scipy.stats import spearmanr

from deadpan.calibration.effect.effects import Effect
from deadpan.calibration.effect.rank_correlation import spearman


class Fake:
    """An effect of which only the attack success is looked at."""

    def __init__(self, resampled: np.ndarray) -> None:
        self.resampled = resampled


def effects(resampled: np.ndarray) -> list[Effect]:
    return [cast(Effect, Fake(column)) for column in resampled.T]


@pytest.fixture
def resampled() -> np.ndarray:
    generator = np.random.default_rng(0)
    return np.round(np.linspace(0, 0.3, 14) + generator.normal(0, 0.05, (201, 14)), 2)


def test_it_is_spearmans_with_ties_on_the_data_and_on_each_resample(resampled: np.ndarray) -> None:
    scores = np.array([0, 0, 1, 1, 2, 0, 3, 3, 3, 1, 4, 5, 2, 2])
    found = spearman(scores, effects(resampled))
    assert found is not None
    each = [float(cast(Any, spearmanr(scores, row)).statistic) for row in resampled]
    assert found.value == pytest.approx(each[0])
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(each[1:], (2.5, 97.5))))
    assert found.n == 14


def test_the_same_order_is_one_and_the_reverse_minus_one(resampled: np.ndarray) -> None:
    for sign in (1, -1):
        found = spearman(sign * resampled[0], effects(resampled))
        assert found is not None
        assert found.value == pytest.approx(sign)


def test_where_all_are_alike_there_is_nothing_to_rank(resampled: np.ndarray) -> None:
    assert spearman(np.full(14, 2), effects(resampled)) is None
    assert spearman(np.arange(14), effects(np.zeros((50, 14)))) is None
