"""Stability: what becomes of the graph and its winner when other people had come to the recordings."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from deadpan.calibration.graph import discretise
from deadpan.calibration.graph.discovery import ALPHA, Endpoints
from deadpan.calibration.graph.features import Features
from deadpan.calibration.graph.independence import ChiSquare
from deadpan.calibration.graph.orientation import orient
from deadpan.calibration.graph.skeleton import skeleton
from deadpan.models.errors import DeadpanError
from deadpan.models.workers import shared
from deadpan.stickers.regions import NAMES

RESAMPLES = 500
BATCH = 5
"""Resamples that a job does before it reports."""
Values = NDArray[np.float32] | NDArray[np.int64]
"""(n, 14): quantities, or numbers of classes."""
Progress = Callable[[int, int], None]
"""Hears how many are done, of how many."""


@dataclass(frozen=True, eq=False)
class Stability:
    """Over bootstrap resamples of the data; arrays in the order of `names`."""

    resamples: int
    seed: int
    drawn: str
    """What was drawn with replacement: subjects where they are known, else samples."""
    of: int
    """How many of them there are."""
    names: tuple[str, ...]
    winner: NDArray[np.float64]
    """(14,): share of the resamples in which the region has the highest out-degree; of a tie of m regions, 1/m each."""
    sole: NDArray[np.float64]
    """(14,): share in which it alone has."""
    out_degree: NDArray[np.float64]
    """(14,): mean."""
    interval: NDArray[np.float64]
    """(14, 2): 2.5th and 97.5th percentile of the out-degree."""
    possible: NDArray[np.float64]
    """(14,): mean possible out-degree."""
    edges: NDArray[np.float64]
    """(14, 14): share of the resamples with i → j."""
    adjacent: NDArray[np.float64]
    """(14, 14), symmetric: share with any edge between i and j."""
    none: float
    """Share that has no directed edge and so names no winner; `winner` and this sum to 1."""


def fast(levels: discretise.Levels, alpha: float = ALPHA) -> Endpoints:
    """The ends of the edges that `discover` finds, without causal-learn's objects: the same, about 25 times as soon."""
    adjacent, separating = skeleton(ChiSquare(levels), alpha)
    return orient(adjacent, separating)


def bootstrap(
    features: Features,
    resamples: int = RESAMPLES,
    seed: int = 0,
    alpha: float = ALPHA,
    bins: int = discretise.BINS,
    jobs: int = 2,
    progress: Progress = lambda done, total: None,
) -> Stability:
    """Draw whole subjects with replacement, cut their features anew, and look at the graph of each such draw.

    Clips of one person are not independent, so the person is drawn; where every sample is a subject of its own, samples
    are. The cuts are part of what is estimated from the data, so each draw gets its own: with those of all the data,
    levels would move less than they do. A person who is drawn twice makes tables look fuller than they are, so the
    draws' graphs have more edges than that of the data itself: shares may be compared with each other, mean degrees
    not with the data's. Same seed, same bytes, whatever the number of jobs. Raises `DeadpanError` when
    there are fewer than two to draw from.
    """
    people = subjects(features)
    if len(people) < 2:
        raise DeadpanError(f"stability: {len(people)} subject; expected two or more to draw from")
    seeds = np.random.SeedSequence(seed).spawn(resamples)
    batches = [seeds[start : start + BATCH] for start in range(0, resamples, BATCH)]
    work = (delayed(_graphs)(values(features), people, batch, alpha, bins) for batch in batches)
    found: list[Endpoints] = []
    for batch in shared(work, jobs):
        found += batch
        progress(len(found), resamples)
    drawn = "samples" if len(people) == len(features.subject) else "subjects"
    return summary(np.array(found), seed, drawn, len(people))


def summary(graphs: NDArray[np.int8], seed: int, drawn: str, of: int) -> Stability:
    """What (r, 14, 14) ends of edges have in common; see `Stability` for the rest."""
    arrows = (graphs == -1) & (graphs.transpose(0, 2, 1) == 1)
    out = arrows.sum(axis=2)
    possible = (graphs == -1).sum(axis=2)
    wins = (out == out.max(axis=1, keepdims=True)) & (out > 0)
    ties = wins.sum(axis=1, keepdims=True)
    return Stability(
        resamples=len(graphs),
        seed=seed,
        drawn=drawn,
        of=of,
        names=NAMES,
        winner=(wins / np.maximum(ties, 1)).mean(axis=0),
        sole=(wins & (ties == 1)).mean(axis=0),
        out_degree=out.mean(axis=0),
        interval=np.percentile(out, (2.5, 97.5), axis=0).T,
        possible=possible.mean(axis=0),
        edges=arrows.mean(axis=0),
        adjacent=(graphs != 0).mean(axis=0),
        none=float((ties == 0).mean()),
    )


def subjects(features: Features) -> list[NDArray[np.intp]]:
    """The rows of each subject, in alphabetical order of their names."""
    return [np.flatnonzero(features.subject == name) for name in np.unique(features.subject)]


def values(features: Features) -> Values:
    """What `draw` takes: whole numbers are classes and are not cut."""
    return features.values.astype(np.int64) if features.categorical else features.values


def draw(
    values: Values, people: list[NDArray[np.intp]], seed: np.random.SeedSequence, bins: int = discretise.BINS
) -> discretise.Levels:
    """The levels of as many `people` as there are, drawn with replacement, cut anew."""
    drawn = np.random.default_rng(seed).integers(len(people), size=len(people))
    return discretise.levels(values[np.concatenate([people[each] for each in drawn])], bins)


def _graphs(
    values: Values, people: list[NDArray[np.intp]], seeds: list[np.random.SeedSequence], alpha: float, bins: int
) -> list[Endpoints]:
    return [fast(draw(values, people, seed, bins), alpha) for seed in seeds]
