"""Intervention on motion maps: do(v = δ), and what no intervention can go below.

A sticker is rigid on the face: where it lies nothing moves, which on a map is the level where most of that face lies,
the median of the channel. A recognizer stretches each channel of what it sees to 0–255, so what is left elsewhere is
stretched again: without that step effects come out up to 1.6 times too large.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.windows import GRID, Cells
from deadpan.models.maps import SHAPE

Motion = NDArray[np.uint8]
"""(n, 28, 28, 3) uint8: strain, v, u, each channel of each map stretched to 0–255."""
GRAIN = 9
"""Grains of smooth noise along a side, as in the noise of training: dense flow errs over areas a few cells wide."""


class Intervention:
    """do(v = δ) on the same maps again and again; `do` for once."""

    def __init__(self, motion: Motion) -> None:
        """`motion` is not changed."""
        # One row for each channel of a map: a reduction along it is ten times as fast as over rows and columns.
        self._levels = np.ascontiguousarray(motion.transpose(0, 3, 1, 2)).reshape(len(motion), 3, GRID * GRID)
        self._still = np.median(self._levels, axis=2).astype(np.float32)[:, :, None]

    def __call__(self, taken: Cells, rows: NDArray[np.intp] | slice = slice(None)) -> Motion:
        """The maps at `rows` with nothing moving in `taken`, (m, 28, 28) or (28, 28) for all; stretched again."""
        levels = self._levels[rows]
        covered = np.broadcast_to(taken, (len(levels), GRID, GRID)).reshape(len(levels), 1, GRID * GRID)
        return _stretched(np.where(covered, self._still[rows], levels.astype(np.float32)))


def do(motion: Motion, taken: Cells) -> Motion:
    """`motion` with nothing moving in the cells `taken`, (n, 28, 28) bool: each channel at its own median there.

    Each channel is stretched to 0–255 again; one in which nothing is left becomes level 0, as it does live.
    """
    return Intervention(motion)(taken)


def constant(n: int) -> Motion:
    """n maps of nothing: what a recognizer says of them owes nothing to any face."""
    return np.zeros((n, *SHAPE), np.uint8)


def noise(n: int, seed: int = 0) -> Motion:
    """n maps of smooth noise: faces on which nothing moved, the noise of dense flow stretched to 0–255."""
    coarse = np.random.default_rng(seed).standard_normal((n * 3, GRAIN, GRAIN), np.float32)
    smooth = np.stack([cv2.resize(each, (GRID, GRID), interpolation=cv2.INTER_CUBIC) for each in coarse])
    return _stretched(smooth.reshape(n, 3, GRID * GRID))


def _stretched(levels: NDArray[np.float32]) -> Motion:
    """(n, 3, 784) float32 → maps."""
    low = levels.min(axis=2, keepdims=True)
    span = levels.max(axis=2, keepdims=True) - low
    # In place: this runs some thousand times in a calibration.
    levels = levels - low
    levels *= 255 / np.where(span > 0, span, 1)
    np.rint(levels, out=levels)
    return np.ascontiguousarray(levels.astype(np.uint8).reshape(-1, 3, GRID, GRID).transpose(0, 2, 3, 1))
