"""Discretise: features as a few levels, and whether there are enough samples for as many."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.graph.features import Features

Levels = NDArray[np.int64]
"""(n, 14) int64 from 0: which part of its column's distribution each value lies in, or which class it is."""
BINS = 3
FEW = 5
"""Expected count under which the chi-square statistic does not follow its distribution (Cochran 1954)."""
TOLERABLE = 0.2
"""Share of cells under `FEW` that Cochran's rule lets pass."""


def levels(values: NDArray[np.floating] | NDArray[np.integer], bins: int = BINS) -> Levels:
    """Each column cut at its own quantiles into `bins` parts of equal size, terciles by default, (n, 14) from 0.

    Equal values stay in one part, the lower, so a constant column is 0 throughout; whole numbers are classes already
    and are only renumbered.
    """
    values = np.asarray(values)
    if values.dtype.kind in "iub":
        return np.column_stack([np.unique(column, return_inverse=True)[1] for column in values.T]).astype(np.int64)
    cuts = np.quantile(values, np.arange(1, bins) / bins, axis=0)
    return np.asarray((values[..., None] > cuts.T).sum(axis=-1), np.int64)


def of(features: Features, bins: int = BINS) -> Levels:
    """Levels of `features`: classes as they are, quantities cut by `levels`."""
    return levels(features.values.astype(np.int64) if features.categorical else features.values, bins)


@dataclass(frozen=True)
class Cells:
    """How well filled contingency tables are."""

    cells: int
    """In all tables, without rows and columns that are empty."""
    few: int
    """Those of which fewer than `FEW` are expected under independence."""

    @property
    def share(self) -> float:
        """Of the cells, those with too few; 0 when there is no cell."""
        return self.few / self.cells if self.cells else 0.0

    def warning(self, tables: str) -> str:
        """One sentence when Cochran's rule does not hold for the `tables`, else nothing."""
        if self.share <= TOLERABLE:
            return ""
        return (
            f"{self.share:.0%} of the cells of the {tables} expect fewer than {FEW} samples "
            f"(at most {TOLERABLE:.0%} should): their tests see little, and find independence too easily"
        )


def pairwise(cut: Levels) -> Cells:
    """Over the tables of every two columns."""
    n, columns = cut.shape
    marginal = [np.bincount(cut[:, column]) for column in range(columns)]
    expected = [
        np.outer(marginal[i][marginal[i] > 0], marginal[j][marginal[j] > 0]).ravel() / n
        for i in range(columns)
        for j in range(i)
    ]
    every = np.concatenate(expected)
    return Cells(len(every), int((every < FEW).sum()))
