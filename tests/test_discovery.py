"""The graph says what the data say, with its ties, and says so when they say nothing."""

import numpy as np
import pytest

from deadpan.calibration.graph.discovery import discover, graph, note
from deadpan.calibration.graph.discretise import Levels, levels
from deadpan.calibration.graph.stability import fast
from deadpan.models.errors import DeadpanError
from deadpan.stickers.regions import NAMES


def driven(n: int = 3000) -> Levels:
    """The chin and the glabella cause the mouth and the philtrum; the rest are nobody's."""
    values = np.random.default_rng(0).normal(0, 1, (n, 14))
    chin, glabella = (NAMES.index(name) for name in ("chin", "glabella"))
    for effect in ("mouth", "philtrum"):
        column = NAMES.index(effect)
        values[:, column] = values[:, chin] + values[:, glabella] + 0.5 * values[:, column]
    return levels(values)


def test_two_causes_of_two_effects_are_found_and_tie() -> None:
    found = discover(driven())
    for cause in ("chin", "glabella"):
        assert set(found.directed.successors(cause)) >= {"mouth", "philtrum"}
    assert found.winners == ("glabella", "chin")
    assert tuple(found.directed) == tuple(found.undirected) == NAMES
    assert (found.n, found.alpha, found.note) == (3000, 0.05, "")


def test_what_causal_learn_finds_is_what_the_fast_search_finds() -> None:
    table = driven(442)
    ours, theirs = graph(fast(table), 442, 0.05), discover(table)
    assert set(ours.directed.edges) == set(theirs.directed.edges)
    assert set(map(frozenset, ours.undirected.edges)) == set(map(frozenset, theirs.undirected.edges))


def test_an_undirected_edge_counts_for_the_possible_out_degree_only() -> None:
    ends = np.zeros((14, 14), int)
    ends[0, 1] = ends[1, 0] = ends[2, 1] = ends[1, 2] = -1
    ends[3, 4], ends[4, 3] = -1, 1
    found = graph(ends, 10, 0.05)
    assert found.winners == (NAMES[3],)
    assert found.possible_winners == (NAMES[1],)
    assert [found.possible_out_degree[name] for name in NAMES[:5]] == [1, 2, 1, 1, 0]


def test_a_graph_without_arrows_names_no_winner() -> None:
    ends = np.zeros((14, 14), int)
    ends[0, 1] = ends[1, 0] = -1
    assert graph(ends, 10, 0.05).winners == ()
    assert graph(np.zeros((14, 14), int), 10, 0.05).possible_winners == ()


def test_constant_data_name_no_winner_and_say_why() -> None:
    found = discover(levels(np.full((442, 14), 128, np.float32)))
    assert found.winners == found.possible_winners == ()
    assert not found.directed.edges
    assert found.note == "the data tell nothing of any region: every column is constant"


def test_a_constant_column_is_named_and_has_no_edge() -> None:
    table = driven()
    table[:, 2] = 0
    found = discover(table)
    assert "constant, so without information and without edges: left_brow_inner" in found.note
    assert found.directed.degree["left_brow_inner"] == found.undirected.degree["left_brow_inner"] == 0
    assert found.winners == ("glabella", "chin")


def test_too_few_samples_are_told_in_the_note() -> None:
    thin, thinner = discover(driven(60)).note, discover(driven(12)).note
    assert "tables that PC tested expect fewer than 5" in thin
    assert "tables of two regions expect fewer than 5" in thinner
    assert "12 samples for 14 regions" in thinner
    assert note(driven(60)) == ""


def test_two_heads_are_refused() -> None:
    ends = np.zeros((14, 14), int)
    ends[0, 1] = ends[1, 0] = 1
    with pytest.raises(ValueError, match="two heads"):
        graph(ends, 10, 0.05)


@pytest.mark.parametrize("shape", [(0, 14), (10, 13), (10,)])
def test_a_table_of_another_shape_is_one_line(shape: tuple[int, ...]) -> None:
    with pytest.raises(DeadpanError, match="expected a row a sample and 14 columns"):
        discover(np.zeros(shape, np.int64))
