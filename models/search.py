"""Where to look for faces that the landmarker does not see in the whole picture.

It acquires a face only from about 10 % of the picture's width on. So the picture is cut into overlapping
square tiles, and beside the call on the whole picture a tile is searched now and then: each in turn, and sooner
where something changed, for somebody who comes in changes the picture.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.frame import Image

CELL = 8
"""Px along the side of one cell of the thumbnail in which change is measured, in a picture of 720 px or more; in a
smaller one it is as large a share of it, for so are the faces that are looked for."""
CHANGE = 22
"""Grey levels by which a cell must differ to count as changed: above four sigma of a webcam's noise."""
STIR = 20
"""Changed cells that make a tile twice as urgent: a third of the smallest face's 56 × 70 px."""
RATE, SAVED = 1 / 3, 4.0
"""Looks earned a frame, and the most that can be saved up for the moment when somebody comes in. A look costs a
quarter of a call on the whole picture."""
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
    """Squares that cover a picture of `width` × `height` px and overlap by about the faces they are for.

    Side .61 of the picture's shorter edge, overlap at least 12 % of its width: a face too small for the
    whole picture lies in one of them, whole or nearly so. At 1280×720: 8 tiles of 439 px.
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
        self._cell = max(2, round(CELL * min(1.0, min(width, height) / 720)))
        self._age = np.ones(len(self.tiles))
        self._before: NDArray[np.uint8] | None = None
        self._searched: list[NDArray[np.uint8]] = []
        self._saved = 0.0

    def due(self, picture: Image, faces: list[tuple[float, float, float, float]]) -> list[int]:
        """The numbers of the tiles to search on this frame: all of them at first and after a cut.

        `picture` is (h, w, 3) uint8; `faces` are the boxes (left, top, right, bottom, px) that are followed
        already: what moves in there, or right beside it, is no reason to search.
        """
        thumbnail = np.asarray(
            cv2.blur(picture[self._cell // 2 :: self._cell, self._cell // 2 :: self._cell, 1], (3, 3)), np.uint8
        )
        before, self._before = self._before, thumbnail
        if before is None or _changed(thumbnail, before).mean() > CUT:
            self._searched = [thumbnail[self._cells(number)] for number in range(len(self.tiles))]
            self._age[:] = 1
            return list(range(len(self.tiles)))
        self._age += 1
        self._saved = min(SAVED, self._saved + RATE)
        if self._saved < 1:
            return []
        still = np.zeros(thumbnail.shape, bool)
        for left, top, right, bottom in faces:
            width = right - left
            rows = slice(
                max(0, int((top - 0.5 * width) / self._cell)), max(0, int((bottom + 0.3 * width) / self._cell) + 1)
            )
            columns = slice(
                max(0, int((left - 0.3 * width) / self._cell)), max(0, int((right + 0.3 * width) / self._cell) + 1)
            )
            still[rows, columns] = True
        stir = np.array([self._stir(number, still) for number in range(len(self.tiles))])
        taken: list[int] = []
        while self._saved >= 1:
            # Waiting makes a tile as urgent as change does: a waving hand does not keep the rest from being searched.
            urgency = self._age * (1 + np.minimum(stir / STIR, 3))
            urgency[taken] = 0
            number = int(urgency.argmax())
            if stir[number] < STIR and (taken or self._saved < SAVED):
                break
            taken.append(number)
            self._saved -= 1
            if len(taken) == len(self.tiles):
                break
        for number in taken:
            self._age[number] = 0
            self._searched[number] = thumbnail[self._cells(number)]
        return taken

    def _stir(self, number: int, still: NDArray[np.bool_]) -> int:
        """Cells of a tile that changed since it was last searched, but for those that are `still` by order."""
        assert self._before is not None
        cells = self._cells(number)
        return int(np.count_nonzero(_changed(self._before[cells], self._searched[number]) & ~still[cells]))

    def _cells(self, number: int) -> tuple[slice, slice]:
        tile = self.tiles[number]
        top, left, count = tile.top // self._cell, tile.left // self._cell, tile.side // self._cell
        return slice(top, top + count), slice(left, left + count)


def _changed(now: NDArray[np.uint8], before: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray(cv2.absdiff(now, before) > CHANGE, bool)
