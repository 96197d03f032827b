"""What recognizers that never saw the people make of their protected maps: figures with intervals, and curves."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from deadpan.calibration.effect import intervention, paths
from deadpan.calibration.effect.held_out import CHOOSING, SPLITS, halves
from deadpan.calibration.effect.tally import Resampled, Share, Tally, share
from deadpan.calibration.effect.victims import Answers, Labels, Victim
from deadpan.calibration.on_maps.protected import AMPLITUDES, DRAWS, Mode, Protecting
from deadpan.calibration.trial.figures import chance
from deadpan.calibration.trial.modes import NONE
from deadpan.models.maps import Maps

ELSEWHERE = "stickers, chosen on others"
"""As many as the plan has, as large, chosen by effect on half the people and judged on the other half."""
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True)
class Told:
    """What one recognizer makes of a mode; its seeds are counted together, draws averaged."""

    recognizer: str
    seeds: tuple[int, ...]
    attack: Share
    """Of what it tells right on the maps themselves, how much becomes wrong."""
    fooling: Share
    error: Share
    uf1: Share
    above_floor: Share
    """UF1 less that of no motion, paired."""
    chance: float
    """UF1 of the same answers, dealt out at random: what their mix is worth."""


@dataclass(frozen=True)
class Row:
    """The figures of one mode."""

    mode: str
    draws: int
    told: tuple[Told, ...]

    def record(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)


@dataclass(frozen=True)
class Point:
    """One place on a curve: what the first recognizer makes of a mode."""

    mode: str
    amplitude: float
    strength: float
    uf1: Share
    attack: Share


class Judges:
    """Recognizers, each with all its trainings, asked about the same people."""

    def __init__(self, maps: Maps, groups: Sequence[Sequence[Victim]], jobs: int = 1, seed: int = 0) -> None:
        """`groups`: the trainings of each recognizer. Raises `TooFew` where one is right on nothing."""
        self.maps = maps
        self._answers = [Answers(maps, victims, jobs) for victims in groups]
        self._tallies = [Tally(maps.label, each.clean, maps.subject, seed=seed) for each in self._answers]
        self._seed = seed
        still = [intervention.noise(len(maps), seed + number) for number in range(DRAWS)]
        self._floor = [
            _uf1(tally, [each.to(motion) for motion in still])
            for tally, each in zip(self._tallies, self._answers, strict=True)
        ]

    @property
    def unit(self) -> str:
        """What the intervals resample."""
        return self._tallies[0].unit

    def rows(
        self,
        protecting: Protecting,
        modes: Sequence[Mode],
        strength: float = 1.0,
        told: Callable[[str, int, int], None] = lambda what, done, of: None,
    ) -> list[Row]:
        """One row a mode, in their order; `told` hears what is judged, how many are done, and of how many."""
        made = []
        for number, mode in enumerate(modes):
            told(mode.name, number, len(modes))
            made.append(self._row(mode.name, mode.draws, self._asked(protecting, mode, strength)))
        return made

    def chosen_on_others(self, chooser: Sequence[Victim], count: int, k: float, jobs: int = 1) -> Row:
        """Stickers that half the people and the recognizer `chooser` chose, judged on the other half; both ways."""
        choosing = Answers(self.maps, chooser, jobs)
        labels: list[list[Labels]] = [[] for _ in self._answers]
        for split in range(SPLITS):
            judged = [np.empty_like(each.clean) for each in self._answers]
            for half in halves(self.maps, np.random.default_rng([self._seed, split])):
                rows = np.flatnonzero(half)
                clean = choosing.clean[:, rows]
                tally = Tally(self.maps.label[rows], clean, self.maps.subject[rows], CHOOSING, self._seed)
                regions = paths.greedy(choosing, tally, rows, k, count)
                for answer, each in zip(judged, self._answers, strict=True):
                    answer[:, ~half] = each.silenced(regions, k)[:, ~half]
            for several, answer in zip(labels, judged, strict=True):
                several.append(answer)
        return self._row(ELSEWHERE, SPLITS, labels)

    def curve(
        self,
        protecting: Callable[[float], Protecting],
        modes: Sequence[Mode],
        amplitudes: Sequence[float] = AMPLITUDES,
        strengths: Sequence[float] = STRENGTHS,
        told: Callable[[str, int, int], None] = lambda what, done, of: None,
    ) -> list[Point]:
        """UF1 and attack success of the first recognizer over strength, for every assumed amplitude."""
        total = len(amplitudes) * len(modes) * len(strengths)
        answers, tally = self._answers[0], self._tallies[0]
        right = int(tally.right.sum())
        points: list[Point] = []
        for amplitude in amplitudes:
            given = protecting(amplitude)
            for mode in modes:
                for strength in strengths:
                    told("curves over strength", len(points), total)
                    labels = answers.to(given(mode, strength, self._seed))
                    attack = tally.attack(tally.flips(labels))
                    uf1 = share(tally.uf1(labels), labels.size)
                    points.append(Point(mode.name, amplitude, strength, uf1, share(attack, right)))
        return points

    def _asked(self, protecting: Protecting, mode: Mode, strength: float) -> list[list[Labels]]:
        """For each recognizer, its labels on every draw."""
        drawn = [protecting(mode, strength, self._seed + number) for number in range(mode.draws)]
        return [[each.clean if mode.name == NONE else each.to(motion) for motion in drawn] for each in self._answers]

    def _row(self, name: str, draws: int, labels: Sequence[Sequence[Labels]]) -> Row:
        told = []
        for answers, tally, floor, each in zip(self._answers, self._tallies, self._floor, labels, strict=True):
            n, right = answers.clean.size, int(tally.right.sum())
            uf1 = _uf1(tally, each)
            told.append(
                Told(
                    recognizer=answers.victims[0].name,
                    seeds=tuple(victim.seed for victim in answers.victims),
                    attack=share(_mean([tally.attack(tally.flips(one)) for one in each]), right),
                    fooling=share(_mean([tally.fooling(one) for one in each]), n),
                    error=share(_mean([tally.error(one) for one in each]), n),
                    uf1=share(uf1, n),
                    above_floor=share(uf1 - floor, n),
                    chance=float(np.mean([chance(self.maps.label, says) for one in each for says in one])),
                )
            )
        return Row(name, draws, tuple(told))


def _uf1(tally: Tally, labels: Sequence[Labels]) -> Resampled:
    return _mean([tally.uf1(each) for each in labels])


def _mean(figures: Sequence[Resampled]) -> Resampled:
    return np.asarray(np.mean(figures, axis=0))
