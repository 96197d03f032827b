"""The last door, and what it is tried with: two faces on a frame, and what the real protections make of it."""

import numpy as np

from deadpan.app.gate import Gate
from deadpan.app.shutter import Shutter
from deadpan.app.tally import Tally
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame
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
