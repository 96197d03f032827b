"""The last door: it lets a frame out only if it can see for itself that the frame is safe."""

import numpy as np

from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.shutter import Shutter
from deadpan.app.tally import Tally
from deadpan.models.face import Points, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.stickers.protection import Protected
from deadpan.stickers.regions import Region


class Gate:
    """Turns each frame of the camera, or the lack of one, into a picture that may go out."""

    def __init__(self, shutter: Shutter, tally: Tally, *, show_empty: bool) -> None:
        """Stand in with `shutter`; `show_empty` lets a frame out in which no face is found."""
        self._shutter = shutter
        self._tally = tally
        self._show_empty = show_empty

    def admit(
        self, frame: Frame, sighting: Sighting, protected: Protected | None, regions: tuple[Region, ...]
    ) -> Outgoing:
        """The protected frame, if the gate's own look agrees with the protection; a stand-in otherwise."""
        if protected is not None:
            if vouched(frame, sighting, protected, regions):
                outgoing = Outgoing(protected.frame.image, Reason.PROTECTED, frame.time)
                self._shutter.keep(outgoing)
                return outgoing
            self._tally.unvouched += 1
        if self._show_empty and not sighting.faces and sighting.complete and sighting.index == frame.index:
            self._shutter.drop()
            return Outgoing(frame.image, Reason.EMPTY, frame.time)
        return self._shutter.stand_in(frame.time)


def vouched(frame: Frame, sighting: Sighting, protected: Protected, regions: tuple[Region, ...]) -> bool:
    """Whether `protected` was made from this very frame, and every region of every face in it is covered.

    Covered: a placement says so, and the pixels around the region's centre are not the camera's any more.
    """
    if not (frame.index == sighting.index == protected.frame.index and sighting.complete and sighting.faces):
        return False
    if protected.frame.image is frame.image or protected.frame.image.shape != frame.image.shape:
        return False
    for face in sighting.faces:
        for region in regions:
            centre = region.centre(face)
            if not any(place.track == face.track and place.holds(centre) for place in protected.placements):
                return False
            if not _altered(frame.image, protected.frame.image, centre):
                return False
    return True


def _altered(clean: Image, protected: Image, centre: Points) -> bool:
    """Whether most of the 5 × 5 px around `centre` (px) are not the camera's; True where none lies in the picture."""
    x, y = (int(value) for value in np.rint(centre))
    block = (slice(max(0, y - 2), max(0, y + 3)), slice(max(0, x - 2), max(0, x + 3)))
    differs = (clean[block] != protected[block]).any(axis=-1)
    return differs.size == 0 or bool(differs.mean() > 0.5)
