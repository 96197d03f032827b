"""The 14 facial regions of interest, on MediaPipe's 478-point mesh.

Centres and half-windows are those of Merghani & Yap's adaptive mask (the paper's reference [10]), given there in
dlib-68 landmarks and px on a 256 px face; here in mesh landmarks and in shares of the face's own width and height,
along the head's own axes, so that they hold at every size and tilt. "Right" is the person's right.

The brows' landmarks are chosen against points labelled by hand: the mesh landmarks usually matched with dlib's (63, 66,
293, 296) lie outward of them and put three of the four centres up to 6.9 % of the face's width off; with these all 14
lie within 4 % (`tests/test_regions.py`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.models.face import Face, Points

UNIT = 256.0
"""Px: the face on which the half-windows and offsets were given."""


@dataclass(frozen=True)
class Region:
    """One region of interest: the action units that show in it and where it lies on a face."""

    number: int
    name: str
    action_units: tuple[int, ...]
    landmarks: tuple[int, ...]
    """Mesh landmarks whose mean is the centre, before `drop`."""
    half_window: tuple[float, float]
    """Half the width and height of the region, px on a face of `UNIT` px."""
    drop: float = 0.0
    """How far below that mean the centre lies, px on a face of `UNIT` px."""

    def centre(self, face: Face) -> Points:
        """(2,) float32, px in the face's frame."""
        mean = face.landmarks[list(self.landmarks)].mean(axis=0, dtype=np.float32)
        centre: Points = mean + face.down * np.float32(self.drop / UNIT * face.height)
        return centre

    def corners(self, face: Face) -> Points:
        """(4, 2) float32, px: the window's corners in order round it; they may lie outside the frame."""
        right = face.left * np.float32(self.half_window[0] / UNIT * face.width)
        down = face.down * np.float32(self.half_window[1] / UNIT * face.height)
        centre = self.centre(face)
        corners: Points = np.stack(
            [centre - right - down, centre + right - down, centre + right + down, centre - right + down]
        )
        return corners


REGIONS = (
    Region(1, "right_brow_outer", (2,), (70, 105), (12, 10)),
    Region(2, "right_brow_inner", (1, 4), (107, 66, 65), (15, 10), drop=10),
    Region(3, "left_brow_inner", (1, 4), (336, 296, 295), (15, 10), drop=10),
    Region(4, "left_brow_outer", (2,), (300, 334), (12, 10)),
    Region(5, "right_eye", (5, 6, 7, 43, 45), (160, 158), (47, 21)),
    Region(6, "glabella", (4, 9), (107, 336), (30, 19), drop=19),
    Region(7, "left_eye", (5, 6, 7, 43, 45), (385, 387), (47, 21)),
    Region(8, "right_cheek", (6, 11, 12), (234, 5), (35, 30), drop=10),
    Region(9, "left_cheek", (6, 11, 12), (454, 5), (35, 30), drop=10),
    Region(10, "right_lip_corner", (12, 14, 15, 20), (78,), (10, 12)),
    Region(11, "philtrum", (9, 10), (2, 0), (30, 17)),
    Region(12, "left_lip_corner", (12, 14, 15, 20), (308,), (10, 12)),
    Region(13, "mouth", (23, 24, 25, 26, 28), (13, 14), (47, 20)),
    Region(14, "chin", (17, 26), (17, 152), (35, 21)),
)

NAMES = tuple(region.name for region in REGIONS)
_MEANS = np.zeros((len(REGIONS), 478), np.float32)
for _row, _region in zip(_MEANS, REGIONS, strict=True):
    _row[list(_region.landmarks)] = 1 / len(_region.landmarks)
_DROPS = np.array([region.drop for region in REGIONS], np.float32) / np.float32(UNIT)
_HALVES = np.array([region.half_window for region in REGIONS], np.float32) / np.float32(UNIT)
_ROUND = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)
BY_NAME = {region.name: region for region in REGIONS}


def centres(face: Face) -> NDArray[np.float32]:
    """(14, 2): every region's `centre`, at once."""
    return np.asarray(_MEANS @ face.landmarks + np.outer(_DROPS * np.float32(face.height), face.down), np.float32)


def windows(face: Face) -> NDArray[np.float32]:
    """(14, 4, 2): every region's `corners`, at once."""
    halves = _HALVES[:, None] * _ROUND * np.array([face.width, face.height], np.float32)
    return np.asarray(centres(face)[:, None] + halves @ np.stack([face.left, face.down]), np.float32)
