"""The choice: each rule's own, its ties shown, and no more claimed for it than was measured."""

from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
import pytest

from deadpan.calibration.choice import NoChoice, choose
from deadpan.calibration.effect.effects import Effects
from deadpan.calibration.effect.experiment import measure
from deadpan.calibration.effect.held_out import HeldOut, held_out
from deadpan.calibration.graph.discovery import CausalGraph
from deadpan.calibration.graph.stability import Stability
from deadpan.stickers.regions import NAMES

MOST = 2


def graph(*edges: tuple[str, str]) -> CausalGraph:
    directed, undirected = nx.DiGraph(edges), nx.Graph()
    directed.add_nodes_from(NAMES)
    undirected.add_nodes_from(NAMES)
    return CausalGraph(directed, undirected, 96, 0.05)


def stability(winner: np.ndarray) -> Stability:
    none, square = np.zeros(14), np.zeros((14, 14))
    return Stability(50, 0, "subjects", 12, NAMES, winner, none, none, np.zeros((14, 2)), none, square, square, 0.0)


PAPER = graph(("mouth", "chin"), ("mouth", "philtrum"), ("glabella", "left_eye"), ("glabella", "right_eye"))
STEADY = stability(np.linspace(0, 0.14, 14))
SCORES = {
    "outdegree": np.array([PAPER.out_degree[name] for name in NAMES], float),
    "stability": STEADY.winner,
}


@pytest.fixture(scope="module")
def effects(planted: Any) -> Effects:
    return measure(planted.maps(), [planted], SCORES, ks=(2.0,), most=MOST, draws=12, resamples=200)


@pytest.fixture(scope="module")
def tested(planted: Any) -> tuple[HeldOut, ...]:
    small: dict[str, Any] = {"ks": (2.0,), "most": MOST, "splits": 1, "draws": 12, "resamples": 200}
    return held_out(planted.maps(), [planted], [planted], lambda _: SCORES, **small)


@pytest.mark.parametrize(
    ("rule", "regions"),
    [
        ("outdegree", ("glabella", "mouth")),
        ("stability", ("chin", "mouth")),
        ("effect", ("left_cheek", "chin")),
        ("causal+effect", ("left_cheek", "chin")),
    ],
)
def test_each_rule_chooses_by_what_it_is_named_for(
    effects: Effects, tested: tuple[HeldOut, ...], rule: str, regions: tuple[str, ...]
) -> None:
    for count in (1, 2):
        choice = choose(rule, STEADY, PAPER, effects, tested, count=count, k=2.0)
        assert (choice.regions, choice.k, choice.rule) == (regions[:count], 2.0, rule)


def test_ties_are_shown_never_silently_broken(effects: Effects) -> None:
    choice = choose("outdegree", STEADY, PAPER, effects, count=1, k=2.0)
    assert choice.tied == ("glabella", "mouth")
    assert "a tie of 2: glabella and mouth" in choice.verdict[-1]
    assert choose("effect", STEADY, PAPER, effects, count=1, k=2.0).tied == ("left_cheek",)
    blind = replace(
        effects, singles={2.0: tuple(replace(each, resampled=each.resampled * 0) for each in effects.singles[2.0])}
    )
    told = choose("effect", STEADY, PAPER, blind, count=1, k=2.0).verdict[-1]
    assert "As single stickers, 14 regions cannot be told from the best one: right brow outer" in told


def test_a_choice_by_effect_is_judged_on_others_or_not_at_all(effects: Effects, tested: tuple[HeldOut, ...]) -> None:
    assert choose("effect", STEADY, PAPER, effects, tested, count=1, k=2.0).beats_random is True
    untested = choose("effect", STEADY, PAPER, effects, (), count=1, k=2.0)
    assert untested.beats_random is None
    assert "not tested on other people" in untested.verdict[1]
    assert "which flatters it" in untested.verdict[2]


def test_a_rule_that_never_saw_the_effect_is_judged_where_it_was_measured(effects: Effects) -> None:
    choice = choose("outdegree", STEADY, PAPER, effects, (), count=1, k=2.0)
    assert choice.beats_random is False
    assert "place does not matter on this data" in choice.verdict[1]
    assert "flatters" not in " ".join(choice.verdict)
    assert choose("stability", STEADY, PAPER, effects, (), count=1, k=2.0).beats_random is True


def test_the_held_out_finding_is_told_in_its_words(effects: Effects, tested: tuple[HeldOut, ...]) -> None:
    choice = choose("outdegree", STEADY, PAPER, effects, tested, count=2, k=2.0)
    (found,) = [each for each in tested if (each.rule, each.count) == ("outdegree", 2)]
    assert choice.verdict[1] == found.words
    assert choice.beats_random is found.beats_random is False


def test_a_graph_without_arrows_names_no_region(effects: Effects) -> None:
    with pytest.raises(NoChoice, match="outdegree names no region: the graph has no arrow"):
        choose("outdegree", STEADY, graph(), effects, count=1, k=2.0)
    with pytest.raises(NoChoice, match="stability names no region"):
        choose("stability", stability(np.zeros(14)), PAPER, effects, count=1, k=2.0)


def test_without_motion_only_the_graph_can_choose_and_no_effect_is_claimed() -> None:
    choice = choose("stability", STEADY, PAPER, None, count=3, k=3.0)
    assert choice.regions == ("chin", "mouth", "left_lip_corner")
    assert choice.beats_random is None
    assert "was not measured" in choice.verdict[1]
    for rule in ("effect", "causal+effect"):
        with pytest.raises(NoChoice, match="needs measured effects"):
            choose(rule, STEADY, PAPER, None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rule": "luck"}, "rule 'luck'; expected one of: outdegree, stability, effect, causal"),
        ({"k": 3.0}, "k = 3 was not measured; expected one of: 2"),
        ({"count": 3}, "3 regions by effect were not measured; expected 1 to 2"),
        ({"count": 0}, "0 regions by effect"),
    ],
)
def test_what_was_not_measured_is_not_chosen(effects: Effects, changes: dict[str, Any], said: str) -> None:
    asked: dict[str, Any] = {"rule": "effect", "count": 1, "k": 2.0} | changes
    with pytest.raises(NoChoice, match=said.replace("+", r"\+")):
        choose(asked["rule"], STEADY, PAPER, effects, count=asked["count"], k=asked["k"])
