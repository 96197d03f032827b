"""The last door: it lets a frame out only if it can see for itself that the frame is safe."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.shutter import Shutter
from deadpan.app.tally import Tally
from deadpan.models.face import Face, Points, Sighting
from deadpan.models.frame import Frame
from deadpan.models.tracker import GRACE, MISSES, in_view
from deadpan.stickers import regions
from deadpan.stickers.bend import LEVELS, bent_at
from deadpan.stickers.compositing import sample
from deadpan.stickers.field import SIDE
from deadpan.stickers.protection import Bent, Promise, Protected
from deadpan.stickers.regions import REGIONS
from deadpan.stickers.sticker import OPAQUE

LEAST = 1 / 32
"""Px: what is bent by less than that shows the very pixels that were there, for OpenCV places samples no finer."""

SEEN = 20
"""Grey levels, over all places of a region or all landmarks, and colours: bending that changes less cannot be
seen. Two workings-out of it differ by 3 at most over the landmarks, on 40 frames of a real face of 74 or 149 px in
every mode; the weakest `still` changes 69 there."""
NEARER = 0.5
"""A picture that is farther from the bent one than so many times its distance from the raw one is not let out; measured
as above, 0.01 at most."""
ROUNDED = 2
"""Grey levels by which two ways of laying the same stickers may differ: each sticker laid rounds by half a level."""


class Gate:
    """Turns each frame of the camera into a picture that may go out."""

    def __init__(self, shutter: Shutter, tally: Tally, *, show_empty: bool) -> None:
        """Stand in with `shutter`; `show_empty` lets a frame out in which no face has been found for a while."""
        self._shutter = shutter
        self._tally = tally
        self._show_empty = show_empty
        self._empty: list[float] = []
        """Times of frames without anybody, since somebody was last seen: the first few, and the newest."""

    def admit(self, frame: Frame, sighting: Sighting, protected: Protected | None, promise: Promise) -> Outgoing:
        """The protected frame, if the gate's own look agrees with the protection; a stand-in otherwise."""
        if protected is not None:
            if vouched(frame, sighting, protected, promise):
                self._empty = []
                outgoing = Outgoing(protected.frame.image, Reason.PROTECTED, frame.time)
                self._shutter.keep(outgoing)
                return outgoing
            self._tally.unvouched += 1
        if self._long_empty(frame, sighting) and self._show_empty:
            self._shutter.drop()
            return Outgoing(frame.image, Reason.EMPTY, frame.time)
        return self._shutter.stand_in(frame.time)

    def restart(self) -> None:
        """The stream was interrupted: somebody may have come in."""
        self._empty = []

    def _long_empty(self, frame: Frame, sighting: Sighting) -> bool:
        """Whether nobody was found for `GRACE` seconds and more than `MISSES` frames, this one included."""
        if sighting.faces or not sighting.complete or sighting.index != frame.index:
            self._empty = []
            return False
        self._empty = [*self._empty[: MISSES + 1], frame.time]  # the first ones and the newest
        return len(self._empty) > MISSES and frame.time - self._empty[0] >= GRACE


def vouched(frame: Frame, sighting: Sighting, protected: Protected, promise: Promise) -> bool:
    """Whether `protected` was made from this very frame, and what was promised was done to every face in it.

    Seen to be: around the centres of the promised regions, and of all 14 where skin is bent, the gate bends the clean
    frame anew by the fields that are told and lays the stickers anew. The frame's pixels must be just that, and around
    the centre of a region that is to be covered, opaque.

    A face that is not bent at all is a raw face.
    """
    if not (promise.covered or promise.bent):
        return False
    if not (frame.index == sighting.index == protected.frame.index and sighting.complete and sighting.faces):
        return False
    if protected.frame.image is frame.image or protected.frame.image.shape != frame.image.shape:
        return False
    skin = protected.bent if promise.bent else ()
    told = {bent.track: bent for bent in skin}
    if promise.bent and not (len(told) == len(skin) and set(told) == {face.track for face in sighting.faces}):
        return False
    looked_at = REGIONS if promise.bent else promise.covered
    rows, cover = [region.number - 1 for region in looked_at], np.array([each in promise.covered for each in looked_at])
    centres = [regions.centres(face)[rows] for face in sighting.faces]
    for face, at in zip(sighting.faces, centres, strict=True):
        if not (np.isfinite(face.landmarks).all() and in_view(face.landmarks, frame.size)):
            return False  # nowhere in the picture, it would count for nothing
        if skin and not _bends(told[face.track], at, frame.size, promise):
            return False
    # Each face is looked at under all that is told: where two overlap, both fields have a part in what is shown.
    return all(
        (not skin or _seen_bent(frame, protected, face, told[face.track]))
        and _as_told(frame, protected, at, skin, cover)
        for face, at in zip(sighting.faces, centres, strict=True)
    )


def _bends(bent: Bent, centres: Points, size: tuple[int, int], promise: Promise) -> bool:
    """Whether the field that is told says enough, and lies on the face: beside it, it would move nothing."""
    if not (np.isfinite(bent.field).all() and np.isfinite(bent.place).all()):
        return False
    if abs(np.linalg.det(bent.place[:, :2])) < 1e-9:
        return False
    there = centres @ bent.place[:, :2].T + bent.place[:, 2]
    on = np.all((there >= 0) & (there <= SIDE - 1), axis=1)
    inside = np.all((centres >= 0) & (centres < size), axis=1)
    if (inside & ~on).any():
        return False
    if not promise.moving:
        return bool(bent.field.any())
    columns, rows = np.rint(there[on]).astype(int).T
    moved = bent.field[rows, columns] @ np.linalg.inv(bent.place[:, :2]).T
    return bool(np.linalg.norm(moved, axis=1).max(initial=0.0) >= LEAST)


def _seen_bent(frame: Frame, protected: Protected, face: Face, bent: Bent) -> bool:
    """Whether in each of the 14 regions, and at the face's landmarks, the picture is the bent and not the raw one.

    A tolerance alone cannot tell: a weak field changes no pixel by more than that. Where bending by this face's own
    field changes next to nothing, there is nothing to tell either; but a field over it that undoes it is no excuse.
    Stickers are looked at elsewhere.
    """
    at = np.rint(np.concatenate([face.landmarks, _lattices(regions.windows(face))])).astype(int)
    group = np.append(np.zeros(len(face.landmarks), int), _GROUP)
    (x, y), (width, height) = at.T, frame.size
    bare = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    for placement in protected.placements:
        bare &= np.linalg.norm(at - np.array(placement.centre), axis=1) > np.hypot(*placement.size) / 2 + 1
    at, group = at[bare], group[bare]
    raw, shown = (image[at[:, 1], at[:, 0]].astype(np.int16) for image in (frame.image, protected.frame.image))
    expected = own = bent_at(frame.image, (bent,), at).astype(np.int16)
    if len(protected.bent) > 1:
        expected = bent_at(frame.image, protected.bent, at).astype(np.int16)
    changed, missed, kept = (
        np.bincount(group, np.abs(one - other).sum(axis=1), len(REGIONS) + 1)
        for one, other in ((own, raw), (shown, expected), (shown, raw))
    )
    return bool(((changed < SEEN) | (missed < NEARER * kept)).all())


def _lattices(windows: NDArray[np.float32]) -> Points:
    """(n · 49, 2): places in even steps over each of the windows with these corners, (n, 4, 2) in order round it."""
    right, down = windows[:, 1] - windows[:, 0], windows[:, 3] - windows[:, 0]
    steps = _STEPS @ np.stack([right, down], axis=1)
    return np.asarray(windows[:, None, 0] + steps, np.float32).reshape(-1, 2)


def _as_told(
    frame: Frame, protected: Protected, centres: Points, skin: Sequence[Bent], cover: NDArray[np.bool_]
) -> bool:
    """Whether around `centres`, (n, 2) px, the clean frame was bent and covered as is told; `cover`: (n,), those to be.

    A sticker may reach into the picture from a centre outside: it must be told over the centre, and seen as told at the
    place in the picture that is nearest to it. Of other centres outside nothing can be seen.
    """
    middles, edge = np.rint(centres).astype(int), np.array(frame.size) - 2
    places = np.where(cover[:, None], middles.clip(1, edge), middles)
    around = places[:, None] + _AROUND
    inside = ((around >= 0) & (around < frame.size)).all(axis=2)
    laid, through = _stickers(protected, places)
    covered = through if (places == middles).all() else _stickers(protected, middles)[1]
    at, seen = around[inside], through[inside]
    x, y = at.T
    under = bent_at(frame.image, skin, at) if skin else frame.image[y, x]
    off = np.abs(under * seen[:, None] + laid[inside] - protected.frame.image[y, x]).max(axis=1)
    level = LEVELS if skin else ROUNDED
    return bool((off <= ROUNDED + (level - ROUNDED) * seen).all() and (covered[cover] <= 1 - OPAQUE).all())


def _stickers(protected: Protected, places: NDArray[np.intp]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the stickers show at and around `places`, (n, 2) px: (n, 9, 3), 0…255; and what share of it is under them.

    That share is (n, 9), 1 where there is none.
    """
    laid, through = np.zeros((len(places), 9, 3), np.float32), np.ones((len(places), 9), np.float32)
    for placement in protected.placements:
        near = np.linalg.norm(np.array(placement.centre) - places, axis=1) <= sum(placement.size)
        for number in np.flatnonzero(near):
            x, y = places[number]
            patch = sample(protected.sticker, placement, slice(y - 1, y + 2), slice(x - 1, x + 2)).reshape(9, 4)
            laid[number] = laid[number] * (1 - patch[:, 3:]) + patch[:, :3] * 255
            through[number] *= 1 - patch[:, 3]
    return laid, through


_AROUND = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), axis=-1).reshape(9, 2)
"""A place and its eight neighbours, px right and down, in reading order."""
_STEPS = np.stack(np.meshgrid(*2 * [np.linspace(0, 1, 7, dtype=np.float32)]), axis=-1).reshape(49, 2)
"""(49, 2) float32: shares of a window's width and height."""
_GROUP = np.repeat(np.arange(len(REGIONS)) + 1, len(_STEPS))
"""(14 · 49,): to which region each place of a lattice belongs, from 1: 0 are the landmarks."""
