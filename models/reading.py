"""Reading: what somebody who sees only these pictures can make of the face in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from deadpan.models.face import Face, Points
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.motion import Grey, Motion, crop, encode, flow, raw_flow
from deadpan.models.spotting import activity

MARGIN = 0.45
"""Shares of a face's longer side that are kept around it."""
RISEN = 0.25
"""Share of the apex' activity under which a picture before it still counts as quiet."""
STRIDE = 5
"""Pictures from one call of the landmarker to the next: a head moves smoothly, and the calls are what costs."""
ATTENTIVE = 0.1
"""Detection confidence of whoever reads: a face that a sticker makes less likely is still a face to him."""


@dataclass(frozen=True, eq=False)
class Reading:
    """The strongest motion in a short run of pictures."""

    motion: Motion
    """(28, 28, 3) uint8, as the recognizers take it."""
    onset: int
    """Which of the pictures it is measured from, from 0."""
    apex: int
    """Which of the pictures shows the most motion, from 0."""
    activity: float
    """How much moves there, px of the crop."""


def read(pictures: Sequence[Image], landmarker: Landmarker) -> Reading | None:
    """Find the face on the pictures, (h, w, 3) uint8 BGR, align it, and read its motion from its onset to its apex.

    The same pictures always give the same reading, and all of it comes from them: the face, its landmarks on every
    `STRIDE`th picture (taken linearly between), the apex as the picture that differs most from the first one with a
    face, and the onset as the last one before it that hardly does. None when a face is on fewer than half of the
    pictures that were looked at.
    """
    marks: dict[int, Points] = {}
    looked = {*range(0, len(pictures), STRIDE), len(pictures) - 1} if len(pictures) > 1 else set()
    for number in sorted(looked):
        landmarks = landmarks_of(pictures[number], landmarker)
        if landmarks is not None:
            marks[number] = landmarks
    if len(marks) < 2 or 2 * len(marks) < len(looked):
        return None
    first = min(marks)
    reference = marks[first]

    def laid(number: int) -> Grey:
        return crop(pictures[number], between(marks, number), reference)

    start = laid(first)
    active: dict[int, float] = {}

    def look(number: int) -> None:
        active[number] = activity(raw_flow(start, laid(number)))

    for number in range(first + 1, len(pictures), 2):
        look(number)
    best = max(active, key=lambda number: active[number])
    for number in (best - 1, best + 1):
        if first < number < len(pictures):
            look(number)
    apex = max(active, key=lambda number: active[number])
    quiet = [number for number in active if number < apex and active[number] < RISEN * active[apex]]
    onset = max(quiet, default=first)
    for number in {onset, apex} - set(marks):
        landmarks = landmarks_of(pictures[number], landmarker)
        if landmarks is not None:
            marks[number] = landmarks
    moved = flow(laid(onset), laid(apex))
    return Reading(encode(moved), onset, apex, activity(moved))


def between(marks: dict[int, Points], number: int) -> Points:
    """The landmarks on a picture, (478, 2) px, taken linearly from those before and after it that were found."""
    after = min((each for each in marks if each >= number), default=max(marks))
    before = max((each for each in marks if each <= number), default=after)
    share = np.float32((number - before) / max(1, after - before))
    return np.asarray(marks[before] * (1 - share) + marks[after] * share, np.float32)


def around(face: Face, size: tuple[int, int], last: tuple[int, int, int] | None) -> tuple[int, int, int]:
    """Left, top and side (px) of the square that is cut out around a face; the `last` one while it still fits.

    Pictures may get smaller in the middle of a stream: then the last one may lie beyond them.
    """
    left, top, right, bottom = face.box
    longer = max(right - left, bottom - top)
    if last is not None and last[0] + last[2] <= size[0] and last[1] + last[2] <= size[1]:
        x, y, side = last
        spare = 0.25 * longer
        inside = x <= max(0, left - spare) and y <= max(0, top - spare)
        inside = inside and x + side >= min(size[0], right + spare) and y + side >= min(size[1], bottom + spare)
        if inside and side <= 1.3 * (1 + 2 * MARGIN) * longer:
            return last
    side = min(round((1 + 2 * MARGIN) * longer), *size)
    x, y = round((left + right - side) / 2), round((top + bottom - side) / 2)
    return min(max(0, x), size[0] - side), min(max(0, y), size[1] - side), side


def landmarks_of(picture: Image, landmarker: Landmarker) -> Points | None:
    """The largest face's (478, 2) landmarks, px, or None."""
    found = landmarker.find(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8), 0.0)
    return max(found, key=lambda face: face.side).landmarks if found else None
