"""What leave-one-subject-out says of a recognizer: UF1 and UAR over seeds, with intervals over subjects."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.models import score
from deadpan.models.maps import Maps
from deadpan.models.training import halves

COMPOSITE = "composite"
"""All data sets together: the figure of MEGC 2019."""
CONFIRMATION = "confirmation half"
"""The composite's subjects on whom no variants were compared (`halves`)."""
RESAMPLES = 1000


@dataclass(frozen=True)
class Figure:
    """One score of several trainings that differ in their seed only."""

    mean: float
    sd: float
    """Standard deviation over seeds (n − 1); 0 for one seed."""
    low: float
    """Lower end of the 95 % bootstrap interval of the mean, over subjects."""
    high: float
    """Upper end."""

    def __str__(self) -> str:
        return f"{self.mean:.3f} ± {self.sd:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Row:
    """The composite, its confirmation half, or one of its data sets."""

    name: str
    maps: int
    subjects: int
    uf1: Figure
    uar: Figure


def measure(maps: Maps, predicted: Sequence[NDArray[np.integer]]) -> tuple[Row, ...]:
    """A row for the composite, its confirmation half and each data set; `predicted` holds (n,) classes for each seed.

    Each map must have been judged by a network that never saw its subject.
    """
    table = np.stack(predicted, axis=1)
    groups = {COMPOSITE: np.ones(len(maps), bool), CONFIRMATION: ~halves.design(maps)}
    groups |= {str(name): maps.dataset == name for name in np.unique(maps.dataset)}
    rows = []
    for name, chosen in groups.items():
        labels, answers, subjects = maps.label[chosen], table[chosen], maps.subject[chosen]
        figures = [figure(labels, answers, subjects, statistic) for statistic in (score.uf1, score.uar)]
        rows.append(Row(name, int(chosen.sum()), len(np.unique(subjects)), *figures))
    return tuple(rows)


def figure(
    labels: NDArray[np.int64], answers: NDArray[np.integer], subjects: NDArray[np.str_], statistic: score.Statistic
) -> Figure:
    """A score of `answers`, (n, seeds) classes, for `labels`, (n,)."""

    def over_seeds(labels: score.Labels, answers: score.Labels) -> float:
        return float(np.mean([statistic(labels, answer) for answer in answers.T]))

    each = [statistic(labels, answer) for answer in answers.T]
    low, high = score.bootstrap(labels, answers, subjects, over_seeds, RESAMPLES, seed=0)
    return Figure(float(np.mean(each)), float(np.std(each, ddof=1)) if len(each) > 1 else 0.0, low, high)
