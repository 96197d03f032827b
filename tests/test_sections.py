"""What a report lays out: every figure in its place, nothing guessed, and nothing that was not measured."""

from dataclasses import replace

import networkx as nx
import pytest
from experiments import COMMAND, experiment, row
from planted import Planted

from deadpan.calibration.effect.tally import Share
from deadpan.calibration.graph import features
from deadpan.calibration.tables import sections, verdict, winners
from deadpan.calibration.tables.findings import Experiment
from deadpan.calibration.tables.layout import MISSING
from deadpan.stickers.regions import NAMES


@pytest.fixture(scope="module")
def found(planted: Planted) -> Experiment:
    return experiment(planted)


def part(found: Experiment, title: str) -> str:
    """One part's words and tables."""
    (text,) = [str(each) for each in sections.of(found) if each.title.startswith(title)]
    return text


def test_what_was_not_measured_is_said_to_be_so_and_what_has_nothing_to_show_is_left_out(found: Experiment) -> None:
    few = [each for each in found.rows if not (each.victim == "motion" and each.region == "chin")]
    assert str(sections.of(replace(found, rows=tuple(few)))).count(MISSING) == 2 + str(sections.of(found)).count(
        MISSING
    )
    lone = replace(found, rows=(row("motion", "casme2", "random", 0.02),), winners=(), shift=None)
    assert [each.title.split(":")[0] for each in sections.of(lone)] == ["Table I", "Table II"]
    assert sections.of(replace(lone, rows=())) == []


def test_attack_success_of_who_is_never_right_is_not_nought(found: Experiment) -> None:
    never = replace(row("learnet", "synthetic", "random", 0), attack_success=None)
    table = part(replace(found, rows=(never,)), "Table II:").split("learnet, synthetic clips")[1]
    assert MISSING in table


def test_the_paper_s_figures_stand_only_beside_its_own_data_sets(found: Experiment) -> None:
    assert "What the paper printed" in part(found, "Table II:")
    alone = tuple(each for each in found.rows if each.dataset == "synthetic")
    assert "What the paper printed" not in part(replace(found, rows=alone), "Table II:")


def test_queries_are_weighed_by_clips(found: Experiment) -> None:
    one, other = row("learnet", "synthetic", "rhde", 0.4), replace(row("motion", "casme2", "rhde", 0.4), queries=100.0)
    table = part(replace(found, rows=(one, other)), "Table I:")
    assert f"{(734.4 * 81 + 100 * 145) / (81 + 145):,.0f}" in table
    assert "100 to 734" in table


def test_queries_of_clips_that_are_right_stand_beside_those_of_all(found: Experiment) -> None:
    one, other = row("learnet", "synthetic", "rhde", 0.4), row("motion", "casme2", "rhde", 0.4)
    one = replace(one, clean_accuracy=0.5, queries_right=1000.0)
    never = replace(other, clean_accuracy=0.0, queries_right=None)
    text = part(replace(found, rows=(one, replace(other, queries_right=2000.0))), "Table I:")
    assert f"{(1000 * 0.5 * 81 + 2000 * 0.7 * 145) / (0.5 * 81 + 0.7 * 145):,.0f}" in text
    assert "'1,000'" in part(replace(found, rows=(one, never)), "Table I:")
    assert part(replace(found, rows=(never,)), "Table I:").count(MISSING) == 1
    assert "RHDE finds that out" in text
    assert "RHDE finds that out" not in part(replace(found, rows=(row("motion", "samm", "random", 0),)), "Table I:")


def test_what_no_sticker_takes_is_no_figure() -> None:
    """It is nothing by definition, and would have an interval as if it had been measured."""
    plain = row("motion", "casme2", "none", 0.0), row("motion", "casme2", "random", 0.0)
    (section,) = [each for each in sections.of(Experiment(plain, COMMAND, {})) if each.title.startswith("Table II:")]
    none, random = section.tables[0].rows
    assert [at for at, each in enumerate(none) if each == "–"] == [0, 3, 4, 6]
    assert [at for at, each in enumerate(random) if each == "–"] == [4]


def test_rhde_which_is_asked_at_one_size_only_is_laid_out_beside_another_and_says_so() -> None:
    """The paper's size is laid out, whichever was given first."""
    few = [row("motion", "casme2", "random", 0.1), row("motion", "casme2", "causal", 0.1)]
    other, same = (Experiment((*few, row("motion", "casme2", "rhde", 0.4, k=k)), COMMAND, {}) for k in (1.0, 2.0))
    assert "'RHDE, 1/10'" in part(other, "Table II:")
    assert "'RHDE'" in part(same, "Table II:")
    assert "RHDE, 1/10: 40.0%" in verdict.sentences(other.rows)[0]
    assert "RHDE: 40.0%" in verdict.sentences(same.rows)[0]


def test_a_perturbation_stands_beside_random_signs_with_the_difference() -> None:
    gained = replace(row("learnet", "synthetic", "uap", 0.5), fooling_gain=Share(0.136, -0.049, 0.296, 81))
    gained = replace(gained, gain=Share(0.081, -0.088, 0.259, 74))
    signs, clean = row("learnet", "synthetic", "uap-noise", 0.3), row("learnet", "synthetic", "none", 0.0)
    text = part(Experiment((clean, gained, signs), COMMAND, {}), "AdverFacial")
    assert "Figure(value='+13.6', interval='−4.9 to +29.6')" in text
    assert "Figure(value='+8.1', interval='−8.8 to +25.9')" in text
    assert text.count("'–'") == 4 + 2, "untouched nothing changes, and random signs are what is compared with"
    assert "No such perturbation" in part(Experiment((clean,), COMMAND, {}), "AdverFacial")


def test_positives_on_a_region_are_counted_over_all_classes_with_the_error_s_interval() -> None:
    alone = replace(row("motion", "casme2", "region:chin", 0.1), tp_negative=60.0, tp_positive=20.0, tp_surprise=10.5)
    text = part(Experiment((replace(alone, error=Share(0.4, 0.2, 0.6, 145)),), COMMAND, {}), "Fig. 4")
    assert "Figure(value='90.5', interval='58 to 116')" in text


def test_a_data_set_s_own_graph_is_not_called_transfer(found: Experiment) -> None:
    moved = (*found.rows, row("motion", "samm", "causal:casme2", 0.02), row("motion", "samm", "causal:samm", 0.02))
    text = part(replace(found, rows=moved), "Transfer")
    assert text.count("'–'") == 2
    assert text.count(MISSING) == 0


def test_without_maps_there_are_no_graphs_of_single_clips(found: Experiment, planted: Planted) -> None:
    (here,) = found.winners
    bare = winners.of("casme2", features.of_maps(planted.maps()), resamples=10)
    assert (bare.own, bare.graph.winners, bare.subjects) == (None, here.graph.winners, 12)
    assert part(replace(found, winners=(bare,)), "Fig. 5").count(MISSING) == len(NAMES)


def test_a_graph_that_names_no_region_is_said_to_lay_no_sticker(found: Experiment) -> None:
    (here,) = found.winners
    bare = replace(here, dataset="samm", graph=replace(here.graph, directed=nx.empty_graph(NAMES, nx.DiGraph)))
    assert "names no region" not in part(found, "Transfer")
    text = part(replace(found, winners=(here, bare)), "Transfer")
    assert "The graph of SAMM names no region: there no sticker is laid." in text
