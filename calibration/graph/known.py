"""Known truth: random graphs over 14 nodes, data drawn from them, and what discovery makes of such data.

The generator, fixed beforehand: a random order of the nodes, an edge from each earlier to each later one with
probability `degree` / 13, so that a node has `degree` neighbours on the mean; three levels a node; each row of each
conditional probability table drawn from a flat Dirichlet distribution (parameter 1).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from deadpan.calibration.graph.discovery import ALPHA, CausalGraph, Endpoints, graph, most
from deadpan.calibration.graph.discretise import Levels
from deadpan.calibration.graph.orientation import orient
from deadpan.calibration.graph.stability import Progress, fast
from deadpan.models.workers import shared
from deadpan.stickers.regions import NAMES

LEVELS = 3
DIRICHLET = 1.0
Dag = NDArray[np.bool_]
"""(14, 14): i → j is [i, j]."""


@dataclass(frozen=True)
class Outcome:
    """One random graph and what came out."""

    right: int
    """Edges found, whatever their direction, that are in truth."""
    found: int
    true: int
    among: bool
    """One of the nodes whose true out-degree is highest is among the winners."""
    winners: int
    chance: float
    """The probability of `among` for as many nodes drawn at random."""
    possibly: bool
    """The same by the possible out-degree."""
    possible_winners: int
    possible_chance: float


@dataclass(frozen=True)
class Row:
    """Many random graphs of one kind."""

    degree: float
    n: int
    """Samples; 0 stands for infinitely many: the graph that perfect tests would give."""
    graphs: int
    precision: float
    recall: float
    among: float
    chance: float
    winners: float
    none: float
    """Share of graphs of which no winner is named."""
    possibly: float
    possible_chance: float
    possible_winners: float

    def record(self) -> dict[str, object]:
        """As JSON takes it."""
        return asdict(self)


def measure(
    degree: float, n: int, graphs: int = 100, jobs: int = 1, progress: Progress = lambda done, total: None
) -> Row:
    """Random graphs numbered from 0, `n` samples each; the same numbers give the same graphs whatever `n` is."""
    work = (delayed(outcome)(degree, n, seed) for seed in range(graphs))
    outcomes: list[Outcome] = []
    for each in shared(work, jobs):
        outcomes.append(each)
        progress(len(outcomes), graphs)
    return _row(degree, n, outcomes)


def outcome(degree: float, n: int, seed: int) -> Outcome:
    """One graph; n = 0 asks for what perfect tests would give."""
    shape, data = (np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(2))
    truth = dag(degree, shape)
    ends = fast(sample(truth, n, data)) if n else equivalence(truth)
    return judge(truth, graph(ends, n, ALPHA))


def dag(degree: float, random: np.random.Generator) -> Dag:
    """A random directed acyclic graph, as the module says."""
    size = len(NAMES)
    order = random.permutation(size)
    earlier = np.triu(random.random((size, size)) < degree / (size - 1), 1)
    truth = np.zeros((size, size), bool)
    truth[np.ix_(order, order)] = earlier
    return truth


def sample(truth: Dag, n: int, random: np.random.Generator) -> Levels:
    """(n, 14) int64 drawn from tables drawn for `truth`, as the module says."""
    data = np.zeros((n, len(truth)), np.int64)
    done: set[int] = set()
    while len(done) < len(truth):
        for node in range(len(truth)):
            parents = np.flatnonzero(truth[:, node]).tolist()
            if node in done or not done.issuperset(parents):
                continue
            code = np.zeros(n, np.int64)
            for parent in parents:
                code = code * LEVELS + data[:, parent]
            table = random.dirichlet([DIRICHLET] * LEVELS, LEVELS ** len(parents)).cumsum(axis=1)
            data[:, node] = (random.random(n)[:, None] > table[code, :-1]).sum(axis=1)
            done.add(node)
    return data


def equivalence(truth: Dag) -> Endpoints:
    """The ends of the edges that no amount of data could tell more about: the class that `truth` belongs to."""
    adjacent = truth | truth.T
    separating = {}
    for x in range(len(truth)):
        for z in range(x + 1, len(truth)):
            between = np.flatnonzero(adjacent[x] & adjacent[z])
            separating[x, z] = {int(y) for y in between if not (truth[x, y] and truth[z, y])}
    return orient(adjacent, separating)


def judge(truth: Dag, found: CausalGraph) -> Outcome:
    """What `found` makes of `truth`."""
    every = {frozenset(edge) for edge in [*found.directed.edges, *found.undirected.edges]}
    true = {frozenset((NAMES[i], NAMES[j])) for i, j in np.argwhere(truth)}
    top = set(most(dict(zip(NAMES, truth.sum(axis=1).tolist(), strict=True))))
    return Outcome(
        right=len(every & true),
        found=len(every),
        true=len(true),
        among=bool(top.intersection(found.winners)),
        winners=len(found.winners),
        chance=_chance(len(top), len(found.winners)),
        possibly=bool(top.intersection(found.possible_winners)),
        possible_winners=len(found.possible_winners),
        possible_chance=_chance(len(top), len(found.possible_winners)),
    )


def _chance(top: int, named: int) -> float:
    """That one of `named` nodes drawn at random is one of the `top`."""
    size, missed = len(NAMES), 1.0
    for each in range(named):
        missed *= max(0, size - top - each) / (size - each)
    return 1 - missed


def _row(degree: float, n: int, outcomes: Sequence[Outcome]) -> Row:
    def mean(name: str) -> float:
        return float(np.mean([getattr(each, name) for each in outcomes]))

    right = sum(each.right for each in outcomes)
    return Row(
        degree=degree,
        n=n,
        graphs=len(outcomes),
        precision=right / max(1, sum(each.found for each in outcomes)),
        recall=right / max(1, sum(each.true for each in outcomes)),
        among=mean("among"),
        chance=mean("chance"),
        winners=mean("winners"),
        none=float(np.mean([each.winners == 0 for each in outcomes])),
        possibly=mean("possibly"),
        possible_chance=mean("possible_chance"),
        possible_winners=mean("possible_winners"),
    )
