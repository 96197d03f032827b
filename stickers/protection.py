"""Protections: what alters a frame so that the plan's regions cannot be read, and says when it vouches for it."""

from dataclasses import dataclass
from typing import Protocol, Self

import cv2
import numpy as np

from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame
from deadpan.stickers.compositing import lay, warp
from deadpan.stickers.field import Affine, Field
from deadpan.stickers.placement import Placement, Steady, aim
from deadpan.stickers.plan import Plan
from deadpan.stickers.regions import UNIT, Region
from deadpan.stickers.seat import Seats
from deadpan.stickers.sticker import OPAQUE, Sticker


@dataclass(frozen=True, eq=False)
class Bent:
    """What was done to the skin of one face."""

    track: int
    field: Field
    """The picture shows at each place z of the face what the clean one shows at z + field(z)."""
    place: Affine
    """Takes px of the frame to px of the square that the field lies in."""
    let_go: tuple[str, ...]
    """Regions whose own motion can be seen on this frame."""


@dataclass(frozen=True, eq=False)
class Protected:
    """A frame whose every face is protected, and how, so that somebody else can check it."""

    frame: Frame
    """A new frame with the same index and times as the one it was made from."""
    placements: tuple[Placement, ...]
    """What covers which region of which face, in the order in which it was laid."""
    sticker: Sticker
    """What was laid there."""
    bent: tuple[Bent, ...] = ()
    """How each face's skin was bent, where that is what protects it."""


@dataclass(frozen=True)
class Promise:
    """What a protection does to every face, so that whoever lets frames out can look for it on each of them."""

    covered: tuple[Region, ...] = ()
    """The centre of each of these regions lies under an opaque sticker."""
    bent: bool = False
    """The skin is bent as `Protected.bent` tells."""
    moving: bool = False
    """It is bent on every frame, the first one included: a frame that is not, is a raw frame."""


class Protection(Protocol):
    """Alters frames, in order of time; knows only the past."""

    plan: Plan
    """What it hides."""
    sticker: Sticker
    """What with."""
    name: str
    """What `--protection` calls it."""
    strength: float
    """Above 0, at most 1."""
    controls: tuple[str, str]
    """What `nothing` and `random` are called."""

    @property
    def promise(self) -> Promise:
        """What can be seen on each frame that it gives."""
        ...

    def nothing(self) -> "Protection":
        """The control that does nothing, in the same way; it knows no past."""
        ...

    def random(self, face: Face, random: np.random.Generator) -> "Protection":
        """The control that does as much to `face`, at random; it knows no past."""
        ...

    def apply(self, frame: Frame, sighting: Sighting) -> Protected | None:
        """A new frame with every face in it protected, or None when this frame cannot be vouched for.

        `frame` is left as it is. A sighting without faces, or one that misses a face, is not vouched for.
        """
        ...

    def restart(self) -> None:
        """Forget the past: the stream was interrupted."""
        ...


class StickerProtection:
    """Lays a sticker on the centre of each of the plan's regions on every face (the paper's section II)."""

    controls = ("no sticker", "random place")

    def __init__(
        self, plan: Plan, sticker: Sticker, regions: tuple[Region, ...] | None = None, strength: float = 1.0
    ) -> None:
        """Follow `plan` with `sticker`, at a share `strength` of the plan's size.

        `regions` take the place of the plan's own, for the controls.
        """
        self.plan = plan
        self.sticker = sticker
        self.name = "sticker" if len(plan.regions) == 1 else "stickers"
        self.strength = strength
        self._regions = regions
        self._seats, self._steady = Seats(), Steady()
        self._size = (0, 0)

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """What arrives in another process knows no past."""
        return type(self), (self.plan, self.sticker, self._regions, self.strength)

    @property
    def promise(self) -> Promise:
        """See `Protection.promise`."""
        return Promise(covered=self.plan.targets)

    def nothing(self) -> "StickerProtection":
        """See `Protection.nothing`: an empty plan."""
        return StickerProtection(self.plan, self.sticker, (), self.strength)

    def random(self, face: Face, random: np.random.Generator) -> "StickerProtection":
        """See `Protection.random`: as many stickers, anywhere on the face."""
        places = random_places(face, len(self.plan.regions), random)
        return StickerProtection(self.plan, self.sticker, places, self.strength)

    def apply(self, frame: Frame, sighting: Sighting) -> Protected | None:
        """See `Protection.apply`. Vouches when each region's centre lies under a sticker's opaque middle."""
        if not sighting.faces or not sighting.complete or sighting.index != frame.index:
            return None
        if not all(np.isfinite(face.landmarks).all() and min(face.width, face.height) > 0 for face in sighting.faces):
            return None  # seats would remember it, and hold back every later frame of that face, too
        if frame.size != self._size:
            # Seats go with the head's own size; smoothing is in px, and only smooths what is no more than noise.
            self._size, self._steady = frame.size, Steady()
        picture = frame.image.copy()
        placements = []
        for face in sighting.faces:
            regions = self.plan.targets if self._regions is None else self._regions
            aimed = [aim(face, region, self.plan.k * self.strength) for region in regions]
            for held, wanted in zip(self._seats.hold(face, aimed, frame.time), aimed, strict=True):
                placement = self._steady.settle(held, face.width, frame.time, wanted)
                if not placement.holds(wanted.region.centre(face)):
                    return None
                lay(picture, *warp(self.sticker, placement, *frame.size))
                placements.append(placement)
        self._seats.forget(frame.time)
        self._steady.forget(frame.time)
        return Protected(Frame(picture, frame.index, frame.time, frame.captured), tuple(placements), self.sticker)

    def restart(self) -> None:
        """See `Protection.restart`."""
        self._seats, self._steady = Seats(), Steady()


def random_places(face: Face, count: int, random: np.random.Generator) -> tuple[Region, ...]:
    """The control's regions: `count` landmarks of `face`, each the nearest to a place drawn evenly from its outline."""
    outline = cv2.convexHull(face.landmarks)
    left, top, right, bottom = face.box
    places: list[Region] = []
    while len(places) < count:
        point = random.uniform((left, top), (right, bottom))
        if cv2.pointPolygonTest(outline, (float(point[0]), float(point[1])), False) > 0:
            nearest = int(np.linalg.norm(face.landmarks - point, axis=1).argmin())
            places.append(Region(0, f"random place {len(places) + 1}", (), (nearest,), (0, 0)))
    return tuple(places)


def hidden(sticker: Sticker, region: Region, k: float) -> float:
    """Share of a region's window, 0…1, that lies under an opaque part of a sticker of k tenths, on an upright face."""
    (height, width), (half_x, half_y) = sticker.pixels.shape[:2], region.half_window
    across, along = np.meshgrid(np.linspace(-half_x, half_x, 65), np.linspace(-half_y, half_y, 65))
    columns, rows = (np.rint((at / (k / 10 * UNIT) + 0.5) * n - 0.5) for at, n in ((across, width), (along, height)))
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    alpha = sticker.pixels[rows.clip(0, height - 1).astype(int), columns.clip(0, width - 1).astype(int), 3]
    return float((inside & (alpha >= OPAQUE)).mean())
