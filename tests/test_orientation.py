"""Edges get the directions that causal-learn gives them, even where separating sets contradict each other."""

import numpy as np
import pytest
from causallearn.graph.GraphClass import CausalGraph
from causallearn.utils.PCUtils.Meek import meek
from causallearn.utils.PCUtils.UCSepset import uc_sepset
from numpy.typing import NDArray

from deadpan.calibration.graph.orientation import orient
from deadpan.calibration.graph.skeleton import Separating


def theirs(adjacent: NDArray[np.bool_], separating: Separating) -> NDArray[np.int64]:
    start = CausalGraph(len(adjacent))
    start.G.graph = np.where(adjacent, -1, 0)
    for (x, y), columns in separating.items():
        start.sepset[x, y] = start.sepset[y, x] = [tuple(columns)]
    return np.asarray(meek(uc_sepset(start, 2)).G.graph)


def contradictory(seed: int) -> tuple[NDArray[np.bool_], Separating]:
    """A random skeleton whose separating sets belong to no graph at all."""
    random = np.random.default_rng(seed)
    size = int(random.integers(4, 9))
    adjacent = np.triu(random.random((size, size)) < random.choice([0.3, 0.5, 0.7]), 1)
    adjacent |= adjacent.T
    share = random.choice([0.3, 0.6, 0.9])
    pairs = [(x, y) for x in range(size) for y in range(x + 1, size) if not adjacent[x, y]]
    sets = {pair: {each for each in range(size) if each not in pair and random.random() < share} for pair in pairs}
    return adjacent, sets


@pytest.mark.parametrize("start", [0, 100, 200, 300])
def test_directions_are_those_of_causal_learn(start: int) -> None:
    arrows = 0
    for seed in range(start, start + 100):
        adjacent, separating = contradictory(seed)
        ours = orient(adjacent, separating)
        np.testing.assert_array_equal(ours, theirs(adjacent, separating), err_msg=f"seed {seed}")
        arrows += int((ours == 1).sum())
    assert arrows > 200


def test_no_edge_has_two_heads() -> None:
    for seed in range(200):
        ends = orient(*contradictory(seed))
        assert not ((ends == 1) & (ends.T == 1)).any()


def test_a_collider_is_told_and_a_chain_is_not() -> None:
    path = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], bool)
    np.testing.assert_array_equal(orient(path, {(0, 2): set()}), [[0, -1, 0], [1, 0, 1], [0, -1, 0]])
    np.testing.assert_array_equal(orient(path, {(0, 2): {1}}), [[0, -1, 0], [-1, 0, -1], [0, -1, 0]])
