"""Bends a picture: moves the skin of every face by a field that lies in that face's own square."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.frame import Image
from deadpan.stickers.field import SIDE, Affine, Field, round_about
from deadpan.stickers.protection import Bent

LEVELS = 6
"""Grey levels by which two workings-out of one pixel may differ: OpenCV places samples to 1/32 px."""
BAND = 32
"""Rows of the picture that are bent at once, as far as the field moves them: a third less than all that is in reach."""

Way = tuple[NDArray[np.float32], NDArray[np.float32]]
"""How far right and down of each pixel lies what it shows, px, in two arrays of one shape."""


def bend(picture: Image, skin: Sequence[Bent]) -> Image:
    """A new picture, (h, w, 3) uint8 BGR, that shows at each place z of a face what `picture` shows at z + field(z).

    Where several faces' fields reach, it shows what `as_one` says. Where all are 0 the pixels stay as they are.
    """
    shown = picture.copy()
    reached = [reach(picture, bent.field, bent.place) for bent in skin]
    for rows, columns in reached:
        if rows.stop > rows.start and columns.stop > columns.start:
            # Where two meet, both times the same is shown.
            near = [bent for bent, other in zip(skin, reached, strict=True) if _meet((rows, columns), other)]
            ways = [(way(bent.field, bent.place, rows, columns), _size(bent.place)) for bent in near]
            _show(picture, shown, rows, columns, as_one(ways))
    return shown


def _meet(one: tuple[slice, slice], other: tuple[slice, slice]) -> bool:
    return all(a.start < b.stop and b.start < a.stop for a, b in zip(one, other, strict=True))


def _show(picture: Image, shown: Image, rows: slice, columns: slice, moved: Way) -> None:
    """Fill in what is `shown` on these rows and columns, which is `moved`; `moved` is written on."""
    across, down = moved
    tops = np.arange(0, len(across), BAND)
    some = np.logical_or.reduceat((across != 0) | (down != 0), tops)
    across += np.arange(columns.start, columns.stop, dtype=np.float32)
    down += np.arange(rows.start, rows.stop, dtype=np.float32)[:, None]
    for top, there in zip(tops, some, strict=True):
        if there.any():
            part = slice(top, top + BAND), slice(there.argmax(), len(there) - there[::-1].argmax())
            # Cubic, because a picture that gets softer and sharper as the field changes would shimmer.
            came = cv2.remap(picture, across[part], down[part], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            shown[rows, columns][part] = came


def as_one(ways: Sequence[tuple[Way, float]]) -> Way:
    """One way of several faces': their mean, in which each counts as the square of its length, in squares of its own.

    Each of `ways` comes with the px of the picture to a px of its square. So whoever sees skin move far takes it off:
    whole where the other face's field knows nothing of it, and once where two squares hold the same skin. (Added up,
    0.4 to 0.7 of such a motion is seen the other way round; so, 0.06 at most: `tests/test_still.py`.) Under `still` two
    decoys meet there, and of a motion that is smaller than they are, a quarter of a hundredth of the face's width, 0.3
    is seen (a lab script). A pixel that any of them moves stays where it was only if another is as long and points the
    other way, which is so at single places.
    """
    first, _ = ways[0]
    if len(ways) == 1:
        return first
    total, across, down = (np.zeros_like(first[0]) for _ in range(3))
    for (x, y), size in ways:
        length = (x * x + y * y) / np.float32(size * size)
        total += length
        across += length * x
        down += length * y
    some = np.maximum(total, np.float32(1e-12))
    return np.asarray(across / some, np.float32), np.asarray(down / some, np.float32)


def way(field: Field, place: Affine, rows: slice, columns: slice) -> Way:
    """The way of one face's field on these rows and columns of the picture, (h, w) float32 each."""
    back = np.linalg.inv(place[:, :2])
    here = np.column_stack([place[:, :2], place[:, :2] @ (columns.start, rows.start) + place[:, 2]])
    size = (columns.stop - columns.start, rows.stop - rows.start)
    x, y = cv2.split(field)
    across, down = (
        cv2.warpAffine(np.float32(u) * x + np.float32(v) * y, here, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        for u, v in back
    )
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def _size(place: Affine) -> float:
    """Px of the picture to a px of the square."""
    return 1 / float(np.sqrt(abs(np.linalg.det(place[:, :2]))))


def reach(picture: Image, field: Field, place: Affine) -> tuple[slice, slice]:
    """The rows and columns of the picture that the field may move."""
    some = field.reshape(SIDE, -1) != 0
    across, down = np.flatnonzero(some.any(axis=0)) // 2, np.flatnonzero(some.any(axis=1))
    if not len(across):
        return slice(0, 0), slice(0, 0)
    low, high = (across[0] - 1, down[0] - 1), (across[-1] + 1, down[-1] + 1)
    left, top, right, bottom = (max(edge, 0) for edge in round_about(low, high, place, 1))
    return slice(top, min(bottom, len(picture))), slice(left, min(right, picture.shape[1]))


def bent_at(clean: Image, skin: Sequence[Bent], at: NDArray[np.intp]) -> NDArray[np.uint8]:
    """(n, 3): what `bend` shows at each of the places `at`, (n, 2) px, worked out anew, for those places alone.

    For whoever lets frames out and does not take a protection's word for it. May differ from `bend` by `LEVELS`.
    """
    if not len(at):
        return np.zeros((0, 3), np.uint8)  # OpenCV takes no empty maps
    return _sampled(clean, at + moved_at(skin, at), cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)


def moved_at(skin: Sequence[Bent], at: NDArray[np.floating] | NDArray[np.intp]) -> NDArray[np.float32]:
    """(n, 2) float32: how far right and down of each of the places `at`, (n, 2) px, lies what `bend` shows there."""
    ways = []
    for bent in skin:
        there = at @ bent.place[:, :2].T + bent.place[:, 2]
        moved = _sampled(bent.field, there, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT)
        across, down = np.asarray(moved @ np.linalg.inv(bent.place[:, :2]).T, np.float32).T
        ways.append(((across, down), _size(bent.place)))
    return np.stack(as_one(ways), axis=1)


def _sampled(picture: NDArray[Any], at: NDArray[np.floating], how: int, beyond: int) -> NDArray[Any]:
    """(n, channels): what a picture shows at (n, 2) px."""
    x, y = np.asarray(at, np.float32).T
    shown: NDArray[Any] = cv2.remap(picture, x[None].copy(), y[None].copy(), how, borderMode=beyond)[0]
    return shown
