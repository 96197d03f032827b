"""Counting under intervention: attack success, fooling rate, error rate and UF1, with intervals over subjects."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import hypot

import numpy as np
from numpy.typing import NDArray

from deadpan.models.errors import DeadpanError
from deadpan.models.maps import LABELS
from deadpan.models.score import wilson

RESAMPLES = 1000
MINUS = "−"
STILL = 1e-9
"""Below this a figure that resamples give does not vary: sums in another order do."""
FEW_SUBJECTS = 5
"""Below this many people whole people cannot be resampled; clips are, and intervals are then too narrow to generalise
to other people."""
Resampled = NDArray[np.float64]
"""(1 + resamples,) float64: a figure on the data themselves, then on each resample of them."""


class TooFew(DeadpanError):
    """Nothing is left to take a share of."""


@dataclass(frozen=True)
class Share:
    """A figure with its 95 % percentile interval."""

    value: float
    low: float
    high: float
    n: int
    """What it is a share of: clips, each counted once for every victim."""

    def __str__(self) -> str:
        value, low, high = (signed(f"{each:.1%}") for each in (self.value, self.low, self.high))
        return f"{value} [{low}, {high}]"

    @property
    def points(self) -> str:
        """+3.1 points [+0.4, +6.2]: a difference of shares."""
        value, low, high = (signed(f"{100 * each:+.1f}") for each in (self.value, self.low, self.high))
        return f"{value} points [{low}, {high}]"


def signed(figure: str) -> str:
    """A figure with a minus that is as wide as a plus, and no sign before what rounds to nothing."""
    bare = figure.lstrip("+-")
    zero = not bare.strip("0.% points")
    return bare if zero else figure.replace("-", MINUS)


def share(figure: Resampled, n: int) -> Share:
    """The figure on the data with the interval that its resamples span."""
    low, high = np.nanpercentile(figure[1:], (2.5, 97.5))
    return Share(float(figure[0]), float(low), float(high), n)


def proportion(figure: Resampled, n: int) -> Share:
    """`share`, of what is counted among `n`; Wilson's interval where all resamples say none, or all.

    They cannot say another thing of a figure of 0 or 1, which 0 of 30 and 0 of 3,000 have in common.
    """
    found = share(figure, n)
    return Share(found.value, *wilson(round(found.value * n), n), n) if _still(found) else found


def difference(one: Resampled, other: Resampled, n: int) -> Share:
    """`one` less `other`, paired by their resamples.

    Where no resample can tell how one of them varies, or how they differ, their intervals are squared and added
    (Newcombe 1998, method 10), as if they were of other clips: wider, but not by chance as narrow as the other's alone.
    """
    found = share(one - other, n)
    if found.high - found.low > STILL and not (_still(share(one, n)) or _still(share(other, n))):
        return found
    first, second = proportion(one, n), proportion(other, n)
    low = found.value - hypot(first.value - first.low, second.high - second.value)
    high = found.value + hypot(first.high - first.value, second.value - second.low)
    return Share(found.value, low, high, n)


def _still(found: Share) -> bool:
    return found.high - found.low < STILL and min(found.value, 1 - found.value) < STILL


@dataclass(frozen=True, eq=False)
class Tally:
    """Which people's clips are counted, how often in each resample; the same resamples for everything that is counted.

    That makes every comparison a paired one: two figures differ on the same drawn people.
    """

    label: NDArray[np.int64]
    """(n,): what each clip is."""
    clean: NDArray[np.int8]
    """(victims, n): what each victim calls it, untouched."""
    subject: NDArray[np.str_]
    """(n,)."""
    resamples: int = RESAMPLES
    seed: int = 0

    @cached_property
    def unit(self) -> str:
        """What is drawn: `subject`, or `clip` where there are too few people."""
        return "subject" if len(np.unique(self.subject)) >= FEW_SUBJECTS else "clip"

    @cached_property
    def _who(self) -> NDArray[np.intp]:
        """(n,): the drawn unit to which each clip belongs."""
        if self.unit == "clip":
            return np.arange(len(self.label))
        return np.unique(self.subject, return_inverse=True)[1]

    @cached_property
    def _units(self) -> int:
        return int(self._who.max()) + 1

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """(1 + resamples, units): how often each unit is drawn; first of all the data themselves, each once."""
        drawn = np.random.default_rng(self.seed).multinomial(
            self._units, np.full(self._units, 1 / self._units), self.resamples
        )
        return np.vstack([np.ones(self._units), drawn])

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """(victims, n): classified correctly while untouched."""
        right = self.clean == self.label
        if not right.any():
            raise TooFew(f"the recognizer is right on none of {self.label.size} clips: no attack can be counted")
        return np.asarray(right)

    @cached_property
    def _rights(self) -> NDArray[np.float64]:
        return self.weights @ self.sums(self.right)

    def sums(self, hit: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(units,): how many (victim, clip) hits, (victims, n), each unit has."""
        return np.bincount(self._who, hit.sum(axis=0), self._units).astype(np.float64)

    def flips(self, attacked: NDArray[np.int8], rows: NDArray[np.bool_] | bool = True) -> NDArray[np.float64]:
        """(units,): of what was right, how much becomes wrong; on `rows`, (n,), only."""
        return self.sums(self.right & (attacked != self.label) & rows)

    def attack(self, flips: NDArray[np.float64]) -> Resampled:
        """Attack success, from `flips`: (units,), or (1 + resamples, units) where they too differ by resample."""
        with np.errstate(invalid="ignore"):
            figure: Resampled = (self.weights * flips).sum(axis=1) / self._rights
        return figure

    def fooling(self, attacked: NDArray[np.int8]) -> Resampled:
        """Share of all clips whose label changes, right or wrong."""
        return self._of_all(attacked != self.clean)

    def error(self, attacked: NDArray[np.int8]) -> Resampled:
        """Share of all clips that are classified wrongly, clean errors included."""
        return self._of_all(attacked != self.label)

    def uf1(self, attacked: NDArray[np.int8]) -> Resampled:
        """Unweighted F1, counts pooled over victims, over the classes that occur in the resample."""
        hits, true, told = self._counts(attacked)
        f1 = 2 * hits / np.maximum(true + told, 1)
        figure: Resampled = (f1 * (true > 0)).sum(axis=1) / (true > 0).sum(axis=1)
        return figure

    def uar(self, attacked: NDArray[np.int8]) -> Resampled:
        """Unweighted average recall, as `uf1`."""
        hits, true, _ = self._counts(attacked)
        figure: Resampled = (hits / np.maximum(true, 1)).sum(axis=1) / (true > 0).sum(axis=1)
        return figure

    def _counts(self, attacked: NDArray[np.int8]) -> tuple[Resampled, Resampled, Resampled]:
        """(1 + resamples, classes) each: what is called its class, what is of it, what is called it."""
        classes = range(len(LABELS))
        hits, true, told = (
            np.stack([self.weights @ self.sums(each) for each in hit], axis=1)
            for hit in (
                [(attacked == c) & (self.label == c) for c in classes],
                [np.broadcast_to(self.label == c, attacked.shape) for c in classes],
                [attacked == c for c in classes],
            )
        )
        return hits, true, told

    def drawn(self, flips: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """(1 + resamples, units): mean flips over random draws of places, the draws themselves resampled as well."""
        table = np.stack(flips)
        return np.asarray(self.draws(len(table)) @ table / len(table))

    def draws(self, count: int) -> NDArray[np.float64]:
        """(1 + resamples, count): how often each of `count` random draws is drawn again; first each once."""
        again = np.random.default_rng(self.seed + 1).multinomial(count, np.full(count, 1 / count), self.resamples)
        return np.vstack([np.ones(count), again])

    def _of_all(self, hit: NDArray[np.bool_]) -> Resampled:
        every = self.weights @ self.sums(np.ones(self.clean.shape, bool))
        return np.asarray(self.weights @ self.sums(hit) / every)
