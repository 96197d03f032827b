"""One face as seen on one frame, and all of them together."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
"""(n, 2) float32, px, x right, y down, in the frame they were found on."""

RIGHT_SIDE, LEFT_SIDE, FOREHEAD, CHIN = 234, 454, 10, 152
"""Landmarks that a face's width (right to left, the person's) and height (top to bottom) are measured between."""


@dataclass(frozen=True, eq=False)
class Face:
    """One face as seen on one frame."""

    landmarks: Points
    """(478, 2) float32, px, x right, y down, in the frame it was found on."""
    pose: tuple[float, float, float]
    """Yaw, pitch, roll in degrees: positive turns to the picture's right, looks down, tilts clockwise."""
    track: int
    """The same number on every frame for as long as the same face is followed."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in px: the landmarks' bounds, which may lie outside the frame."""
        (left, top), (right, bottom) = self.landmarks.min(axis=0), self.landmarks.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @cached_property
    def width(self) -> float:
        """Px between the sides of the face (landmarks 234 and 454)."""
        return float(np.linalg.norm(self.landmarks[LEFT_SIDE] - self.landmarks[RIGHT_SIDE]))

    @cached_property
    def height(self) -> float:
        """Px between forehead and chin (landmarks 10 and 152)."""
        return float(np.linalg.norm(self.landmarks[CHIN] - self.landmarks[FOREHEAD]))

    @cached_property
    def down(self) -> Points:
        """(2,) float32: unit vector from forehead to chin in the picture."""
        down: Points = (self.landmarks[CHIN] - self.landmarks[FOREHEAD]) / np.float32(max(self.height, 1e-6))
        return down

    @cached_property
    def left(self) -> Points:
        """(2,) float32: unit vector at a right angle to `down`, towards the person's left cheek."""
        x, y = self.down
        return np.array([y, -x], np.float32)


@dataclass(frozen=True, eq=False)
class Sighting:
    """What the tracker can say about one frame: which faces it holds, and whether that is all of them."""

    index: int
    """The frame's index."""
    faces: tuple[Face, ...]
    """Every face found on this very frame."""
    lost: int = 0
    """Faces seen a moment ago that were not found on this frame, though they may still be in it."""

    @property
    def complete(self) -> bool:
        """No face is known to be missing: only then may the frame be vouched for."""
        return self.lost == 0
