"""An attacker who adapts: recognizers trained anew on maps protected in the same way as those that they judge."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from deadpan.calibration.effect.tally import RESAMPLES, Share, Tally, share
from deadpan.calibration.on_maps.fields import Motion, decoded
from deadpan.calibration.on_maps.protected import DRAWN, USUAL, Mode, Protecting
from deadpan.calibration.trial.figures import chance
from deadpan.calibration.trial.linear import Linear
from deadpan.calibration.trial.modes import FLOOR
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import LABELS, Maps
from deadpan.models.training.recipes import Recipe
from deadpan.models.workers import shared

OUT = 4
"""People left out at a time: a network for each of the 68 would take four times as long and learn from 4 % more."""
JUDGED = 10_000 * DRAWN - 1
"""Seed of the protection that is judged: none of those that are learned from, nor do its random places occur there."""
PARTS = 5
"""Parts of the people: a linear attacker learns on all but one, and chooses his penalty by as many parts of those."""
LINEAR = "linear"


@dataclass(frozen=True)
class Retrained:
    """What recognizers that learned from protected maps make of others' protected maps."""

    attacker: str
    """`LINEAR`, or the recipe's name."""
    mode: str
    uf1: Share
    chance: float
    """As `judged.Told.chance`."""
    above_floor: Share
    """UF1 less that of recognizers that learned from, and judge, maps without motion; paired."""

    def record(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)


def retrained(
    protecting: Protecting,
    modes: Sequence[Mode],
    recipe: Recipe,
    copies: int,
    strength: float = 1.0,
    seed: int = 0,
    jobs: int = 1,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> list[Retrained]:
    """Train and judge in each mode, by people left out; one of `modes` must be the floor. Needs torch.

    Each map is learned from under `copies` protections with noise, decoy and places of their own. `told` hears how
    many networks are trained, of how many.
    """
    maps = protecting.maps
    if FLOOR not in [mode.name for mode in modes]:
        raise DeadpanError(f"retrained recognizers without their floor; expected {FLOOR!r} among the modes")
    groups = list(_groups(maps, seed))
    done = 0
    answers: dict[str, NDArray[np.int8]] = {}
    told(0, len(modes) * len(groups))
    for mode in modes:
        count = min(copies, DRAWN - 1) if mode.draws > 1 else 1
        motion = [protecting(mode, strength, number) for number in (JUDGED, *range(count))]
        work = (delayed(_answer)(recipe, motion, maps.label, away, seed) for away in groups)
        said = np.full((1, len(maps)), len(LABELS), np.int8)
        for away, labels in zip(groups, shared(work, jobs), strict=True):
            said[0, away] = labels
            done += 1
            told(done, len(modes) * len(groups))
        answers[mode.name] = said
    return _rows(maps, recipe.name, answers, seed)


def linear(
    protecting: Protecting,
    modes: Sequence[Mode],
    strength: float = 1.0,
    seed: int = 0,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> list[Retrained]:
    """The same by ridge regression on (u, v), which finds in little data what leaks linearly. Needs no torch."""
    maps = protecting.maps
    if FLOOR not in [mode.name for mode in modes]:
        raise DeadpanError(f"linear attackers without their floor; expected {FLOOR!r} among the modes")
    part = np.empty(len(maps), int)
    for number, people in enumerate(np.array_split(np.random.default_rng(seed).permutation(maps.subjects), PARTS**2)):
        part[np.isin(maps.subject, people)] = number
    answers: dict[str, NDArray[np.int8]] = {}
    for number, mode in enumerate(modes):
        told(number, len(modes))
        learned, judged = (decoded(protecting(mode, strength, each), USUAL) for each in (0, JUDGED))
        said = np.full((1, len(maps)), len(LABELS), np.int8)
        for away in np.unique(part % PARTS):
            rest, own = part % PARTS != away, part % PARTS == away
            attacker = Linear(learned[rest], maps.label[rest], (part[rest] // PARTS).astype(str))
            said[0, own] = attacker.predict(judged[own])
        answers[mode.name] = said
    return _rows(maps, LINEAR, answers, seed)


def _rows(maps: Maps, attacker: str, answers: dict[str, NDArray[np.int8]], seed: int) -> list[Retrained]:
    n = len(maps)
    tally = Tally(maps.label, maps.label[None].astype(np.int8), maps.subject, RESAMPLES, seed)
    floor = tally.uf1(answers[FLOOR])
    made = []
    for name, said in answers.items():
        uf1 = tally.uf1(said)
        made.append(Retrained(attacker, name, share(uf1, n), chance(maps.label, said[0]), share(uf1 - floor, n)))
    return made


def _groups(maps: Maps, seed: int) -> Iterator[NDArray[np.bool_]]:
    """(n,) masks of `OUT` people each, who share no mask."""
    people = np.random.default_rng(seed).permutation(maps.subjects)
    for start in range(0, len(people), OUT):
        yield np.isin(maps.subject, people[start : start + OUT])


def _answer(
    recipe: Recipe, motion: Sequence[Motion], label: NDArray[np.int64], away: NDArray[np.bool_], seed: int
) -> NDArray[np.int64]:
    """What a network that learned from all but `away` calls these; `motion`: what is judged, then what is learned."""
    from deadpan.models.training.export import probabilities
    from deadpan.models.training.fit import fit

    learned = np.concatenate([each[~away] for each in motion[1:]])
    networks = fit(recipe, learned, np.tile(label[~away], len(motion) - 1), seed)
    return np.asarray(probabilities(networks, motion[0][away], flip=recipe.flip_average).argmax(axis=1))
