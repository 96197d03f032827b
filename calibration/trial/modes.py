"""The protections that are judged, and the controls that they are judged beside."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from deadpan.calibration.trial.passage import Watched
from deadpan.models.errors import DeadpanError
from deadpan.stickers.plan import Plan
from deadpan.stickers.protection import Protection, StickerProtection, random_places
from deadpan.stickers.sticker import Sticker
from deadpan.stickers.still import UNDER, SkinProtection

NONE, FLOOR = "none", "no motion"
"""Nothing is protected; and the same when nothing happens either: what reads no better than this reads nothing."""


@dataclass(frozen=True)
class Mode:
    """One way in which a clip is protected."""

    name: str
    make: Callable[[Watched, int], Protection | None]
    """A protection at the start of its session, for a clip and a seed."""
    holds: bool = False
    """Whether it holds regions still, and so may let go of one."""

    @property
    def moves(self) -> bool:
        """Whether the clip's event happens."""
        return self.name != FLOOR


def modes(plan: Plan, sticker: Sticker, strength: float = 1.0) -> dict[str, Mode]:
    """All modes by name; `strength` is that of freeze, still and random motion, `plan` and `sticker` the stickers'."""

    def skin(freeze: float, decoy: float) -> Callable[[Watched, int], Protection]:
        return lambda watched, seed: SkinProtection(plan, sticker, freeze, decoy, seed)

    def nowhere(watched: Watched, seed: int) -> None:
        return None

    def elsewhere(watched: Watched, seed: int) -> Protection:
        faces = next((sighting.faces for sighting in watched.sightings if sighting.faces), ())
        if not faces:
            raise DeadpanError(f"{watched.clip.name}: the tracker finds no face on it")
        places = random_places(faces[0], len(plan.targets), np.random.default_rng(seed))
        return StickerProtection(plan, sticker, places)

    every = [
        Mode(NONE, nowhere),
        Mode(FLOOR, nowhere),
        Mode("stickers", lambda watched, seed: StickerProtection(plan, sticker)),
        Mode("random places", elsewhere),
        # As strong as the decoy under still.
        Mode("random motion", skin(0.0, UNDER * strength)),
        Mode("freeze", skin(strength, 0.0), holds=True),
        Mode("still", skin(strength, UNDER * strength), holds=True),
    ]
    return {mode.name: mode for mode in every}
