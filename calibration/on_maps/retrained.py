"""An attacker who adapts: recognizers trained anew on maps protected in the same way as those that they judge."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from deadpan.calibration.effect.tally import RESAMPLES, Share, Tally, share
from deadpan.calibration.on_maps.fields import Motion
from deadpan.calibration.on_maps.protected import Mode, Protecting
from deadpan.calibration.trial.modes import FLOOR
from deadpan.calibration.workers import shared
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import LABELS, Maps
from deadpan.models.training.recipes import Recipe

OUT = 4
"""People left out at a time: a network for each of the 68 would take four times as long and learn from 4 % more."""
JUDGED = 10_000
"""Seed of the protection that is judged: none of those that are trained on."""


@dataclass(frozen=True)
class Retrained:
    """What recognizers that learned from protected maps make of others' protected maps."""

    mode: str
    uf1: Share
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
    done, answers = 0, {}
    told(0, len(modes) * len(groups))
    for mode in modes:
        count = copies if mode.draws > 1 else 1
        motion = [protecting(mode, strength, number) for number in (JUDGED, *range(count))]
        work = (delayed(_answer)(recipe, motion, maps.label, away, seed) for away in groups)
        said = np.full((1, len(maps)), len(LABELS), np.int8)
        for away, labels in zip(groups, shared(work, jobs), strict=True):
            said[0, away] = labels
            done += 1
            told(done, len(modes) * len(groups))
        answers[mode.name] = said
    tally = Tally(maps.label, maps.label[None].astype(np.int8), maps.subject, RESAMPLES, seed)
    floor = tally.uf1(answers[FLOOR])
    return [
        Retrained(name, share(tally.uf1(said), len(maps)), share(tally.uf1(said) - floor, len(maps)))
        for name, said in answers.items()
    ]


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
