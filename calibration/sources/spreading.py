"""A few rows of many, spread over whom or what they are of."""

from collections.abc import Hashable, Sequence

import numpy as np


def spread(kinds: Sequence[Hashable], most: int | None, seed: int = 0) -> list[int]:
    """At most so many rows, in order: their kinds take turns, and in each kind rows are drawn at random.

    So one row of each kind comes before a second of any.
    """
    turns: dict[int, int] = {}
    taken: dict[Hashable, int] = {}
    for row in np.random.default_rng(seed).permutation(len(kinds)).tolist():
        turns[row] = taken[kinds[row]] = taken.get(kinds[row], -1) + 1
    return sorted(sorted(turns, key=lambda row: turns[row])[:most])
