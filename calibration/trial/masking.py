"""What an attacker does who sees that stickers lie there: he leaves out what they cover, or makes it up."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.face import Points
from deadpan.models.motion import CROP, Flow, Grey

EDGE = 4
"""Px of the crop round a sticker that count as covered, too: half a patch of the flow (8 px), which its edge steers."""
REACHES = (6.0, 12.0, 24.0, 48.0)
"""Px of the crop: from how far away what is covered is continued, sigma; farther only where nothing is nearer."""
ENOUGH = 0.05
"""Of a Gaussian's weight: less than this from the open is nothing near."""
Mask = NDArray[np.uint8]
"""(CROP, CROP) uint8: 255 where a sticker lies, 0 elsewhere."""


def mask(stickers: Sequence[Points], matrix: NDArray[np.float64]) -> Mask:
    """Where stickers with these corners, (4, 2) px each, lie in the crop; `matrix` (2, 3) takes px to the crop's."""
    covered: Mask = np.zeros((CROP, CROP), np.uint8)
    for corners in stickers:
        cv2.fillConvexPoly(covered, np.rint(corners @ matrix[:, :2].T + matrix[:, 2]).astype(np.int32), 255)
    side = 2 * EDGE + 1
    return np.asarray(cv2.dilate(covered, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))), np.uint8)


def filled(moved: Flow, covered: Mask) -> Flow:
    """The flow with what lies under `covered` continued smoothly from around it."""
    whole = np.asarray(moved, np.float32).copy()
    unseen = covered > 0
    seen = (~unseen).astype(np.float32)
    for reach in REACHES:
        weight = cv2.GaussianBlur(seen, (0, 0), reach, borderType=cv2.BORDER_CONSTANT)
        around = cv2.GaussianBlur(moved * seen[..., None], (0, 0), reach, borderType=cv2.BORDER_CONSTANT)
        now = unseen & ((weight > ENOUGH) | (reach == REACHES[-1]))
        whole[now] = (around / np.maximum(weight, 1e-6)[..., None])[now]
        unseen &= ~now
    return whole


def inpainted(picture: Grey, covered: Mask) -> Grey:
    """The face with what lies under `covered` painted in from around it (Telea 2004)."""
    return np.asarray(cv2.inpaint(picture, covered, 3, cv2.INPAINT_TELEA), np.uint8)
