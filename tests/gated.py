"""The last door, and what it is tried with: two faces on a frame, and what the real protections make of it."""

import numpy as np

from deadpan.app.gate import Gate
from deadpan.app.shutter import Shutter
from deadpan.app.tally import Tally
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.stickers import plan, sticker
from deadpan.stickers.protection import Promise, Protected, StickerProtection

PLAN = plan.Plan(
    version=1,
    name="two regions",
    regions=("right_brow_outer", "mouth"),
    provenance=plan.Provenance(source="a test", measured=False),
)
COVERED = Promise(covered=PLAN.targets)
INDEX, TIME = 7, 1.5


def two(face: Face) -> Sighting:
    """Two faces on the frame: the real one, and one beside it."""
    beside = Face(face.landmarks + np.array([240, 60], np.float32), face.pose, face.track + 1)
    return Sighting(INDEX, (face, beside))


def outside(face: Face, track: int) -> Face:
    """The face, far beside the picture: nothing of it could be looked at."""
    return Face(face.landmarks + np.float32(5000), face.pose, track)


def gate(frame: Frame, tally: Tally, *, show_empty: bool = False) -> Gate:
    return Gate(Shutter(*frame.size), tally, show_empty=show_empty)


def covered(frame: Frame, sighting: Sighting, which: plan.Plan = PLAN) -> Protected:
    """What the real protection makes of the frame: a star on each of the plan's regions."""
    return checked(StickerProtection(which, sticker.load("star")).apply(frame, sighting))


def checked(protected: Protected | None) -> Protected:
    assert protected is not None
    return protected


def touching(picture: Image, face: Face, apart: float) -> tuple[Image, tuple[Face, Face]]:
    """The face and, so many of its widths to the right, the same face once more: a head half before another's.

    The picture is cut midway between the two, so each hides the other's near cheek if they overlap.
    """
    left, right = (round(face.width * (share * apart - 0.3)) for share in (0, 1))
    image = np.roll(picture, left, axis=1)
    middle = round(float(face.landmarks[:, 0].mean()) + (left + right) / 2)
    image[:, middle:] = np.roll(picture, right, axis=1)[:, middle:]
    shifted = (face.landmarks + np.float32([shift, 0]) for shift in (left, right))
    one, other = (Face(landmarks, face.pose, face.track + number) for number, landmarks in enumerate(shifted))
    return image, (one, other)
