"""Reading: what somebody who sees only these pictures can make of the face in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from deadpan.models.face import Face, Points
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.motion import Flow, Motion, affine_part, crop, encode, raw_flow
from deadpan.models.spotting import activity

MARGIN = 0.45
"""Shares of a face's longer side that are kept around it."""
ATTENTIVE = 0.1
"""Detection confidence of whoever reads: a face that a sticker makes less likely is still a face to him."""


@dataclass(frozen=True, eq=False)
class Reading:
    """The strongest motion in a short run of pictures, measured from its first one."""

    motion: Motion
    """(28, 28, 3) uint8, as the recognizers take it."""
    apex: int
    """Which of the pictures shows the most motion, from 0."""
    activity: float
    """How much moves there, px of the crop."""


def read(pictures: Sequence[Image], landmarker: Landmarker) -> Reading | None:
    """Find the face on each of the pictures, (h, w, 3) uint8 BGR, align it, and read its motion at the apex.

    The same pictures always give the same reading; nothing is borrowed from elsewhere. The first picture with a face is
    the onset. None when no face is found on more than half of them.
    """
    found = [_landmarks(picture, landmarker) for picture in pictures]
    first = next((number for number, each in enumerate(found) if each is not None), None)
    if first is None or 2 * sum(each is None for each in found) > len(found):
        return None
    reference = found[first]
    assert reference is not None
    onset = crop(pictures[first], reference, reference)
    best: tuple[float, int, Flow] | None = None
    for number, (picture, landmarks) in enumerate(zip(pictures, found, strict=True)):
        if landmarks is None or number == first:
            continue
        moved = raw_flow(onset, crop(picture, landmarks, reference))
        active = activity(moved)
        if best is None or active > best[0]:
            best = active, number, moved
    if best is None:
        return None
    active, apex, moved = best
    return Reading(encode(np.asarray(moved - affine_part(moved), np.float32)), apex, active)


def around(face: Face, size: tuple[int, int], last: tuple[int, int, int] | None) -> tuple[int, int, int]:
    """Left, top and side (px) of the square that is cut out around a face; the `last` one while it still fits."""
    left, top, right, bottom = face.box
    longer = max(right - left, bottom - top)
    if last is not None:
        x, y, side = last
        spare = 0.25 * longer
        inside = x <= max(0, left - spare) and y <= max(0, top - spare)
        inside = inside and x + side >= min(size[0], right + spare) and y + side >= min(size[1], bottom + spare)
        if inside and side <= 1.3 * (1 + 2 * MARGIN) * longer:
            return last
    side = min(round((1 + 2 * MARGIN) * longer), *size)
    x, y = round((left + right - side) / 2), round((top + bottom - side) / 2)
    return min(max(0, x), size[0] - side), min(max(0, y), size[1] - side), side


def _landmarks(picture: Image, landmarker: Landmarker) -> Points | None:
    """The largest face's (478, 2) landmarks, px, or None."""
    found = landmarker.find(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8), 0.0)
    return max(found, key=lambda face: face.side).landmarks if found else None
