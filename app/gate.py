"""The last door: it lets a frame out only if it can see for itself that the frame is safe."""

from collections.abc import Collection

import numpy as np

from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.shutter import Shutter
from deadpan.app.tally import Tally
from deadpan.models.face import Points, Sighting
from deadpan.models.frame import Frame
from deadpan.models.tracker import GRACE, MISSES
from deadpan.stickers.bend import bent_as_told
from deadpan.stickers.compositing import sample
from deadpan.stickers.protection import Bent, Promise, Protected
from deadpan.stickers.regions import REGIONS
from deadpan.stickers.skin import SIDE
from deadpan.stickers.sticker import OPAQUE

LEAST = 1 / 32
"""Px: what is bent by less than that shows the very pixels that were there, for OpenCV places samples no finer."""


class Gate:
    """Turns each frame of the camera into a picture that may go out."""

    def __init__(self, shutter: Shutter, tally: Tally, *, show_empty: bool) -> None:
        """Stand in with `shutter`; `show_empty` lets a frame out in which no face has been found for a while."""
        self._shutter = shutter
        self._tally = tally
        self._show_empty = show_empty
        self._empty: list[float] = []
        """Times of frames without anybody, since somebody was last seen: the first few, and the newest."""
        self._known: set[int] = set()
        """Numbers of the faces that have gone out since the stream began."""

    def admit(self, frame: Frame, sighting: Sighting, protected: Protected | None, promise: Promise) -> Outgoing:
        """The protected frame, if the gate's own look agrees with the protection; a stand-in otherwise."""
        if protected is not None:
            if vouched(frame, sighting, protected, promise, self._known):
                self._empty = []
                self._known.update(face.track for face in sighting.faces)
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
        self._known = set()

    def _long_empty(self, frame: Frame, sighting: Sighting) -> bool:
        """Whether nobody was found for `GRACE` seconds and more than `MISSES` frames, this one included."""
        if sighting.faces or not sighting.complete or sighting.index != frame.index:
            self._empty = []
            return False
        self._empty = [*self._empty[: MISSES + 1], frame.time]  # the first ones and the newest
        return len(self._empty) > MISSES and frame.time - self._empty[0] >= GRACE


def vouched(
    frame: Frame, sighting: Sighting, protected: Protected, promise: Promise, known: Collection[int] = ()
) -> bool:
    """Whether `protected` was made from this very frame, and what was promised was done to every face in it.

    Covered means seen to be: around the centre of each promised region the gate lays the stickers anew, and the frame's
    pixels must be just that, and opaque. Bent means the same: around the centre of each of the 14 regions the gate
    bends the clean frame anew by the field that is told.

    A face that is not bent at all is a raw face, with one exception: where nothing but motion is taken off, a face that
    is not among the `known` numbers is shown as it is, once. There is no earlier picture of it against which anybody
    could see it move.
    """
    if not (promise.covered or promise.bent):
        return False
    if not (frame.index == sighting.index == protected.frame.index and sighting.complete and sighting.faces):
        return False
    if protected.frame.image is frame.image or protected.frame.image.shape != frame.image.shape:
        return False
    if promise.bent and not _all_bent(frame, sighting, protected, promise, known):
        return False
    return all(_covered(frame, protected, region.centre(face)) for face in sighting.faces for region in promise.covered)


def _all_bent(frame: Frame, sighting: Sighting, protected: Protected, promise: Promise, known: Collection[int]) -> bool:
    """Whether there is one `Bent` a face, each says enough, and each was done."""
    told = {bent.track: bent for bent in protected.bent}
    if len(told) != len(protected.bent) or set(told) != {face.track for face in sighting.faces}:
        return False
    for face in sighting.faces:
        bent = told[face.track]
        if not np.isfinite(bent.field).all() or abs(np.linalg.det(bent.place[:, :2])) < 1e-9:
            return False
        centres = np.stack([region.centre(face) for region in REGIONS])
        raw = _most(bent, centres) < LEAST if promise.moving else face.track in known and not bent.field.any()
        if raw or not bent_as_told(frame.image, protected.frame.image, bent.field, bent.place, centres):
            return False
    return True


def _most(bent: Bent, centres: Points) -> float:
    """Px by which that of the `centres`, (n, 2) px, is moved that is moved most."""
    columns, rows = np.rint(centres @ bent.place[:, :2].T + bent.place[:, 2]).astype(int).clip(0, SIDE - 1).T
    moved = bent.field[rows, columns] @ np.linalg.inv(bent.place[:, :2]).T
    return float(np.linalg.norm(moved, axis=1).max())


def _covered(frame: Frame, protected: Protected, centre: Points) -> bool:
    """Whether the 3 × 3 px around `centre` (px) show opaque stickers; True where none of them lies in the picture."""
    x, y = (int(value) for value in np.rint(centre))
    rows, columns = slice(max(0, y - 1), max(0, y + 2)), slice(max(0, x - 1), max(0, x + 2))
    clean = frame.image[rows, columns]
    rows, columns = slice(rows.start, rows.start + clean.shape[0]), slice(columns.start, columns.start + clean.shape[1])
    if clean.size == 0:
        return True
    expected, seen_through = clean.astype(np.float32), np.ones(clean.shape[:2], np.float32)
    for placement in protected.placements:
        if np.linalg.norm(np.array(placement.centre) - centre) <= sum(placement.size):
            patch = sample(protected.sticker, placement, rows, columns)
            expected = expected * (1 - patch[..., 3:]) + patch[..., :3] * 255
            seen_through *= 1 - patch[..., 3]
    differs = np.abs(expected - protected.frame.image[rows, columns])
    return bool(seen_through.max() <= 1 - OPAQUE and differs.max() <= 2)  # each sticker laid rounds by half a level
