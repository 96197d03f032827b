"""Bends a picture: moves the skin of a face by a field that lies in the face's own square."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.frame import Image
from deadpan.stickers.skin import SIDE, Affine, Field, round_about

LEVELS = 6
"""Grey levels by which two workings-out of one pixel may differ: OpenCV places samples to 1/32 px."""
BAND = 32
"""Rows of the picture that are bent at once, as far as the field moves them: a third less than all that is in reach."""


def bend(picture: Image, field: Field, place: Affine) -> Image:
    """A new picture, (h, w, 3) uint8 BGR, that shows at each place z of the face what `picture` shows at z + field(z).

    `place` takes px of the picture to px of the square. Where the field is 0 the pixels stay as they are.
    """
    bent = picture.copy()
    rows, columns = reach(picture, field, place)
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return bent
    across, down = way(field, place, rows, columns)
    tops = np.arange(0, len(across), BAND)
    moved = np.logical_or.reduceat((across != 0) | (down != 0), tops)
    across += np.arange(columns.start, columns.stop, dtype=np.float32)
    down += np.arange(rows.start, rows.stop, dtype=np.float32)[:, None]
    for top, there in zip(tops, moved, strict=True):
        if there.any():
            part = slice(top, top + BAND), slice(there.argmax(), len(there) - there[::-1].argmax())
            # Cubic, because a picture that gets softer and sharper as the field changes would shimmer.
            shown = cv2.remap(picture, across[part], down[part], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            bent[rows, columns][part] = shown
    return bent


def way(field: Field, place: Affine, rows: slice, columns: slice) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far right and down of each pixel of these rows and columns lies what it shows, (h, w) float32 each, px."""
    back = np.linalg.inv(place[:, :2])
    here = np.column_stack([place[:, :2], place[:, :2] @ (columns.start, rows.start) + place[:, 2]])
    size = (columns.stop - columns.start, rows.stop - rows.start)
    x, y = cv2.split(field)
    across, down = (
        cv2.warpAffine(np.float32(u) * x + np.float32(v) * y, here, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        for u, v in back
    )
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def reach(picture: Image, field: Field, place: Affine) -> tuple[slice, slice]:
    """The rows and columns of the picture that the field may move."""
    some = field.reshape(SIDE, -1) != 0
    across, down = np.flatnonzero(some.any(axis=0)) // 2, np.flatnonzero(some.any(axis=1))
    if not len(across):
        return slice(0, 0), slice(0, 0)
    low, high = (across[0] - 1, down[0] - 1), (across[-1] + 1, down[-1] + 1)
    left, top, right, bottom = (max(edge, 0) for edge in round_about(low, high, place, 1))
    return slice(top, min(bottom, len(picture))), slice(left, min(right, picture.shape[1]))


def bent_at(clean: Image, field: Field, place: Affine, at: NDArray[np.intp]) -> NDArray[np.uint8]:
    """(n, 3): what `bend` shows at each of the places `at`, (n, 2) px, worked out anew, for those places alone.

    For whoever lets frames out and does not take a protection's word for it. May differ from `bend` by `LEVELS`.
    """
    if not len(at):
        return np.zeros((0, 3), np.uint8)  # OpenCV takes no empty maps
    moved = _sampled(field, at @ place[:, :2].T + place[:, 2], cv2.INTER_LINEAR, cv2.BORDER_CONSTANT)
    came = at + moved @ np.linalg.inv(place[:, :2]).T
    return _sampled(clean, came, cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)


def _sampled(picture: NDArray[Any], at: NDArray[np.floating], how: int, beyond: int) -> NDArray[Any]:
    """(n, channels): what a picture shows at (n, 2) px."""
    x, y = np.asarray(at, np.float32).T
    shown: NDArray[Any] = cv2.remap(picture, x[None].copy(), y[None].copy(), how, borderMode=beyond)[0]
    return shown
