"""Skeleton: which regions hang together directly, as PC's stable search finds it, and what separates the others."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.graph.independence import ChiSquare, Test

Separating = dict[tuple[int, int], set[int]]
"""For columns x < y without an edge, every column of every set that made them independent."""


def skeleton(test: ChiSquare, alpha: float) -> tuple[NDArray[np.bool_], Separating]:
    """(v, v) symmetric adjacency, and the separating sets; the same as causal-learn's `skeleton_discovery`, stable.

    Neighbours are those at the start of each depth (Colombo & Maathuis 2014), so every test of a depth is known before
    the first is made, and all are made together; like causal-learn, and unlike the textbook, none is left out once a
    set has separated its pair, since the union of the sets decides about colliders.
    """
    v = len(test.columns)
    adjacent = ~np.eye(v, dtype=bool)
    separating: Separating = {}
    depth = 0
    while adjacent.sum(axis=1).max(initial=0) > depth:
        near = [np.flatnonzero(row).tolist() for row in adjacent]
        tests: list[Test] = []
        for x in range(v):
            for y in near[x]:
                if y > x:
                    sets = set(combinations([each for each in near[x] if each != y], depth))
                    sets.update(combinations([each for each in near[y] if each != x], depth))
                    tests += [(x, y, given) for given in sets]
        for p, (x, y, given) in zip(test.p_values(tests).tolist(), tests, strict=True):
            if p > alpha:
                separating.setdefault((x, y), set()).update(given)
                adjacent[x, y] = adjacent[y, x] = False
        depth += 1
    return adjacent, separating
