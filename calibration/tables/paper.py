"""What the paper printed in its Tables II and III, and what it comes to when it is added up."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Printed:
    """A cell of Table II, percent: the error over all samples, which the paper calls attack success rate."""

    sticker: str
    """(a) to (h), in letters."""
    victim: str
    dataset: str
    random: float
    spread: float
    """What stands behind ± there; the paper does not say of how many draws."""
    causal: float


@dataclass(frozen=True)
class Sized:
    """A cell of Table III, percent: sticker (a), placed by the graph."""

    k: float
    victim: str
    dataset: str
    causal: float


@dataclass(frozen=True)
class Paper:
    """The printed figures."""

    source: str
    clips: dict[str, int]
    """Of each data set: the counts of which most of the printed figures are shares."""
    claimed: dict[str, float]
    """The mean gain in percent that the paper names for each victim."""
    placement: tuple[Printed, ...]
    size: tuple[Sized, ...]

    def gain(self, victim: str) -> float:
        """Points by which causal placement lies above random places, mean over the victim's cells."""
        gains = [each.causal - each.random for each in self.placement if each.victim == victim]
        return sum(gains) / len(gains)

    @property
    def worse(self) -> int:
        """Cells in which causal placement lies below random places."""
        return sum(each.causal < each.random for each in self.placement)

    @property
    def ties(self) -> int:
        """Cells in which both are the same."""
        return sum(each.causal == each.random for each in self.placement)

    @property
    def impossible(self) -> int:
        """Figures, two a cell of Table II, that are no share of so many clips; means of draws are asked the same."""
        return sum(
            not fits(value, self.clips[each.dataset]) for each in self.placement for value in (each.random, each.causal)
        )

    def of(self, dataset: str) -> tuple[Printed, ...]:
        """The cells of a data set; none of one that the paper does not have."""
        return tuple(each for each in self.placement if each.dataset == dataset)


def fits(percent: float, n: int) -> bool:
    """Whether a figure of two places is the share of some count of `n`, or lies a step of rounding beside one."""
    return abs(100 * round(percent * n / 100) / n - percent) <= 0.0101


def mean(values: Sequence[float]) -> float:
    """Of at least one."""
    return sum(values) / len(values)


@cache
def load() -> Paper:
    """The printed figures, from the file beside this one."""
    kept = json.loads((files("deadpan.calibration.tables") / "paper.json").read_text("utf-8"))
    return Paper(
        kept["source"],
        kept["clips"],
        kept["claimed"],
        tuple(Printed(*each) for each in kept["placement"]),
        tuple(Sized(*each) for each in kept["size"]),
    )
