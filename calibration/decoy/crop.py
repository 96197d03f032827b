"""Where the decoy's square lies in the crop of the motion maps, for a typical face."""

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.motion import GRID
from deadpan.stickers import skin
from deadpan.stickers.basis import NODES
from deadpan.stickers.decoy import spread
from deadpan.stickers.skin import SIDE

WIDTH = 0.676
"""The face's width in shares of the square's side. These four are medians over the nine people of
`calibration/synthetic/faces.py`, laid in the crop by `models.motion.frontal` and in the square by `skin.baseline`."""
SCALE = np.array([0.589, 0.723])
"""The crop's width and height in shares of the square's side."""
CORNER = np.array([0.200, 0.141])
"""Where the crop's left upper corner lies in the square, shares of its side."""
# fmt: off
OUTLINE = ((0.500, 0.100), (0.670, 0.115), (0.787, 0.187), (0.834, 0.302), (0.838, 0.447), (0.828, 0.596),
           (0.774, 0.736), (0.687, 0.820), (0.610, 0.875), (0.500, 0.900))
# fmt: on
"""The right half of the face's outline in the square, shares of its side; the left half is its mirror image."""


def cells() -> NDArray[np.float32]:
    """(784, 49): how much of each node's motion every cell of the crop is given, row by row, before the fade."""
    nodes = np.eye(NODES * NODES, dtype=np.float32).reshape(-1, NODES, NODES, 1)
    return np.asarray(_at_cells(spread(nodes)[..., 0]).reshape(len(nodes), -1).T)


def fade() -> NDArray[np.float32]:
    """(28, 28), 0…1: how much of a field each cell of the crop is given (`skin.fade`)."""
    right = np.array(OUTLINE)
    whole = np.concatenate([right, (right * (-1, 1) + (1, 0))[-2:0:-1]])
    square = skin.fade(np.asarray(SIDE * whole - 0.5, np.float32), WIDTH * SIDE)
    return np.asarray(_at_cells(square[None])[0], np.float32)


def _at_cells(squares: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 28, 28): what squares, (n, side, side), show at the middle of each cell."""
    side = squares.shape[1]
    at = (np.arange(GRID) + 0.5) / GRID
    across, down = np.meshgrid(*(side * (CORNER[axis] + SCALE[axis] * at) - 0.5 for axis in (0, 1)))
    places = np.asarray(across, np.float32), np.asarray(down, np.float32)
    return np.stack([cv2.remap(each, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for each in squares])
