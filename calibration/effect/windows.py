"""Rectangles on motion maps: the regions' windows, and patches laid on them."""

import numpy as np
from numpy.typing import NDArray

from deadpan.models.maps import Maps
from deadpan.stickers.regions import REGIONS, UNIT

Cells = NDArray[np.bool_]
"""(…, 28, 28) bool: rows, columns; which cells of a map a rectangle takes."""
Sizes = NDArray[np.float32]
"""(…, 2) float32: width and height, or x and y, as fractions of the crop."""
GRID = 28


def cells(centre: Sizes, size: Sizes) -> Cells:
    """The cells whose middle lies in the upright rectangle of `size` about `centre`; never none: at least the nearest.

    Leading axes are broadcast. A rectangle that reaches over the crop's edge is cut off there.
    """
    columns, rows = _sides(centre, size)
    return np.asarray(rows[..., :, None] & columns[..., None, :])


def covered(centre: Sizes, size: Sizes) -> NDArray[np.float64]:
    """(…,): the share of the crop's cells that rectangles about (…, count, 2) centres take together.

    As `cells(centre, size).any(axis=-3).mean(axis=(-2, -1))` says, in a twentieth of the time: a row of cells is the
    bits of a number.
    """
    columns, rows = _sides(centre, size)
    bits = (columns << np.arange(GRID, dtype=np.uint32)).sum(axis=-1, dtype=np.uint32)
    taken = np.bitwise_or.reduce(np.where(rows, bits[..., None], np.uint32(0)), axis=-2)
    return np.asarray(np.bitwise_count(taken).sum(axis=-1) / GRID**2, np.float64)


def _sides(centre: Sizes, size: Sizes) -> tuple[Cells, Cells]:
    """(…, 28) each: which columns and which rows rectangles take."""
    middle = (np.arange(GRID, dtype=np.float32) + 0.5) / GRID
    centre, size = np.broadcast_arrays(np.asarray(centre, np.float32), np.asarray(size, np.float32))
    # A centre beyond the edge still marks a cell at the edge: what is left of the region there.
    nearest = np.clip((centre * GRID).astype(int), 0, GRID - 1)
    off = np.abs(middle - centre[..., None])
    inside = off <= size[..., None] / 2
    inside |= np.arange(GRID) == nearest[..., None]
    return inside[..., 0, :], inside[..., 1, :]


def windows(maps: Maps) -> Cells:
    """(n, 14, 28, 28): the regions' own windows on each map, in the order of `REGIONS`."""
    halves = np.array([region.half_window for region in REGIONS], np.float32)
    return cells(maps.roi_center, 2 * halves / UNIT * maps.face_size[:, None])


def patches(maps: Maps, centre: Sizes, k: float) -> Cells:
    """What a sticker of k tenths of the face covers about `centre`, (n, …, 2): (n, …, 28, 28)."""
    size = k / 10 * maps.face_size.reshape(len(maps), *[1] * (centre.ndim - 2), 2)
    return cells(centre, size)
