"""The people on whom variants of a training were compared, and those who were kept out of that."""

import numpy as np
from numpy.typing import NDArray

from deadpan.models.maps import Maps

SEED = 2025


def design(maps: Maps) -> NDArray[np.bool_]:
    """(n,): maps of the design half, half of each data set's subjects drawn once; variants are compared on it only.

    Leave-one-subject-out of the other half, the *confirmation half*, is what no such comparison has selected for.
    """
    generator = np.random.default_rng(SEED)
    chosen: list[str] = []
    for name in np.unique(maps.dataset):
        people = np.unique(maps.subject[maps.dataset == name])
        chosen += generator.permutation(people)[: len(people) // 2].tolist()
    return np.isin(maps.subject, chosen)
