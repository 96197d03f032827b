"""What a plan carries beside its regions is checked as strictly: a plan may come from anybody."""

import json
from pathlib import Path
from typing import Any

import pytest

from deadpan.stickers import plan
from deadpan.stickers.plan import PlanError
from deadpan.stickers.regions import NAMES

SHARE = {"value": 0.2, "low": 0.1, "high": 0.3, "n": 442}
FIGURES = {"attack": SHARE, "fooling": SHARE, "error": SHARE, "uf1": SHARE}
EFFECT = FIGURES | {"regions": ["chin"], "k": 3, "area": 0.1, "random": 0.2, "against_random": SHARE}
STABLE = {"winner": 0.1, "sole": 0.1, "out_degree": 1.5, "low": 0, "high": 3}


def content(**changes: object) -> dict[str, Any]:
    """A good plan with evidence, the evidence changed."""
    evidence: dict[str, Any] = {
        "rule": "effect",
        "verdict": "Hide the chin.",
        "beats_random": None,
        "data": {
            "name": "mer_flow.npz",
            "sha256": "0" * 64,
            "samples": 442,
            "subjects": 68,
            "datasets": {"casme2": 442},
            "labels": {"negative": 442},
        },
        "graph": {
            "method": "chi-square",
            "feature": "strain",
            "alpha": 0.05,
            "directed": [["chin", "mouth"]],
            "undirected": [],
            "out_degree": dict.fromkeys(NAMES, 0) | {"chin": 1},
            "possible_out_degree": dict.fromkeys(NAMES, 0) | {"chin": 1},
            "winners": ["chin"],
        },
        "stability": {
            "resamples": 500,
            "seed": 0,
            "drawn": "subjects",
            "regions": dict.fromkeys(NAMES, STABLE),
            "none": 0.0,
        },
        "effect": EFFECT,
        "seed": 0,
        "versions": {"python": "3.11.2"},
        "command": "deadpan calibrate",
    }
    return {
        "version": 1,
        "name": "mine",
        "regions": ["chin"],
        "k": 3,
        "provenance": {"source": "a test", "measured": True},
        "calibration": evidence | changes,
    }


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(PlanError) as caught:
        plan.load(str(path))
    message = str(caught.value)
    assert "\n" not in message
    assert message.isprintable()
    assert len(message) < len(str(path)) + 500
    return message.removeprefix(f"{path}: ")


def test_a_plan_with_its_evidence_loads_and_is_written_as_it_was() -> None:
    loaded = plan.parse(json.dumps(content()), "mine")
    assert loaded.calibration is not None
    assert loaded.calibration.graph.winners == ("chin",)
    assert plan.parse(loaded.model_dump_json(), "again") == loaded


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({"verdict": "x" * 5000}, "calibration.verdict: "),
        ({"verdict": "red \x1b[31m"}, "calibration.verdict: "),
        ({"verdict": "two\nlines"}, "calibration.verdict: "),
        ({"verdict": "\u202etxt.exe"}, "calibration.verdict: "),
        ({"opinion": "good"}, "calibration.opinion: is not a key of a plan"),
        ({"x\x1b[31m" + "y" * 5000: 1}, "calibration.x?[31myyy"),
        ({"effect": EFFECT | {"attack": SHARE | {"value": float("nan")}}}, "calibration.effect.attack.value: "),
        ({"effect": EFFECT | {"attack": SHARE | {"low": 0.4}}}, "calibration.effect.attack: an interval from 0.4"),
        ({"effect": EFFECT | {"regions": ["nose"]}}, "calibration.effect.regions.0: no region called 'nose'"),
        ({"effect": EFFECT | {"regions": ["x" * 5000]}}, "calibration.effect.regions.0: no region called 'xxx"),
        ({"singles": [EFFECT] * 15}, "calibration.singles: "),
        ({"versions": {str(i): "1" for i in range(60)}}, "calibration.versions: "),
        ({"seed": -1}, "calibration.seed: "),
        ({"seed": 10**400}, "calibration.seed: "),
        ({"beats_random": "yes"}, "calibration.beats_random: "),
        ({"data": {}}, "calibration.data.name: "),
    ],
    ids=lambda value: str(value)[:30],
)
def test_evidence_that_makes_no_sense_is_refused_in_one_line(
    changes: dict[str, Any], trouble: str, tmp_path: Path
) -> None:
    assert refused(tmp_path, json.dumps(content(**changes))).startswith(trouble)


def test_a_graph_has_no_edge_to_nowhere(tmp_path: Path) -> None:
    graph = content()["calibration"]["graph"]
    for edge in (["chin"], ["chin", "nose"], ["chin", "mouth", "chin"]):
        assert "calibration.graph.directed.0" in refused(
            tmp_path, json.dumps(content(graph=graph | {"directed": [edge]}))
        )


def test_a_plan_that_is_too_large_is_not_even_read(tmp_path: Path) -> None:
    text = json.dumps(content()) + " " * plan.LARGEST
    assert "bytes, expected at most 1,000,000" in refused(tmp_path, text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"version": 1, "calibration": ' * 50_000], ids=["lists", "objects"])
def test_nested_beyond_all_measure_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text[: plan.LARGEST - 1])
    with pytest.raises(PlanError, match="not a plan: not JSON"):
        plan.load(str(path))


def test_a_plan_without_evidence_still_loads() -> None:
    old = content()
    del old["calibration"]
    assert plan.parse(json.dumps(old), "old").calibration is None
