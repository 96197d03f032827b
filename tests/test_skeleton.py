"""The shared search ends in the same graph as causal-learn's, edge by edge, separating set by separating set."""

import numpy as np
import pytest
from causallearn.search.ConstraintBased.PC import pc
from causallearn.utils.cit import CIT
from causallearn.utils.PCUtils.SkeletonDiscovery import skeleton_discovery

from deadpan.calibration.graph.discretise import Levels, levels
from deadpan.calibration.graph.independence import ChiSquare
from deadpan.calibration.graph.skeleton import skeleton
from deadpan.calibration.graph.stability import fast


def data(seed: int) -> Levels:
    """Continuous causes of one another, cut in terciles; every other time with rows drawn twice, as a bootstrap has."""
    random = np.random.default_rng(seed)
    n, columns = int(random.choice([50, 120, 442])), int(random.integers(4, 9))
    weights = np.triu(random.normal(0, 1, (columns, columns)) * (random.random((columns, columns)) < 0.45), 1)
    values = np.zeros((n, columns))
    for column in range(columns):
        values[:, column] = values @ weights[:, column] + random.normal(0, 1, n)
    if seed % 2:
        values = values[random.integers(n, size=n)]
    return levels(values[:, random.permutation(columns)])


@pytest.mark.parametrize("start", [0, 40, 80, 120])
def test_graphs_are_those_of_causal_learn(start: int) -> None:
    edges = 0
    for seed in range(start, start + 40):
        table = data(seed)
        theirs = pc(table, 0.05, "chisq", stable=True, uc_rule=0, uc_priority=2, show_progress=False).G.graph
        np.testing.assert_array_equal(fast(table), theirs, err_msg=f"seed {seed}")
        edges += int((theirs == 1).sum())
    assert edges > 50


def test_separating_sets_are_those_of_causal_learn() -> None:
    for seed in range(200, 220):
        table = data(seed)
        adjacent, separating = skeleton(ChiSquare(table), 0.05)
        theirs = skeleton_discovery(table, 0.05, CIT(table, "chisq"), True, show_progress=False)
        np.testing.assert_array_equal(adjacent, theirs.G.graph != 0)
        assert not {(x, y) for x, y in separating if adjacent[x, y]}
        for (x, y), columns in separating.items():
            assert columns == set().union(*map(set, theirs.sepset[x, y]))


def test_a_common_cause_separates_and_an_effect_does_not() -> None:
    random = np.random.default_rng(0)
    cause, other = random.normal(0, 1, (2, 2000))
    values = np.column_stack([cause, cause + 0.4 * other, cause + 0.4 * random.normal(0, 1, 2000), other])
    # 40 levels would leave no sample to a cell; 8 let the cause explain nearly all that its effects share.
    adjacent, separating = skeleton(ChiSquare(levels(values, 8)), 0.01)
    assert not adjacent[0, 3]
    assert separating[0, 3] == set()
    assert adjacent[0, 1]
    assert adjacent[1, 3]
