"""The people who had a say in how a recognizer is trained, and those who had none."""

import numpy as np
from numpy.typing import NDArray

from deadpan.models.maps import Maps

SEED = 2025


def design(maps: Maps) -> NDArray[np.bool_]:
    """(n,): maps of the design half, half of each data set's subjects drawn once; variants are compared on it only.

    What leave-one-subject-out says of the other half, the *confirmation half*, has not been selected for.
    """
    generator = np.random.default_rng(SEED)
    chosen: list[str] = []
    for name in np.unique(maps.dataset):
        people = np.unique(maps.subject[maps.dataset == name])
        chosen += generator.permutation(people)[: len(people) // 2].tolist()
    return np.isin(maps.subject, chosen)
