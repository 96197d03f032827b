"""The protections that are judged, and the controls that they are judged beside."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from deadpan.calibration.trial.passage import Watched
from deadpan.models.errors import DeadpanError
from deadpan.stickers.combination import make
from deadpan.stickers.parts import LAID, SKIN, parts
from deadpan.stickers.plan import Plan
from deadpan.stickers.protection import Protection, StickerProtection, random_places
from deadpan.stickers.sticker import Sticker
from deadpan.stickers.still import UNDER, decoy

NONE, FLOOR = "none", "no motion"
"""Nothing is protected; and the same when nothing happens either: what reads no better than this reads nothing."""

PROTECTIONS = (*LAID, *SKIN, "still+stickers")
"""Those that are judged where nobody asks for certain ones."""


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


def controls(plan: Plan, sticker: Sticker, strength: float = 1.0) -> dict[str, Mode]:
    """What protections are judged beside; `strength` is that of the random motion, `plan` says how many stickers."""

    def nowhere(watched: Watched, seed: int) -> None:
        return None

    def places(count: int) -> Callable[[Watched, int], Protection]:
        def elsewhere(watched: Watched, seed: int) -> Protection:
            faces = next((sighting.faces for sighting in watched.sightings if sighting.faces), ())
            if not faces:
                raise DeadpanError(f"{watched.clip.name}: the tracker finds no face on it")
            there = random_places(faces[0], count, np.random.default_rng(seed))
            return StickerProtection(plan, sticker, there, strength)

        return elsewhere

    def motion(watched: Watched, seed: int) -> Protection:
        # As strong as under still, and of no plan's fields.
        return decoy(plan.model_copy(update={"decoy": None}), sticker, UNDER * strength, seed)

    every = [
        Mode(NONE, nowhere),
        Mode(FLOOR, nowhere),
        Mode("random place", places(1)),
        Mode("random places", places(len(plan.targets))),
        Mode("random motion", motion),
    ]
    return {mode.name: mode for mode in every}


def mode(name: str, plan: Plan, sticker: Sticker, strength: float = 1.0) -> Mode:
    """The protection that `--protection` calls `name`; raises `ValueError` in one line."""
    given = parts(name)
    holds = bool({"freeze", "still"} & set(given))
    return Mode("+".join(given), lambda watched, seed: make(name, plan, sticker, strength, seed), holds)


def modes(plan: Plan, sticker: Sticker, strength: float = 1.0) -> dict[str, Mode]:
    """All controls and `PROTECTIONS`, by name."""
    judged = [mode(name, plan, sticker, strength) for name in PROTECTIONS]
    return controls(plan, sticker, strength) | {each.name: each for each in judged}
