"""Freeze, decoy and still: nothing is pasted, the person's own skin is shown where it was a moment ago.

- **freeze** measures on every frame how the skin has moved since a baseline of this session (`skin.py`) and bends the
  picture back (`bend.py`), so what moves briefly and little is not seen to move. Regions that move far or for long are
  let go and taken back after (`hold.py`); that is counted, because a leak can hide there.
- **decoy** bends the picture by a small motion of its own (`decoy.py`).
- **still** does both in one go: the decoy drowns what freezing leaves, which a recognizer that stretches what it sees
  to full range would read otherwise.

There is no second in which a neutral face must be learnt first: what is hidden is motion, and on the first frame of a
session there is none yet. Its own skin is the baseline from which everything later is held.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame
from deadpan.models.motion import similarity
from deadpan.stickers.bend import bend
from deadpan.stickers.decoy import Decoy, leftover
from deadpan.stickers.field import SIDE, Affine, Field, carried_over, times, together
from deadpan.stickers.hold import HELD, Held, Hold
from deadpan.stickers.lids import other_look
from deadpan.stickers.placement import FORGET
from deadpan.stickers.plan import Plan
from deadpan.stickers.protection import Bent, Promise, Protected
from deadpan.stickers.regions import NAMES
from deadpan.stickers.skin import Baseline, baseline, move
from deadpan.stickers.sticker import Sticker

UNDER = 0.58
"""The decoy's strength under a face that is held at strength 1: as much as leaves an SSIM of 0.96 to the clean face, on
81 clips of seed 1008 (0.6 leaves 0.9596; a lab script)."""
RENEW = 1.0
"""Seconds after which the baseline is taken anew, so that it has today's pose and light."""
TURNED = 0.025
"""Share of the face's width by which landmarks may miss the baseline's, median, before it is taken anew at once."""
GROWN = 1.2
"""Times by which a face may come nearer or go farther before that."""


@dataclass(eq=False)
class _Known:
    """One face that is followed."""

    since: Baseline
    hold: Hold
    decoy: Decoy
    time: float
    renewed: float
    last: Field | None = None
    """Where the search for this frame's skin begins."""


class SkinProtection:
    """Freeze, decoy or both, on every face (see `freeze`, `decoy` and `still`)."""

    controls = ("nothing bent", "random motion")

    def __init__(self, plan: Plan, sticker: Sticker, freeze: float, decoy: float, seed: int | None = None) -> None:
        """Take off a share `freeze` of the skin's motion, 0…1, and add a decoy of a strength, 0…1.

        `plan` may bring fields that the decoy mixes where nothing is held; beside that, `plan` and `sticker` are what
        the protocol asks for: nothing is pasted and all of the face is protected. `seed` makes the decoy known
        beforehand: for tests and tables, never for a call.
        """
        self.plan = plan
        self.sticker = sticker
        self.name = "decoy" if freeze <= 0 else "still" if decoy > 0 else "freeze"
        self.strength = freeze if freeze > 0 else decoy
        self._freeze, self._decoy, self._seed = freeze, decoy, seed
        self._basis = plan.decoy.array if plan.decoy is not None else None
        self._known: dict[int, _Known] = {}

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """What arrives in another process knows no past, and draws a decoy of its own."""
        return type(self), (self.plan, self.sticker, self._freeze, self._decoy, self._seed)

    @property
    def promise(self) -> Promise:
        """See `Protection.promise`."""
        return Promise(bent=True, moving=self._decoy > 0)

    def nothing(self) -> "SkinProtection":
        """See `Protection.nothing`: at strength 0, which leaves every pixel as it is."""
        return SkinProtection(self.plan, self.sticker, 0.0, 0.0)

    def random(self, face: Face, random: np.random.Generator) -> "SkinProtection":
        """See `Protection.random`: the decoy alone, which follows no skin; that of `still` where there is none."""
        plan = self.plan.model_copy(update={"decoy": None})
        return SkinProtection(plan, self.sticker, 0.0, self._decoy or UNDER * self._freeze)

    def apply(self, frame: Frame, sighting: Sighting) -> Protected | None:
        """See `Protection.apply`. Vouches when on every face a field was found and applied.

        Not for the frame on which a face's first baseline is taken, unless there is a decoy over it.
        """
        if not sighting.faces or not sighting.complete or sighting.index != frame.index:
            return None
        if not all(np.isfinite(face.landmarks).all() and min(face.width, face.height) > 0 for face in sighting.faces):
            return None  # a baseline of it would fail on every later frame of that face, too
        begins = any(face.track not in self._known for face in sighting.faces)
        done: list[Bent] = []
        for face in sighting.faces:
            bent = self._bent(frame, face)
            if not np.isfinite(bent.field).all():
                self._known.pop(face.track, None)
                return None
            done.append(bent)
        if begins and self._freeze > 0 and self._decoy <= 0:
            return None  # a baseline is the camera's own picture, and the viewer may have seen an earlier one
        picture = bend(frame.image, done)
        self._known = {track: known for track, known in self._known.items() if frame.time - known.time <= FORGET}
        return Protected(Frame(picture, frame.index, frame.time, frame.captured), (), self.sticker, tuple(done))

    def restart(self) -> None:
        """See `Protection.restart`."""
        self._known = {}

    def _bent(self, frame: Frame, face: Face) -> Bent:
        known = self._known.get(face.track)
        first = known is None
        if known is None:
            since = baseline(frame.image, face)
            # Under a held face a plan's fields leave more to read than random ones do, and no less visible.
            holds = self._freeze > 0
            left = leftover() if holds and self._decoy > 0 else None
            drawn = Decoy(self._seed, None if holds else self._basis, left)
            known = _Known(since, Hold(since), drawn, frame.time, frame.time)
            self._known[face.track] = known
        since = known.since
        onto = similarity(face.landmarks, since.face.landmarks)
        if self._freeze > 0:
            moved = move(frame.image, onto, since, known.last)
            held = known.hold.step(moved.field, moved.sure, frame.time, other_look(face, since.face))
            known.last, place = moved.raw, moved.place
        else:
            held, place = Held(np.zeros((SIDE, SIDE, 2), np.float32), NAMES), together(since.place, onto)
        known.time = frame.time
        whole = held.field * np.float32(self._freeze)
        if self._decoy > 0:
            whole = whole + known.decoy.step(frame.time, since.width, self._decoy, since.crop)
        let_go = NAMES if first or self._freeze < HELD else held.let_go  # nothing is held yet, or ever
        bent = Bent(face.track, times(whole, since.fade), place, let_go)
        stale = frame.time - known.renewed >= RENEW and known.hold.settled
        if stale or known.hold.outlived or _outgrown(face, since.face, onto):
            self._renew(known, frame, face, held.field, place)
        return bent

    def _renew(self, known: _Known, frame: Frame, face: Face, away: Field, place: Affine) -> None:
        """This frame is what later ones are measured against; what is shown stays where it is shown.

        `away` lies in the last baseline's square, into which `place` takes the frame.
        """
        known.since = baseline(frame.image, face)
        known.hold.renew(known.since, carried_over(away, place, known.since.place))
        known.last, known.renewed = None, frame.time


def _outgrown(face: Face, since: Face, onto: Affine) -> bool:
    """Whether the head has turned so far, or come so much nearer, that the baseline does not fit it any more."""
    if not 1 / GROWN < face.width / max(since.width, 1e-6) < GROWN:
        return True
    off = np.linalg.norm(face.landmarks @ onto[:, :2].T + onto[:, 2] - since.landmarks, axis=1)
    return float((off > TURNED * since.width).mean()) > 0.5


def freeze(plan: Plan, sticker: Sticker, strength: float = 1.0, seed: int | None = None) -> SkinProtection:
    """Take off that share of what the skin moves: 0 nothing, 1 all."""
    return SkinProtection(plan, sticker, strength, 0.0, seed)


def decoy(plan: Plan, sticker: Sticker, strength: float = 1.0, seed: int | None = None) -> SkinProtection:
    """Add a motion of at most that many hundredths of the face's width."""
    return SkinProtection(plan, sticker, 0.0, strength, seed)


def still(plan: Plan, sticker: Sticker, strength: float = 1.0, seed: int | None = None) -> SkinProtection:
    """Freeze at that strength, with a decoy under it of `UNDER` times that strength."""
    return SkinProtection(plan, sticker, strength, UNDER * strength, seed)
