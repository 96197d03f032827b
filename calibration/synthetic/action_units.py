"""Action units as displacement fields: where the skin goes when a muscle pulls, on any face with a mesh.

Each unit is a few pulls: a place on MediaPipe's mesh, a direction in the head's own axes, and how far round it the
skin follows, as a Gaussian. Directions are those of the Facial Action Coding System (Ekman, Friesen & Hager 2002). The
sum is smooth, vanishes towards the outline of the face, leaves the eyeballs and bared teeth where they are, and is
scaled so that its longest vector is 1. The skin does not fold up to 4 % of the face's width (units 5 and
10 by themselves: 2 %). "Right" is the person's right.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.errors import DeadpanError
from deadpan.models.face import Face

Field = NDArray[np.float32]
"""(h, w, 2) float32: right and down, in the picture of the face."""
Mask = NDArray[np.float32]
"""(h, w) float32, 0 to 1."""


@dataclass(frozen=True)
class Pull:
    """A place that a muscle pulls."""

    right: tuple[int, ...]
    """Landmarks whose mean it is, on the right half of the face or on its middle line."""
    left: tuple[int, ...]
    """The same on the left half; empty for a place on the middle line."""
    out: float
    """Away from the middle line, the longest pull of the unit being about 1; without meaning on the middle line."""
    up: float
    extent: tuple[float, float]
    """Sigma across and along the face, shares of its width (of about 14 cm)."""
    lid: bool = False
    """Whether it moves the rims of the eye too: others stop short of them."""


UNITS: dict[int, tuple[Pull, ...]] = {
    1: (Pull((107, 55), (336, 285), -0.1, 1, (0.085, 0.085)),),
    2: (Pull((53, 63, 105), (283, 293, 334), 0.1, 1, (0.09, 0.085)),),
    4: (
        Pull((107, 55), (336, 285), -0.6, -0.8, (0.08, 0.07)),
        Pull((52, 105), (282, 334), -0.25, -0.5, (0.08, 0.07)),
        Pull((9,), (), 0, -0.5, (0.07, 0.07)),
    ),
    5: (Pull((159,), (386,), 0, 0.35, (0.075, 0.035), lid=True),),
    6: (
        Pull((50, 117, 118), (280, 346, 347), -0.1, 1, (0.10, 0.08)),
        Pull((145, 23), (374, 253), 0, 0.5, (0.08, 0.035), lid=True),
    ),
    7: (
        Pull((145, 23), (374, 253), -0.2, 1, (0.075, 0.035), lid=True),
        Pull((159,), (386,), -0.1, -0.35, (0.07, 0.025), lid=True),
    ),
    9: (
        Pull((129, 98, 49), (358, 327, 279), 0, 1, (0.07, 0.08)),
        Pull((0, 164), (), 0, 0.5, (0.07, 0.05)),
        Pull((55, 8), (285, 8), -0.2, -0.5, (0.06, 0.06)),
    ),
    10: (
        Pull((37, 39), (267, 269), 0, 1, (0.07, 0.05)),
        Pull((206, 165), (426, 391), 0.1, 0.6, (0.07, 0.07)),
    ),
    12: (
        Pull((61,), (291,), 0.75, 0.8, (0.08, 0.07)),
        Pull((205,), (425,), 0.2, 0.5, (0.10, 0.08)),
    ),
    14: (Pull((61,), (291,), -1, 0.1, (0.06, 0.06)),),
    15: (Pull((61, 57), (291, 287), 0.15, -1, (0.075, 0.07)),),
    17: (
        Pull((199, 200), (), 0, 1, (0.11, 0.07)),
        Pull((17, 18), (), 0, 0.7, (0.09, 0.04)),
    ),
    20: (Pull((61, 57), (291, 287), 1, -0.2, (0.09, 0.07)),),
    23: (
        Pull((61,), (291,), -0.6, 0, (0.06, 0.05)),
        Pull((0,), (), 0, -0.7, (0.09, 0.03)),
        Pull((17,), (), 0, 0.7, (0.09, 0.03)),
    ),
    24: (
        Pull((37, 0, 267), (), 0, -1, (0.11, 0.035)),
        Pull((84, 17, 314), (), 0, 1, (0.11, 0.035)),
    ),
}
"""The pulls of each action unit, by its number in the Facial Action Coding System."""

EXPRESSIONS: dict[str, tuple[tuple[int, ...], ...]] = {
    "negative": ((4,), (4, 7), (9,), (15,), (17,), (15, 17), (1, 4), (14,), (9, 10)),
    "positive": ((12,), (6, 12)),
    "surprise": ((1, 2), (1, 2, 5)),
}
"""Combinations that show each of the three classes of MEGC 2019, as the corpora code them."""

# fmt: off
_OUTLINE = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
            152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)
# fmt: on
_EYES = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249),
)
_TEETH = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)


def parse(text: str) -> tuple[int, ...]:
    """The action units in a text such as "6+12"; raises `DeadpanError` on other text and other units."""
    words = [word.strip().upper().removeprefix("AU") for word in text.split("+")]
    if not all(word.isdecimal() and int(word) in UNITS for word in words):
        raise DeadpanError(f"action units {text}: expected numbers joined by +, such as 1+2, of {_known()}")
    return tuple(dict.fromkeys(int(word) for word in words))


def label_of(units: Iterable[int]) -> str:
    """The class that a combination of action units shows; "other" when it is none of `EXPRESSIONS`."""
    wanted = set(units)
    matches = [label for label, combinations in EXPRESSIONS.items() for each in combinations if set(each) == wanted]
    return matches[0] if matches else "other"


def field(face: Face, size: tuple[int, int], units: Iterable[int], asymmetry: float = 0.0) -> Field:
    """Where the skin comes from when `units` act together: (h, w, 2) float32, longest vector 1, in a picture of `size`.

    `size` is width and height, px; the landmarks of `face` lie in that picture. `asymmetry`, −1 to 1, makes the right
    side stronger by that share and the left weaker. The vector at a pixel tells how what is seen there has moved, so a
    picture is warped by taking each pixel from where it points back to. Raises `DeadpanError` on a unit not in `UNITS`.
    """
    units = tuple(units)
    unknown = [unit for unit in units if unit not in UNITS]
    if unknown or not units:
        raise DeadpanError(
            f"action unit {', '.join(map(str, unknown)) or '(none)'}: expected one or more of {_known()}"
        )
    left, top, right, bottom = _box(face, size)
    whole = np.zeros((size[1], size[0], 2), np.float32)
    if right <= left or bottom <= top:
        return whole
    corner = np.array([left, top], np.float32)
    points = face.landmarks - corner
    x, y = np.meshgrid(np.arange(right - left, dtype=np.float32), np.arange(bottom - top, dtype=np.float32))
    sides = [(1 + asymmetry, -1.0), (1 - asymmetry, 1.0)]
    free = np.zeros((2, *x.shape, 2), np.float32)
    for unit in units:
        for pull in UNITS[unit]:
            places = [(pull.right, *sides[0]), (pull.left, *sides[1])] if pull.left else [(pull.right, 1.0, 0.0)]
            for landmarks, strength, side in places:
                away = np.stack([x, y], axis=-1) - points[list(landmarks)].mean(axis=0)
                across = away @ face.left / np.float32(pull.extent[0] * face.width)
                along = away @ face.down / np.float32(pull.extent[1] * face.width)
                vector = np.float32(strength) * (
                    np.float32(side * pull.out) * face.left - np.float32(pull.up) * face.down
                )
                free[int(pull.lid)] += np.exp(-0.5 * (across**2 + along**2))[..., None] * vector
    sill = (1 - _eyes(points, face.width, x.shape))[..., None]
    balls = (1 - _balls(points, face.width, x.shape))[..., None]
    teeth = (1 - _teeth(points, face.width, x.shape))[..., None]
    inside = _inside(points, face.width, x.shape)[..., None]
    moved = (free[0] * sill + free[1] * balls) * teeth * inside
    whole[top:bottom, left:right] = moved / max(float(np.linalg.norm(moved, axis=-1).max()), 1e-6)
    return whole


def _known() -> str:
    return ", ".join(map(str, UNITS))


def _box(face: Face, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in whole px: the part of the picture that the face lies in."""
    left, top, right, bottom = face.box
    return max(0, int(left)), max(0, int(top)), min(size[0], int(right) + 2), min(size[1], int(bottom) + 2)


def _filled(points: NDArray[np.float32], landmarks: tuple[int, ...], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """(h, w) uint8: 255 within the polygon."""
    mask = np.zeros(shape, np.uint8)
    fixed = (points[list(landmarks)] * 16).round().astype(np.int32)
    return np.asarray(cv2.fillPoly(mask, [fixed], 255, shift=4), np.uint8)


def _inside(points: NDArray[np.float32], width: float, shape: tuple[int, ...]) -> Mask:
    """1 inside the face, falling to 0 at its outline over 7 % of its width: hair and background stay."""
    padded = cv2.copyMakeBorder(_filled(points, _OUTLINE, shape), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1] / np.float32(0.07 * width)
    share = np.clip(depth, 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _soft(mask: NDArray[np.uint8], blur: float) -> Mask:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(blur, 0.5)), np.float32) / np.float32(255)


def _eyes(points: NDArray[np.float32], width: float, shape: tuple[int, ...]) -> Mask:
    """1 on the eyes and their rims, which no brow or cheek pulls along."""
    mask = _filled(points, _EYES[0], shape) | _filled(points, _EYES[1], shape)
    reach = 2 * round(0.035 * width) + 1
    wider = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    return _soft(np.asarray(wider, np.uint8), 0.015 * width)


def _balls(points: NDArray[np.float32], width: float, shape: tuple[int, ...]) -> Mask:
    """1 on the middle of what the eyes show, falling off towards the lids, which move over the eyeballs."""
    mask = _filled(points, _EYES[0], shape) | _filled(points, _EYES[1], shape)
    reach = 2 * round(0.008 * width) + 1
    smaller = cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    return _soft(np.asarray(smaller, np.uint8), 0.014 * width)


def _teeth(points: NDArray[np.float32], width: float, shape: tuple[int, ...]) -> Mask:
    """1 on bared teeth, which lips move over; 0 everywhere when the mouth is closed."""
    if float(np.linalg.norm(points[13] - points[14])) < 0.02 * width:
        return np.zeros(shape, np.float32)
    return _soft(_filled(points, _TEETH, shape), 0.018 * width)
