"""Independence: Pearson's chi-square test of two columns given others, many at a time on one table of levels.

The statistic and its degrees of freedom are those of causal-learn's `chisq`: summed over the strata that occur, rows
and columns that are empty in a stratum not counted, p = 1 where no degree of freedom is left. What a test of a pair
shares with others, the codes of the pair and of the strata, is computed once, and the tables of many tests are counted
in one pass: that is what makes a bootstrap over whole graphs affordable.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from deadpan.calibration.graph.discretise import FEW, Cells, Levels

Set = tuple[int, ...]
"""Columns that are conditioned on, ascending."""
Test = tuple[int, int, Set]
"""Columns x < y and what they are conditioned on."""
CHUNK = 1 << 18
"""Numbers that are worked on at once: a few megabytes, which stay near the processor."""


class ChiSquare:
    """The test on one table of levels."""

    def __init__(self, levels: Levels) -> None:
        """Of (n, v) levels, whatever their numbers."""
        numbered = [np.unique(column, return_inverse=True)[1] for column in np.asarray(levels).T]
        self.columns = np.array(numbered, np.int64)
        """(v, n): the levels of each column that occur, from 0."""
        self.n = self.columns.shape[1]
        self.card = int(self.columns.max(initial=0)) + 1
        """Levels of the column that has most; tables of the others have empty rows, which do not count."""
        self._pairs: dict[tuple[int, int], NDArray[np.int64]] = {}
        self._strata: dict[Set, tuple[NDArray[np.int64], int]] = {(): (np.zeros(self.n, np.int64), 1)}
        self._cells = self._few = 0

    @property
    def cells(self) -> Cells:
        """How well filled the tables were of all tests made so far."""
        return Cells(self._cells, self._few)

    def p_values(self, tests: Sequence[Test]) -> NDArray[np.float64]:
        """Of each test, as many as there are: (m,) float64."""
        strata = [self._stratum(given) for _, _, given in tests]
        most = max((count for _, count in strata), default=1)
        step = max(1, CHUNK // max(self.n, most * self.card**2))
        parts = [
            self._batch([self._pair(x, y) for x, y, _ in tests[start : start + step]], strata[start : start + step])
            for start in range(0, len(tests), step)
        ]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _pair(self, x: int, y: int) -> NDArray[np.int64]:
        if (x, y) not in self._pairs:
            self._pairs[x, y] = self.columns[x] * self.card + self.columns[y]
        return self._pairs[x, y]

    def _stratum(self, given: Set) -> tuple[NDArray[np.int64], int]:
        """Which combination of the columns' levels each row shows, (n,), and how many numbers that may take."""
        if given not in self._strata:
            coarse, count = self._stratum(given[:-1])
            code, count = coarse * self.card + self.columns[given[-1]], count * self.card
            if count > self.n:
                # Most combinations do not occur: those that do are numbered anew, or tables would grow without end.
                used = np.bincount(code, minlength=count) > 0
                code, count = (np.cumsum(used) - 1)[code], int(used.sum())
            self._strata[given] = code, count
        return self._strata[given]

    def _batch(
        self, pairs: list[NDArray[np.int64]], strata: list[tuple[NDArray[np.int64], int]]
    ) -> NDArray[np.float64]:
        m, strides = len(pairs), max(count for _, count in strata)
        layers = m * strides
        # The cell comes first and the layer last, so that sums over rows and columns run along memory.
        place = np.array(pairs) * layers
        place += np.array([code for code, _ in strata])
        place += np.arange(m)[:, None] * strides
        counts = np.bincount(place.ravel(), minlength=self.card**2 * layers).astype(float)
        tables = counts.reshape(self.card, self.card, layers)
        rows, columns = tables.sum(axis=1), tables.sum(axis=0)
        total = rows.sum(axis=0)
        expected = rows[:, None] * columns[None] / np.maximum(total, 1)
        statistic = ((tables - expected) ** 2 / np.where(expected > 0, expected, 1)).sum(axis=(0, 1))
        free = np.maximum((rows > 0).sum(axis=0) - 1, 0) * np.maximum((columns > 0).sum(axis=0) - 1, 0)
        self._cells += int(np.count_nonzero(expected))
        self._few += int(np.count_nonzero((expected > 0) & (expected < FEW)))
        freedom = free.reshape(m, strides).sum(axis=1)
        tail = chdtrc(np.maximum(freedom, 1), statistic.reshape(m, strides).sum(axis=1))
        return np.where(freedom > 0, tail, 1.0)
