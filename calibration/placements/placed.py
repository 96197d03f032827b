"""What a placement gives: stickers, and how often it asked the victim before it knew where."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.targets.target import Said, Stickers


@dataclass(frozen=True, eq=False)
class Placed:
    """Stickers for m clips."""

    stickers: Stickers
    """(m, s, 4)."""
    queries: NDArray[np.int64]
    """(m,): answers that the victim was asked for; that which judges the sticker in the end is not among them."""


def upright(centres: NDArray[np.floating]) -> Stickers:
    """(m, 1, 4): one opaque sticker on each clip, about (m, 2) centres."""
    m = len(centres)
    return np.column_stack([centres, np.zeros(m), np.ones(m)]).astype(np.float32)[:, None]


def without_asking(stickers: Stickers) -> Placed:
    """Of a placement that needs no victim."""
    return Placed(stickers, np.zeros(len(stickers), np.int64))


def margin(said: Said, label: NDArray[np.int64]) -> NDArray[np.float32]:
    """By how much the right class leads the best other one, −1…1, for (…, m, 3) answers about (m,) labels.

    Below 0 the victim is wrong. The lowest probability of the right class would not do: it may still be the highest.
    """
    right = np.arange(said.shape[-1]) == label[:, None]
    return np.asarray(np.where(right, said, -1).max(axis=-1) - np.where(right, -1, said).max(axis=-1), np.float32)
