"""Reading: what somebody who sees only these pictures can make of the face in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from deadpan.models.face import Points
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.motion import Flow, Motion, affine_part, crop, encode, raw_flow
from deadpan.models.spotting import activity


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

    The same pictures always give the same reading; nothing is borrowed from elsewhere. The first picture is the onset.
    None when the face is not found on it or on more than half of the others.
    """
    found = [_landmarks(picture, landmarker) for picture in pictures]
    reference = found[0] if found else None
    if reference is None or 2 * sum(each is None for each in found) > len(found):
        return None
    onset = crop(pictures[0], reference, reference)
    best: tuple[float, int, Flow] | None = None
    for number, (picture, landmarks) in enumerate(zip(pictures, found, strict=True)):
        if landmarks is None or number == 0:
            continue
        moved = raw_flow(onset, crop(picture, landmarks, reference))
        active = activity(moved)
        if best is None or active > best[0]:
            best = active, number, moved
    if best is None:
        return None
    active, apex, moved = best
    return Reading(encode(np.asarray(moved - affine_part(moved), np.float32)), apex, active)


def _landmarks(picture: Image, landmarker: Landmarker) -> Points | None:
    """The largest face's (478, 2) landmarks, px, or None."""
    found = landmarker.find(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8), 0.0)
    return max(found, key=lambda face: face.side).landmarks if found else None
