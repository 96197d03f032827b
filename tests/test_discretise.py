"""Levels are even parts of each column; what is too thin is told."""

import numpy as np

from deadpan.calibration.graph.discretise import Cells, levels, of, pairwise
from deadpan.calibration.graph.features import Features


def test_terciles_are_of_equal_size_and_in_order() -> None:
    values = np.random.default_rng(0).normal(0, 1, (300, 14)).astype(np.float32)
    cut = levels(values)
    for column, level in zip(values.T, cut.T, strict=True):
        assert np.bincount(level).tolist() == [100, 100, 100]
        assert (
            column[level == 0].max() < column[level == 1].min() <= column[level == 1].max() < column[level == 2].min()
        )


def test_equal_values_stay_together_and_a_constant_has_one_level() -> None:
    values = np.zeros((90, 2), np.float32)
    values[80:, 0] = np.arange(1, 11)
    cut = levels(values)
    assert len(set(cut[:80, 0])) == 1
    assert set(cut[80:, 0]) == {2}
    assert set(cut[:, 1]) == {0}


def test_classes_are_numbered_and_never_cut() -> None:
    classes = np.array([[7, 1], [7, 5], [2, 1]])
    assert levels(classes).tolist() == [[1, 0], [1, 1], [0, 0]]
    subjects = np.array(["a", "b", "c"])
    named = Features("direction", "sector", classes.astype(np.float32), subjects, categorical=True)
    assert of(named).tolist() == levels(classes).tolist()
    assert of(Features("strain", "level", classes.astype(np.float32), subjects)).tolist() != levels(classes).tolist()


def test_the_warning_comes_exactly_when_cells_are_too_thin() -> None:
    values = np.random.default_rng(1).normal(0, 1, (450, 14))
    assert pairwise(levels(values)) == Cells(14 * 13 // 2 * 9, 0)
    assert not pairwise(levels(values)).warning("tables")
    thin = pairwise(levels(values[:30]))
    assert thin.share == 1.0
    assert "100% of the cells of the tables expect fewer than 5" in thin.warning("tables")
