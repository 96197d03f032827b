"""Makes protections of their names, and one of several: each part goes over what the part before it has left."""

from typing import Self

import numpy as np

from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame
from deadpan.stickers import still
from deadpan.stickers.parts import SKIN, parts
from deadpan.stickers.placement import Placement
from deadpan.stickers.plan import Plan
from deadpan.stickers.protection import Bent, Promise, Protected, Protection, StickerProtection
from deadpan.stickers.sticker import Sticker

_BENDING = {"freeze": still.freeze, "decoy": still.decoy, "still": still.still}


def make(name: str, plan: Plan, sticker: Sticker, strength: float = 1.0, seed: int | None = None) -> Protection:
    """The protection called `name` (see `parts`); its parts all have the `strength`, above 0 and at most 1.

    Stickers are that share of the plan's size: one that can be seen through would protect nobody. `seed` is the
    decoy's, for tests and tables.
    """
    first = plan.model_copy(update={"regions": plan.regions[:1]})
    made: list[Protection] = []
    for part in parts(name):
        if part in SKIN:
            made.append(_BENDING[part](plan, sticker, strength, seed))
        else:
            made.append(StickerProtection(first if part == "sticker" else plan, sticker, strength=strength))
    return made[0] if len(made) == 1 else Combination(*made)


class Combination:
    """Applies its parts one after the other, on the same sighting; vouches when all of them do."""

    def __init__(self, *parts: Protection) -> None:
        """Take the parts in the order in which they are applied: what bends before what lays."""
        self._parts = parts
        self.plan = parts[-1].plan
        self.name = "+".join(part.name for part in parts)
        self.strength = parts[0].strength
        nothing, random = (" and ".join(part.controls[i] for part in parts) for i in range(2))
        self.controls = (nothing, random)

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """What arrives in another process knows no past."""
        return type(self), self._parts

    @property
    def sticker(self) -> Sticker:
        """See `Protection.sticker`."""
        return self._parts[-1].sticker

    @sticker.setter
    def sticker(self, sticker: Sticker) -> None:
        for part in self._parts:
            part.sticker = sticker

    @property
    def promise(self) -> Promise:
        """See `Protection.promise`: all that any part promises."""
        promises = [part.promise for part in self._parts]
        return Promise(
            covered=tuple(region for each in promises for region in each.covered),
            bent=any(each.bent for each in promises),
            moving=any(each.moving for each in promises),
        )

    def nothing(self) -> "Combination":
        """See `Protection.nothing`."""
        return Combination(*(part.nothing() for part in self._parts))

    def random(self, face: Face, random: np.random.Generator) -> "Combination":
        """See `Protection.random`."""
        return Combination(*(part.random(face, random) for part in self._parts))

    def apply(self, frame: Frame, sighting: Sighting) -> Protected | None:
        """See `Protection.apply`."""
        placements: tuple[Placement, ...] = ()
        bent: tuple[Bent, ...] = ()
        for part in self._parts:
            done = part.apply(frame, sighting)
            if done is None:
                return None
            frame, placements, bent = done.frame, placements + done.placements, bent + done.bent
        return Protected(frame, placements, self.sticker, bent)

    def restart(self) -> None:
        """See `Protection.restart`."""
        for part in self._parts:
            part.restart()
