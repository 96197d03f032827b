"""Protections: what alters a frame so that the plan's regions cannot be read, and says when it vouches for it."""

from dataclasses import dataclass
from typing import Protocol

from deadpan.models.face import Sighting
from deadpan.models.frame import Frame
from deadpan.stickers.compositing import lay, warp
from deadpan.stickers.placement import Placement, Steady, aim
from deadpan.stickers.plan import Plan
from deadpan.stickers.sticker import Sticker


@dataclass(frozen=True, eq=False)
class Protected:
    """A frame whose every face is protected, and how."""

    frame: Frame
    """A new frame with the same index and times as the one it was made from."""
    placements: tuple[Placement, ...]
    """What covers which region of which face."""


class Protection(Protocol):
    """Alters frames, in order of time; knows only the past."""

    def apply(self, frame: Frame, sighting: Sighting) -> Protected | None:
        """A new frame with every face in it protected, or None when this frame cannot be vouched for.

        `frame` is left as it is. A sighting without faces, or one that misses a face, is not vouched for.
        """
        ...

    def restart(self) -> None:
        """Forget the past: the stream was interrupted."""
        ...


class StickerProtection:
    """Covers each of the plan's regions on every face with a sticker (the paper's section II)."""

    def __init__(self, plan: Plan, sticker: Sticker) -> None:
        """Follow `plan` with `sticker`."""
        self.plan = plan
        self.sticker = sticker
        self._steady = Steady()

    def apply(self, frame: Frame, sighting: Sighting) -> Protected | None:
        """See `Protection.apply`. Vouches when each region's centre lies under a sticker's opaque middle."""
        if not sighting.faces or not sighting.complete or sighting.index != frame.index:
            return None
        picture = frame.image.copy()
        width, height = frame.size
        placements = []
        for face in sighting.faces:
            for region in self.plan.targets:
                placement = self._steady.settle(aim(face, region, self.plan.k), face.width, frame.time)
                if not placement.holds(region.centre(face)):
                    return None
                lay(picture, *warp(self.sticker, placement, width, height))
                placements.append(placement)
        self._steady.forget(frame.time)
        return Protected(Frame(picture, frame.index, frame.time, frame.captured), tuple(placements))

    def restart(self) -> None:
        """See `Protection.restart`."""
        self._steady = Steady()
