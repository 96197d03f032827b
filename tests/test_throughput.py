"""Both ways of the bootstrap go through the same draws and end in the same graphs."""

import numpy as np

from deadpan.calibration.graph.features import Features
from deadpan.calibration.graph.known import dag, sample
from deadpan.calibration.graph.throughput import compare


def test_both_ways_find_the_same_graphs_and_everything_is_told() -> None:
    random = np.random.default_rng(0)
    levels = sample(dag(2, random), 200, random).astype(np.float32)
    people = np.array([f"{row % 40}" for row in range(200)])
    heard: list[tuple[int, int]] = []
    found = compare(
        Features("levels", "level", levels, people, categorical=True),
        draws=3,
        jobs=1,
        progress=lambda done, total: heard.append((done, total)),
    )
    assert found.same
    assert heard[-1] == (6, 6)
    record = found.record()
    assert record["ratio"] == found.plain / found.parallel
    assert record["ratio_of_one"] == found.plain / found.shared
