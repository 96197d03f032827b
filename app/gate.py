"""The last door: it lets a frame out only if it can see for itself that the frame is safe."""

from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.shutter import Shutter
from deadpan.app.tally import Tally
from deadpan.models.face import Sighting
from deadpan.models.frame import Frame
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
    """Whether `protected` was made from this very frame, and every region of every face in it is covered."""
    if not (frame.index == sighting.index == protected.frame.index and sighting.complete and sighting.faces):
        return False
    if protected.frame.image is frame.image or protected.frame.image.shape != frame.image.shape:
        return False
    return all(
        any(place.track == face.track and place.holds(region.centre(face)) for place in protected.placements)
        for face in sighting.faces
        for region in regions
    )
