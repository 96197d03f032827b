"""Fields of a face's own square, in which its skin is followed and bent, and what lays pictures on it and back."""

import math
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 128
"""Px: the side of the square that a face is laid in; all fields of this package lie there."""

Field = NDArray[np.float32]
"""(SIDE, SIDE, 2) float32, px of the square: right and down on the face's own axes; or (h, w, 2) of a part of it."""
Affine = NDArray[np.float64]
"""(2, 3)."""


def times(field: Field, by: NDArray[np.float32]) -> Field:
    """A field, at each place so many times as strong; `by` is (SIDE, SIDE) float32."""
    return np.asarray(field * cv2.merge([by, by]), np.float32)  # NumPy alone would go over it two numbers at a time


def together(then: Affine, first: Affine) -> Affine:
    """(2, 3): the affine map that does `first` and then `then`."""
    return np.column_stack([then[:, :2] @ first[:, :2], then[:, :2] @ first[:, 2] + then[:, 2]])


def round_about(
    low: tuple[float, float], high: tuple[float, float], place: Affine, room: int = 0
) -> tuple[int, int, int, int]:
    """Left, top, right, bottom, px of the picture, round all that `place` takes between two corners; `room` px more."""
    corners = np.array(list(product(*zip(low, high, strict=True))))
    x, y = (np.linalg.inv(place[:, :2]) @ (corners.T - place[:, 2:])).tolist()
    return math.floor(min(x)) - room, math.floor(min(y)) - room, math.ceil(max(x)) + room, math.ceil(max(y)) + room


def carried_over(field: Field, place: Affine, to: Affine) -> Field:
    """A field of the square into which `place` takes a frame, as it lies in the square into which `to` takes it."""
    there = np.vstack([to, (0, 0, 1)]) @ np.linalg.inv(np.vstack([place, (0, 0, 1)]))
    turned = np.asarray(field @ there[:2, :2].T.astype(np.float32), np.float32)
    return np.asarray(cv2.warpAffine(turned, there[:2], (SIDE, SIDE)), np.float32)
