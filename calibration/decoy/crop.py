"""Where the decoy's square lies in the crop of the motion maps, for a typical face."""

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.motion import GRID
from deadpan.stickers.basis import NODES
from deadpan.stickers.decoy import spread
from deadpan.stickers.skin import EDGE

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
FINE = 10
"""Px per cell at which the fade is drawn before it is averaged over the cell."""


def cells() -> NDArray[np.float32]:
    """(784, 49): how much of each node's motion every cell of the crop is given, row by row, before any fade."""
    at = (np.arange(GRID) + 0.5) / GRID
    x, y = np.meshgrid(CORNER[0] + SCALE[0] * at, CORNER[1] + SCALE[1] * at)
    of_nodes = spread(np.eye(NODES * NODES, dtype=np.float32).reshape(-1, NODES, NODES, 1))
    side = of_nodes.shape[1]
    across, down = (np.asarray(side * each - 0.5, np.float32) for each in (x, y))
    there = [cv2.remap(each, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for each in of_nodes]
    return np.stack(there, axis=-1).reshape(GRID * GRID, -1)


def fade() -> NDArray[np.float32]:
    """(28, 28), 0…1: how much of a field each cell of the crop is given."""
    side = FINE * GRID
    right = np.array(OUTLINE)
    whole = np.concatenate([right, (right * (-1, 1) + (1, 0))[-2:0:-1]])
    # Drawn on a canvas of three crops, for the outline reaches beyond the crop.
    corners = ((whole - CORNER) / SCALE + 1) * side - 0.5
    inside = np.zeros((3 * side, 3 * side), np.uint8)
    cv2.fillPoly(inside, [np.rint(corners * 16).astype(np.int32)], 255, shift=4)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[side : 2 * side, side : 2 * side]
    # The crop's scales differ by a fifth; their mean is near enough for a rim of one cell and a half.
    share = np.clip(depth / (EDGE * WIDTH / SCALE.mean() * side), 0, 1)
    drawn = np.asarray(share * share * (3 - 2 * share), np.float32)
    return np.asarray(cv2.resize(drawn, (GRID, GRID), interpolation=cv2.INTER_AREA), np.float32)
