"""Protections on motion maps: stickers as interventions, and skin protections as a model of what the live code does.

A sticker is do(v = δ) (`effect.intervention`). Freezing takes the field off, within the fade of the live code, but for
what its search does not see and the noise of a webcam's flow (`transfer`); the decoy is the live one's own displacement
between two moments. How far the maps' skin really moved is unknown, so an amplitude is assumed. It is a model: what
regions let go of, codecs and landmarks that miss are judged on pictures (`calibration.trial`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect import intervention
from deadpan.calibration.effect.random_places import Places
from deadpan.calibration.effect.windows import patches
from deadpan.calibration.on_maps.fields import Fields, Motion, decoded, encoded
from deadpan.calibration.on_maps.square import FADE, SQUARE_FADE, SQUEEZED, TO_CROP, WIDTH, in_crop
from deadpan.calibration.on_maps.transfer import MEASURED, Transfer
from deadpan.calibration.trial.modes import FLOOR, NONE, PROTECTIONS
from deadpan.models.maps import Maps
from deadpan.models.motion import affine_part
from deadpan.stickers.basis import Basis
from deadpan.stickers.decoy import Decoy, leftover
from deadpan.stickers.parts import LAID, SKIN, parts
from deadpan.stickers.plan import Plan
from deadpan.stickers.regions import NAMES
from deadpan.stickers.still import UNDER

EVERYWHERE = "stickers on all 14 regions"
"""As large as the plan's: what no choice of places can go beyond."""
WEBCAM = "none, by a webcam"
"""The maps decoded, with the noise of a webcam's flow, and encoded: what the model itself does."""
USUAL = 0.7
"""Hundredths of the face's width: the amplitude (95th percentile of what is seen to move) that synthetic expressions
of 1 to 2 % at their peak have (.68 on the 27 clips of `deadpan evaluate protection --quick --seed 3`)."""
AMPLITUDES = (0.35, USUAL, 1.4)
BETWEEN, RATE = 0.2, 30
"""Seconds from onset to apex, and frames a second."""
PLACES = "random places"
"""As many stickers as the plan's, which cover as much."""
RANDOM = "random motion"
"""The decoy alone, as strong as under still, and drawn from nothing that was learned."""
DRAWN = 20
"""Sets of random places that stand for all."""

DRAWS = 5
"""How often a mode in which chance has a part is judged."""


@dataclass(frozen=True)
class Mode:
    """One way in which maps are protected, at strength 1."""

    name: str
    freeze: float = 0.0
    decoy: float = 0.0
    stickers: tuple[str, ...] = ()
    """Regions, over what is left; as large as the plan's."""
    draws: int = 1
    """How often it is judged."""


def mode(name: str, plan: Plan) -> Mode:
    """The protection that `--protection` calls `name`; raises `ValueError` in one line."""
    given = parts(name)
    skin, laid = {part for part in given if part in SKIN}, {part for part in given if part in LAID}
    return Mode(
        "+".join(given),
        freeze=1.0 if skin & {"freeze", "still"} else 0.0,
        decoy=1.0 if "decoy" in skin else UNDER if "still" in skin else 0.0,
        stickers=plan.regions if "stickers" in laid else plan.regions[:1] if laid else (),
        draws=DRAWS if skin else 1,
    )


def modes(plan: Plan) -> dict[str, Mode]:
    """The controls, and the protections that are judged where nobody asks for certain ones, by name."""
    every = [
        Mode(NONE),
        Mode(WEBCAM, draws=DRAWS),
        Mode(FLOOR, draws=DRAWS),
        Mode(PLACES, draws=DRAWN),
        Mode(EVERYWHERE, stickers=NAMES),
        Mode(RANDOM, decoy=UNDER, draws=DRAWS),
        *(mode(name, plan) for name in PROTECTIONS),
    ]
    return {each.name: each for each in every}


class Protecting:
    """Protects the same maps in every mode."""

    def __init__(self, maps: Maps, plan: Plan, amplitude: float = USUAL, transfer: Transfer = MEASURED) -> None:
        """`amplitude`: what every clip is taken to move by, hundredths of the face's width."""
        self.maps, self.plan, self.amplitude, self.transfer = maps, plan, amplitude, transfer
        self._moved: Fields = decoded(maps.motion, amplitude)
        self._decoys: dict[tuple[int, bool, bool], Fields] = {}
        self._drawn: dict[float, list[NDArray[np.bool_]]] = {}

    def __call__(self, mode: Mode, strength: float = 1.0, seed: int = 0) -> Motion:
        """(n, 28, 28, 3): what a recognizer makes of the clips; the same seed gives the same maps.

        `strength` is as the live protections take it: stickers are that share of the plan's size.
        """
        if mode.name == FLOOR:
            return intervention.noise(len(self.maps), seed)
        if mode.name == PLACES:
            return intervention.do(self.maps.motion, self._elsewhere(strength)[seed % DRAWN])
        motion = self.maps.motion
        if mode.name == WEBCAM or mode.freeze or mode.decoy:
            basis = None if mode.name == RANDOM else self.plan.decoy
            motion = encoded(self._skin(strength * mode.freeze, strength * mode.decoy, seed, basis))
        return intervention.do(motion, self.covered(mode.stickers, strength)) if mode.stickers else motion

    def covered(self, regions: tuple[str, ...], strength: float = 1.0) -> NDArray[np.bool_]:
        """(n, 28, 28): the cells that stickers on these regions cover."""
        centres = self.maps.roi_center[:, [NAMES.index(name) for name in regions]]
        return np.asarray(patches(self.maps, centres, strength * self.plan.k).any(axis=1))

    def _elsewhere(self, strength: float) -> list[NDArray[np.bool_]]:
        """`DRAWN` times what as many stickers in random places cover: as much as the plan's do."""
        if strength not in self._drawn:
            places = Places(self.maps, len(self.plan.regions), strength * self.plan.k)
            alike = places.like(float(self.covered(self.plan.regions, strength).mean()), DRAWN)
            self._drawn[strength] = [places.taken(each) for each in alike]
        return self._drawn[strength]

    def _skin(self, freeze: float, decoy: float, seed: int, basis: Basis | None) -> Fields:
        random = np.random.default_rng([seed, 1])
        moved = frozen(self._moved, freeze, self.transfer, random)
        if decoy > 0:
            # Twice as strong is twice as far: the same draws serve every strength.
            moved = moved + np.float32(decoy) * self._displaced(seed, None if freeze > 0 else basis, freeze > 0)
        return np.asarray(moved, np.float32)

    def _displaced(self, seed: int, basis: Basis | None, held: bool) -> Fields:
        key = seed, basis is not None, held
        if key not in self._decoys:
            seeds = np.random.default_rng(seed).integers(2**31, size=len(self.maps))
            self._decoys[key] = np.stack([displaced(int(each), basis, held) for each in seeds])
        return self._decoys[key]


def frozen(moved: Fields, strength: float, transfer: Transfer, random: np.random.Generator) -> Fields:
    """What a webcam's flow shows of skin that is frozen at a strength; 0 is not at all."""
    taken = np.float32(strength) * FADE[..., None] * (moved - transfer.thinned(moved))
    return np.asarray(moved - taken + transfer.drawn(len(moved), random), np.float32)


def displaced(seed: int, basis: Basis | None = None, held: bool = False) -> NDArray[np.float32]:
    """(28, 28, 2): how a decoy of strength 1 moves the skin from an onset to its apex, as a field.

    Less its affine part, which whoever reads takes off as the head's. `basis` is what it mixes, where a plan has one;
    on a `held` face it mixes what holding leaves, as `still` does.
    """
    decoy = Decoy(seed, None if basis is None else basis.array, leftover() if held else None)
    steps = [decoy.step(number / RATE, WIDTH, crop=TO_CROP) for number in range(round(BETWEEN * RATE) + 1)]
    seen = in_crop((steps[-1] - steps[0]) * SQUARE_FADE[..., None])
    seen *= np.array([1, SQUEEZED], np.float32) * np.float32(100 / WIDTH)
    return np.asarray(seen - affine_part(seen), np.float32)
