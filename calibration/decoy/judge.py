"""What a learned decoy is worth: learned on half the people, judged on the others by a recognizer it did not meet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from deadpan.calibration.decoy.addition import Addition, Draws
from deadpan.calibration.decoy.learn import COUNT, SIZES, STEPS, learn
from deadpan.calibration.effect.held_out import halves
from deadpan.calibration.effect.tally import RESAMPLES, Resampled, Share, Tally, share
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import Maps
from deadpan.models.motion import GRID
from deadpan.models.training import recipes
from deadpan.models.training.export import CENTRE, probabilities
from deadpan.models.training.fit import fit
from deadpan.stickers.decoy import MOST, levelled

BOUNDS = (MOST / 4, MOST / 2, MOST)
"""Of the decoy that is judged; half is what lies under `still`."""
DRAWS = 8
"""Times that every map is judged, each with a decoy and a size of its own motion drawn anew."""
FEWEST = 10
"""People below which halves of them say nothing."""
Told = Callable[[str, int, int], None]
"""Hears a stage's name, and how much of it is done, of how much."""


@dataclass(frozen=True)
class Judged:
    """Label lost by other people's maps under one bound, by a recognizer that the fields were not learned from."""

    bound: float
    """Shares of the face's width."""
    attack: Share
    """Of the right labels, how many become wrong; n counts each right clip once for every recognizer."""
    random: Share
    """The same under the decoy without a basis, as strong."""
    against_random: Share
    """The difference, paired; the interval holds the people's and the draws' uncertainty."""
    known: Share
    """As `attack`, when the fields are known and all that lies along them is taken off."""
    uf1: Share
    uf1_random: Share

    @property
    def beats_random(self) -> bool:
        """The 95 % interval of the difference lies above zero."""
        return self.against_random.low > 0


@dataclass(frozen=True, eq=False)
class Learned:
    """A basis and what one learned in the same way does elsewhere."""

    fields: NDArray[np.float64]
    """(k, 7, 7, 2), learned from all people and all recognizers."""
    judged: tuple[Judged, ...]
    """By rising bound; of bases that were learned without the people and the recognizer that judge."""
    uf1: Share
    """Untouched."""
    people: int

    @property
    def beats_random(self) -> bool:
        """At the highest bound, where there is most to see."""
        return self.judged[-1].beats_random

    @property
    def words(self) -> str:
        """The finding as sentences."""
        last = self.judged[-1]
        end = "more than random motion" if self.beats_random else "not shown to do more than random motion"
        return (
            f"On other people and by a recognizer that it was not learned from, a decoy of at most {last.bound:.1%} of "
            f"the face's width over motion of {SIZES[0]:.2%} to {SIZES[1]:.2%} takes {last.attack} of the right "
            f"labels, random motion {last.random}: {last.against_random.points}, {end}. Whoever knows the fields and "
            f"takes them off loses {last.known}. UF1 {_uf1(self.uf1)} untouched, {_uf1(last.uf1)} with it, "
            f"{_uf1(last.uf1_random)} with random motion: by itself it hides little."
        )


def learned(
    maps: Maps,
    names: Sequence[str],
    *,
    count: int = COUNT,
    steps: int = STEPS,
    draws: int = DRAWS,
    resamples: int = RESAMPLES,
    seed: int = 0,
    told: Told = lambda stage, done, of: None,
) -> Learned:
    """Learn from all of `maps` with the recipes `names`, after judging the same on halves of the people.

    Every recognizer judges people whom neither it nor the fields have seen, under fields that were learned with the
    other recognizers; so two are needed. Raises `DeadpanError` when there are too few people or recognizers.
    """
    if len(set(names)) < 2:
        raise DeadpanError(f"recognizers {', '.join(names)}: one must judge what another taught; expected two or more")
    if len(maps.subjects) < FEWEST:
        raise DeadpanError(f"maps of {len(maps.subjects)} people: expected at least {FEWEST}, to judge on other people")
    threads = torch.get_num_threads()
    # Sums in another order are other fields, and networks as small as these gain nothing from threads.
    torch.set_num_threads(1)
    try:
        return _Work(maps, names, count, steps, draws, resamples, seed, told).learned()
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True, eq=False)
class _Work:
    maps: Maps
    names: Sequence[str]
    count: int
    steps: int
    draws: int
    resamples: int
    seed: int
    told: Told

    def learned(self) -> Learned:
        clean = np.empty((len(self.names), len(self.maps)), np.int8)
        said = {bound: [[np.empty_like(clean) for _ in range(self.draws)] for _ in range(3)] for bound in BOUNDS}
        for number, half in enumerate(halves(self.maps, np.random.default_rng(self.seed))):
            networks = self._networks(self.maps.only(half), f"half {number + 1}: recognizers")
            others = np.flatnonzero(~half)
            for row, name in enumerate(self.names):
                stage = f"half {number + 1}: fields for {name} to judge"
                taught = [each for other in self.names if other != name for each in networks[other]]
                fields = self._fields(taught, self.maps.only(half), stage)
                judge = _Judge(self.maps.only(~half), networks[name], recipes.find(name).flip_average, fields)
                clean[row, others] = judge(None, 0, np.random.default_rng(0))
                for bound, kinds in said.items():
                    for draw in range(self.draws):
                        # The same size of motion and the same random numbers for all three: as paired as can be.
                        for kind, answers in enumerate(kinds):
                            random = np.random.default_rng([self.seed, number, draw])
                            answers[draw][row, others] = judge(kind, bound, random)
        tally = Tally(self.maps.label, clean, self.maps.subject, self.resamples, self.seed)
        judged = tuple(self._judged(tally, bound, *kinds) for bound, kinds in said.items())
        networks = self._networks(self.maps, "recognizers of everybody")
        fields = self._fields([each for of in networks.values() for each in of], self.maps, "the fields")
        uf1 = share(tally.uf1(clean), clean.size)
        return Learned(fields, judged, uf1, len(self.maps.subjects))

    def _networks(self, maps: Maps, stage: str) -> dict[str, list[nn.Module]]:
        fitted = {}
        for done, name in enumerate(self.names):
            self.told(stage, done, len(self.names))
            fitted[name] = fit(recipes.find(name), maps.motion, maps.label, self.seed)
        return fitted

    def _fields(self, networks: Sequence[nn.Module], maps: Maps, stage: str) -> NDArray[np.float64]:
        done = 0

        def told() -> None:
            nonlocal done
            done += 1
            self.told(stage, done, self.steps)

        return learn(networks, maps, self.seed, count=self.count, steps=self.steps, told=told)

    def _judged(self, tally: Tally, bound: float, *kinds: Sequence[NDArray[np.int8]]) -> Judged:
        n = int(tally.right.sum())
        attack, random, known = (tally.attack(tally.drawn([tally.flips(each) for each in kind])) for kind in kinds)

        def uf1(kind: Sequence[NDArray[np.int8]]) -> Share:
            mean: Resampled = np.mean([tally.uf1(each) for each in kind], axis=0)
            return share(mean, tally.label.size)

        return Judged(
            bound, share(attack, n), share(random, n), share(attack - random, n), share(known, n), *map(uf1, kinds[:2])
        )


class _Judge:
    """One recognizer before the maps of people whom it never saw."""

    def __init__(self, maps: Maps, networks: Sequence[nn.Module], flip: bool, fields: NDArray[np.float64]) -> None:
        self._add, self._draws = Addition(maps.motion), Draws()
        self._maps, self._networks, self._flip = maps, networks, flip
        self._basis: Tensor = torch.from_numpy(levelled(fields).astype(np.float32)).view(len(fields), -1, 2)

    def __call__(self, kind: int | None, bound: float, random: np.random.Generator) -> NDArray[np.intp]:
        """(n,) labels: untouched (None), under the learned decoy (0), a random one (1), the learned one known (2)."""
        n = len(self._maps)
        with torch.inference_mode():
            size = torch.from_numpy(random.uniform(*SIZES, n).astype(np.float32))
            field, known = torch.zeros(n, GRID * GRID, 2), None
            if kind is not None:
                field = self._draws(n, None if kind == 1 else self._basis, torch.full((n,), bound), random)
            if kind == 2:
                known = self._draws.along(self._basis)
            shown = self._add(np.arange(n), size, field, known).numpy().transpose(0, 2, 3, 1)
        motion = np.rint((shown + 1) * CENTRE).astype(np.uint8)
        answer: NDArray[np.intp] = probabilities(self._networks, motion, flip=self._flip).argmax(axis=1)
        return answer


def _uf1(figure: Share) -> str:
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"
