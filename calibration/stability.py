"""Stability: what becomes of the graph and its winner when other people had come to the recordings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Stability:
    """Over bootstrap resamples of the data; arrays in the order of `names`."""

    resamples: int
    seed: int
    drawn: str
    """What was drawn with replacement: subjects where they are known, else samples."""
    of: int
    """How many of them there are."""
    names: tuple[str, ...]
    winner: NDArray[np.float64]
    """(14,): share of the resamples in which the region has the highest out-degree; of a tie of m regions, 1/m each."""
    sole: NDArray[np.float64]
    """(14,): share in which it alone has."""
    out_degree: NDArray[np.float64]
    """(14,): mean."""
    interval: NDArray[np.float64]
    """(14, 2): 2.5th and 97.5th percentile of the out-degree."""
    possible: NDArray[np.float64]
    """(14,): mean possible out-degree."""
    edges: NDArray[np.float64]
    """(14, 14): share of the resamples with i → j."""
    adjacent: NDArray[np.float64]
    """(14, 14), symmetric: share with any edge between i and j."""
    none: float
    """Share that has no directed edge and so names no winner; `winner` and this sum to 1."""
