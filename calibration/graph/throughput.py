"""Throughput: how much sooner the bootstrap is done than a plain loop over causal-learn, on the very same draws."""

from dataclasses import asdict, dataclass
from time import perf_counter

import numpy as np

from deadpan.calibration.graph.discovery import ALPHA
from deadpan.calibration.graph.features import Features
from deadpan.calibration.graph.stability import Progress, bootstrap, draw, fast, subjects, values


@dataclass(frozen=True)
class Throughput:
    """One run of both, over the same draws."""

    draws: int
    jobs: int
    plain: float
    """Seconds a graph: causal-learn's `pc` with `chisq`, one after the other."""
    shared: float
    """Seconds a graph: own search and orientation, likewise one after the other."""
    parallel: float
    """Seconds a graph of the bootstrap with as many jobs, their start included."""
    same: bool
    """Every graph was the same, edge by edge."""

    @property
    def ratio(self) -> float:
        """Graphs that the bootstrap finds while the plain loop finds one."""
        return self.plain / self.parallel

    @property
    def ratio_of_one(self) -> float:
        """The same without a second job."""
        return self.plain / self.shared

    def record(self) -> dict[str, object]:
        """As JSON takes it."""
        return asdict(self) | {"ratio": self.ratio, "ratio_of_one": self.ratio_of_one}


def compare(
    features: Features,
    draws: int = 20,
    jobs: int = 2,
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> Throughput:
    """Both in turn, draw by draw, so that whatever else the machine does bears on both; then the bootstrap."""
    from causallearn.search.ConstraintBased.PC import pc

    people, given = subjects(features), values(features)
    plain = shared = 0.0
    same = True
    for number, each in enumerate(np.random.SeedSequence(seed).spawn(draws), 1):
        levels = draw(given, people, each)
        begun = perf_counter()
        ours = fast(levels)
        between = perf_counter()
        theirs = pc(levels, ALPHA, "chisq", stable=True, uc_rule=0, uc_priority=2, show_progress=False)
        plain += perf_counter() - between
        shared += between - begun
        same &= bool((theirs.G.graph == ours).all())
        progress(number, 2 * draws)
    begun = perf_counter()
    bootstrap(features, draws, seed, jobs=jobs, progress=lambda done, total: progress(draws + done, 2 * draws))
    return Throughput(draws, jobs, plain / draws, shared / draws, (perf_counter() - begun) / draws, same)
