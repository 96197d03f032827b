"""Random graphs have the truth that is claimed of them, and the figures count what they say."""

import networkx as nx
import numpy as np
import pytest

from deadpan.calibration.graph.discovery import graph
from deadpan.calibration.graph.known import Outcome, dag, equivalence, judge, measure, outcome, sample
from deadpan.stickers.regions import NAMES


def ends(*arrows: tuple[int, int]) -> np.ndarray:
    made = np.zeros((14, 14), np.int8)
    for i, j in arrows:
        made[i, j], made[j, i] = -1, 1
    return made


def test_random_graphs_have_no_circle_and_the_density_asked_for() -> None:
    random = np.random.default_rng(0)
    for degree in (2, 4):
        made = [dag(degree, random) for _ in range(200)]
        assert all(nx.is_directed_acyclic_graph(nx.DiGraph(each)) for each in made[:20])
        assert np.mean([each.sum() for each in made]) == pytest.approx(14 * degree / 2, rel=0.05)


def test_what_is_drawn_depends_on_the_parents_and_on_nothing_else() -> None:
    truth = np.zeros((14, 14), bool)
    truth[3, 8] = truth[5, 8] = True
    data = sample(truth, 20_000, np.random.default_rng(1))
    assert set(data.ravel()) == {0, 1, 2}

    def apart(x: int, y: int) -> float:
        """Between independence (0) and determination."""
        table = np.bincount(data[:, x] * 3 + data[:, y], minlength=9).reshape(3, 3) / len(data)
        return float(np.abs(table - np.outer(table.sum(1), table.sum(0))).sum())

    assert min(apart(3, 8), apart(5, 8)) > 5 * apart(3, 5)
    assert max(apart(0, 8), apart(3, 5), apart(1, 2)) < 0.02


def test_the_equivalence_class_directs_a_collider_and_leaves_a_chain_open() -> None:
    truth = np.zeros((14, 14), bool)
    truth[0, 1] = truth[2, 1] = truth[4, 5] = truth[5, 6] = True
    found = graph(equivalence(truth), 1, 0.05)
    assert set(found.directed.edges) == {(NAMES[0], NAMES[1]), (NAMES[2], NAMES[1])}
    assert set(found.undirected.edges) == {(NAMES[4], NAMES[5]), (NAMES[5], NAMES[6])}


def test_the_equivalence_class_never_contradicts_the_graph() -> None:
    random = np.random.default_rng(2)
    for _ in range(50):
        truth = dag(4, random)
        made = equivalence(truth)
        np.testing.assert_array_equal(made != 0, truth | truth.T)
        assert not ((made == -1) & (made.T == 1) & ~truth).any()


def test_figures_count_what_they_say() -> None:
    truth = np.zeros((14, 14), bool)
    truth[0, [1, 2]] = truth[3, 4] = True
    found = judge(truth, graph(ends((0, 1), (5, 6), (4, 3)), 10, 0.05))
    assert (found.right, found.found, found.true) == (2, 3, 3)
    assert (found.among, found.winners) == (True, 3)
    assert found.chance == pytest.approx(3 / 14)
    nobody = judge(truth, graph(ends(), 10, 0.05))
    assert (nobody.among, nobody.winners, nobody.chance) == (False, 0, 0)


def test_more_samples_find_more_of_the_truth() -> None:
    few, many, infinite = (measure(2, n, graphs=12) for n in (200, 5000, 0))
    assert few.recall < many.recall < infinite.recall == infinite.precision == 1
    assert many.precision > 0.9


def test_a_number_stands_for_one_graph_whatever_n_is() -> None:
    assert outcome(2, 300, 7) == outcome(2, 300, 7)
    assert isinstance(outcome(2, 0, 7), Outcome)
    assert outcome(2, 0, 7).true == outcome(2, 300, 7).true
