"""The chi-square tests that share their counting are causal-learn's, one by one."""

import numpy as np
import pytest
from causallearn.utils.cit import CIT

from deadpan.calibration.graph.discretise import Levels
from deadpan.calibration.graph.independence import ChiSquare, Test


def table(seed: int, n: int, cards: tuple[int, ...]) -> Levels:
    """Levels that hang together: each column is partly the one before it."""
    random = np.random.default_rng(seed)
    columns = [random.integers(cards[0], size=n)]
    for card in cards[1:]:
        columns.append(np.where(random.random(n) < 0.5, columns[-1], random.integers(card, size=n)) % card)
    return np.column_stack(columns).astype(np.int64)


def drawn(seed: int, columns: int, count: int) -> list[Test]:
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        order = [int(each) for each in random.permutation(columns)[: 2 + int(random.integers(columns - 1))]]
        x, y = sorted(order[:2])
        made.append((x, y, tuple(sorted(order[2:]))))
    return made


@pytest.mark.parametrize(
    ("n", "cards"),
    [(442, (3,) * 9), (40, (3,) * 7), (442, (8,) * 6), (200, (2, 3, 8, 1, 3, 5)), (5, (3,) * 5), (1, (2,) * 4)],
)
def test_every_p_value_is_that_of_causal_learn(n: int, cards: tuple[int, ...]) -> None:
    levels = table(n, n, cards)
    theirs = CIT(levels, "chisq")
    tests = drawn(n, len(cards), 150)
    ours = ChiSquare(levels).p_values(tests)
    expected = [theirs(x, y, given) for x, y, given in tests]
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-9)
    if n > 5:
        assert len(np.unique(ours.round(6))) > 20


def test_what_the_levels_are_called_changes_nothing() -> None:
    levels = table(3, 300, (3,) * 5)
    tests = drawn(3, 5, 60)
    named = np.array([70, -4, 9])[levels]
    np.testing.assert_allclose(ChiSquare(levels).p_values(tests), ChiSquare(named).p_values(tests), rtol=1e-9)


def test_a_test_does_not_depend_on_those_made_with_it() -> None:
    levels = table(4, 442, (3,) * 8)
    tests = drawn(4, 8, 80)
    together = ChiSquare(levels).p_values(tests)
    one = ChiSquare(levels)
    np.testing.assert_allclose(together, [one.p_values([each])[0] for each in tests], rtol=1e-12)


def test_cells_that_expect_too_few_are_counted() -> None:
    levels = table(5, 90, (3,) * 4)
    shallow, deep = ChiSquare(levels), ChiSquare(levels)
    shallow.p_values([(0, 1, ())])
    deep.p_values([(0, 1, (2, 3))])
    assert shallow.cells.cells == 9
    assert shallow.cells.share < deep.cells.share
    assert ChiSquare(levels).p_values([]).shape == (0,)
