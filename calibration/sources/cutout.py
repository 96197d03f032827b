"""The square around the one face on a picture, with room around it even where the picture ends."""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.reading import MARGIN
from deadpan.models.search import tiles


@dataclass(frozen=True)
class CutOut:
    """Where a face is looked at, the same on all pictures of a clip.

    Its edge may lie beyond the picture's: on a face that fills its picture to the last pixel the landmarks come to lie
    up to a fifth of its width off, and half as far with room around it.
    """

    left: int
    """Px in the picture, as the others."""
    top: int
    side: int

    @classmethod
    def find(cls, picture: Image, landmarker: Landmarker) -> Self | None:
        """Around the largest face on `picture`, (h, w, 3) uint8 BGR; None when there is none.

        A face too small for the whole picture is looked for in overlapping parts of it.
        """
        height, width = picture.shape[:2]
        found = see(picture, landmarker)
        boxes = [found.box] if found else []
        for tile in [] if found else tiles(width, height):
            face = see(tile.cut(picture), landmarker)
            if face is not None:
                left, top, right, bottom = face.box
                boxes.append((left + tile.left, top + tile.top, right + tile.left, bottom + tile.top))
        if not boxes:
            return None
        left, top, right, bottom = max(boxes, key=lambda box: box[2] - box[0])
        side = round((1 + 2 * MARGIN) * max(right - left, bottom - top))
        return cls(round((left + right - side) / 2), round((top + bottom - side) / 2), side)

    def of(self, picture: Image) -> Image:
        """(side, side, 3) uint8 BGR: this part of `picture`, whose edge goes on where it ends."""
        height, width = picture.shape[:2]
        missing = (-self.top, self.top + self.side - height, -self.left, self.left + self.side - width)
        top, bottom, left, right = (max(0, each) for each in missing)
        inside = picture[max(0, self.top) : self.top + self.side, max(0, self.left) : self.left + self.side]
        bordered = cv2.copyMakeBorder(inside, top, bottom, left, right, cv2.BORDER_REPLICATE)
        return np.asarray(bordered, np.uint8)


def see(picture: Image, landmarker: Landmarker) -> Face | None:
    """The largest face on `picture`, (h, w, 3) uint8 BGR, by one call of the landmarker; None when it sees none."""
    rgb = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
    found = max(landmarker.find(rgb, 0.0), key=lambda each: each.side, default=None)
    return None if found is None else Face(found.landmarks, found.pose, 0)
