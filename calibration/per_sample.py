"""Per sample: a graph from one clip alone, and how often each region wins (the paper's Fig. 5)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class PerSample:
    """Which region wins in each sample's own graph."""

    names: tuple[str, ...]
    winners: tuple[tuple[str, ...], ...]
    """Of each sample, every tie shown; empty where no winner is named."""
    enough: tuple[bool, ...]
    """Of each sample, whether its tables have samples enough to name a winner at all."""
    share: NDArray[np.float64]
    """(14,): share of all samples that the region wins, a tie of m regions counting 1/m each."""
    too_few: int
    """Samples whose tables are too empty: no winner is named."""
    none: int
    """Samples with tables full enough whose graph has no directed edge."""
    rows: int
    """Rows of each sample's table; of a clip's own frames, the median."""
    note: str
    """What the rows are and how much they are worth; sentences."""

    def __len__(self) -> int:
        return len(self.winners)
