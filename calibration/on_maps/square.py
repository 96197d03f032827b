"""Where the square in which skin protections work lies in the crop of the motion maps, for a typical face."""

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.motion import CROP, GRID
from deadpan.stickers.field import SIDE, Field
from deadpan.stickers.skin import ROOM, fade

# fmt: off
OUTLINE = np.array((
    (0.497, -0.050), (0.655, -0.047), (0.791, -0.029), (0.916, 0.010), (1.001, 0.070), (1.056, 0.146),
    (1.088, 0.228), (1.104, 0.330), (1.105, 0.425), (1.099, 0.524), (1.081, 0.629), (1.044, 0.739),
    (0.989, 0.826), (0.923, 0.888), (0.840, 0.944), (0.769, 0.985), (0.693, 1.021), (0.605, 1.047),
    (0.494, 1.056), (0.385, 1.047), (0.302, 1.020), (0.233, 0.984), (0.169, 0.944), (0.095, 0.887),
    (0.038, 0.825), (-0.012, 0.737), (-0.046, 0.626), (-0.065, 0.522), (-0.072, 0.425), (-0.075, 0.331),
    (-0.062, 0.231), (-0.035, 0.148), (0.015, 0.073), (0.093, 0.013), (0.210, -0.027), (0.341, -0.046),
))
# fmt: on
"""`skin.OUTLINE` in the crop, shares of its side, mean over the nine faces of the benchmark (each within .04)."""
SQUEEZED = 0.80
"""How much less the crop shows of a px down than of a px right: it squeezes a face to a square. Mean of the nine."""


def _square() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
    """How the crop lies in the face's square: px a share of the crop, px of its corner, and `OUTLINE` there."""
    upright = OUTLINE / (1, SQUEEZED)
    low, high = upright.min(axis=0), upright.max(axis=0)
    scale = SIDE / (ROOM * float((high - low).max()))
    corner = (SIDE - 1) / 2 - scale * (low + high) / 2
    return scale / np.array([1, SQUEEZED]), corner, np.asarray(scale * upright + corner, np.float32)


_SCALE, _CORNER, _OUTLINE = _square()
WIDTH = float(np.ptp(_OUTLINE[:, 0]))
"""Px of the square: the face's width there."""
TO_CROP = np.column_stack([np.diag(CROP / _SCALE), -_CORNER * CROP / _SCALE - 0.5])
"""(2, 3): takes px of the square to px of the crop."""
SQUARE_FADE = fade(_OUTLINE, WIDTH)
"""(SIDE, SIDE): the live code's own fade, in the square."""


def in_crop(field: Field) -> NDArray[np.float32]:
    """(28, 28, …): what lies in the square, as the cells of the crop have it on the mean."""
    at = (np.arange(CROP) + 0.5) / CROP
    x, y = (np.asarray(at * scale + corner, np.float32) for scale, corner in zip(_SCALE, _CORNER, strict=True))
    laid = cv2.remap(field, *np.meshgrid(x, y), cv2.INTER_LINEAR)
    return np.asarray(cv2.resize(laid, (GRID, GRID), interpolation=cv2.INTER_AREA), np.float32)


FADE = in_crop(SQUARE_FADE)
"""(28, 28): how much of what is frozen, and of the decoy, is applied in each cell."""
