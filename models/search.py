"""Where to look for faces that the landmarker does not see in the whole picture.

It acquires a face only from about 10 % of the picture's width on. So the picture is cut into overlapping
square tiles, and beside the call on the whole picture one tile is searched at a time: first those in which
something changed, for somebody who comes in changes the picture, otherwise each in turn.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.frame import Image

CELL = 8
"""Px along the side of one cell of the thumbnail in which change is measured."""
CHANGE = 22
"""Grey levels by which a cell must differ to count as changed: above four sigma of a webcam's noise."""
STIR = 20
"""Changed cells that make a tile worth a look at once: half of the smallest face's 48 × 60 px."""
CUT = 0.3
"""Share of all cells that change between two frames only when the picture was cut or covered."""


@dataclass(frozen=True)
class Tile:
    """A square of the picture, px."""

    left: int
    top: int
    side: int

    def cut(self, picture: Image) -> Image:
        """The tile's own pixels (a view)."""
        return picture[self.top : self.top + self.side, self.left : self.left + self.side]


def tiles(width: int, height: int) -> list[Tile]:
    """Squares that cover a picture of `width` × `height` px and overlap by more than the faces they are for.

    Side .61 of the picture's shorter edge, overlap at least 12 % of its width: every face too small for the
    whole picture lies in one of them whole. At 1280×720: 8 tiles of 440 px, in which a face of 48 px is found.
    """
    side = round(0.61 * min(width, height))
    overlap = min(round(0.12 * width), side // 2)

    def starts(length: int) -> list[int]:
        count = max(1, -(-(length - overlap) // (side - overlap)))
        return [round(i * (length - side) / max(1, count - 1)) for i in range(count)]

    return [Tile(left, top, side) for top in starts(height) for left in starts(width)]


class Search:
    """Chooses the tiles to search on each frame; keeps thumbnails only, never a picture."""

    def __init__(self, width: int, height: int) -> None:
        """Plan for pictures of `width` × `height` px."""
        self.tiles = tiles(width, height)
        self._age = np.full(len(self.tiles), 10**6)
        self._before: NDArray[np.uint8] | None = None
        self._searched: list[NDArray[np.uint8] | None] = [None] * len(self.tiles)
        self._rest = False

    def due(self, picture: Image, faces: list[tuple[float, float, float, float]]) -> list[int]:
        """The numbers of the tiles to search on this frame, most urgent first.

        `picture` is (h, w, 3) uint8; `faces` are the boxes (left, top, right, bottom, px) that are followed
        already: what moves in there is no reason to search.
        """
        thumbnail = cv2.blur(np.ascontiguousarray(picture[CELL // 2 :: CELL, CELL // 2 :: CELL, 1]), (3, 3))
        open_ = np.ones(thumbnail.shape, bool)
        for left, top, right, bottom in faces:
            grow = 0.15 * (right - left)  # hair and ears move with the face
            rows = slice(max(0, int((top - 2 * grow) / CELL)), max(0, int((bottom + grow) / CELL) + 1))
            open_[rows, max(0, int((left - grow) / CELL)) : max(0, int((right + grow) / CELL) + 1)] = False
        before, self._before = self._before, np.asarray(thumbnail, np.uint8)
        self._age += 1
        if before is None or before.shape != thumbnail.shape or _changed(thumbnail, before).mean() > CUT:
            return self._take(range(len(self.tiles)))
        stirred = {}
        for number, then in enumerate(self._searched):
            cells = self._cells(number)
            now = thumbnail[cells]
            count = np.count_nonzero(_changed(now, then) & open_[cells]) if then is not None else now.size
            if count >= STIR:
                stirred[number] = count * int(self._age[number])
        if stirred:
            return self._take([max(stirred, key=stirred.__getitem__)])
        # Nothing stirs: every second frame, the tile that has waited longest.
        self._rest = not self._rest
        return [] if self._rest else self._take([int(self._age.argmax())])

    def _cells(self, number: int) -> tuple[slice, slice]:
        tile = self.tiles[number]
        top, left, count = tile.top // CELL, tile.left // CELL, tile.side // CELL
        return slice(top, top + count), slice(left, left + count)

    def _take(self, numbers: range | list[int]) -> list[int]:
        assert self._before is not None
        for number in numbers:
            self._age[number] = 0
            self._searched[number] = self._before[self._cells(number)]
        return list(numbers)


def _changed(now: NDArray[np.uint8], before: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray(cv2.absdiff(now, before) > CHANGE, bool)
