"""Which region wins on a data set, how stably, and in how many clips by themselves (the paper's Fig. 5)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.graph import discovery, discretise, per_sample, stability
from deadpan.calibration.graph.discovery import CausalGraph
from deadpan.calibration.graph.features import Features
from deadpan.calibration.graph.per_sample import PerSample
from deadpan.calibration.graph.stability import Stability
from deadpan.calibration.median_face import CENTRES
from deadpan.models.maps import Maps

RESAMPLES = 200
"""Of the people; a winner's share is then known to 7 points at worst."""


@dataclass(frozen=True, eq=False)
class Winners:
    """The graph of one data set, and what becomes of its winner."""

    dataset: str
    subjects: int
    places: NDArray[np.float32]
    """(14, 2): where the regions are drawn, x right, y down, fractions of the crop."""
    graph: CausalGraph
    steady: Stability
    own: PerSample | None
    """A graph for each clip by itself; None without maps."""


def of(
    dataset: str,
    features: Features,
    maps: Maps | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    jobs: int = 1,
    told: Callable[[str, int, int], None] = lambda *_: None,
) -> Winners:
    """Look at `features` of one data set; `maps` are those that they were taken from, for the graphs of single clips.

    `told` hears which graphs are looked at, how many are done, of how many. Raises `DeadpanError` when there are fewer
    than two people to draw from.
    """

    def graphs(of: str) -> Callable[[int, int], None]:
        return lambda done, total: told(f"graphs of {of} of {dataset}", done, total)

    return Winners(
        dataset,
        len(np.unique(features.subject)),
        np.array(CENTRES, np.float32) if maps is None else np.median(maps.roi_center, axis=0).astype(np.float32),
        discovery.discover(discretise.of(features)),
        stability.bootstrap(features, resamples, seed=seed, jobs=jobs, progress=graphs("resamples")),
        None if maps is None else per_sample.of_maps(maps, progress=graphs("single clips")),
    )
