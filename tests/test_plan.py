"""A plan says which regions to hide and where that choice comes from; what it cannot mean is refused in one line."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from deadpan.app.commands import calibrate
from deadpan.app.commands.options import DEFAULT_PLAN, DEFAULT_STICKER, protection
from deadpan.models.errors import DeadpanError
from deadpan.stickers import plan
from deadpan.stickers.plan import PlanError
from deadpan.stickers.regions import BY_NAME, NAMES


def content(**changes: object) -> dict[str, Any]:
    """A good plan, changed."""
    good: dict[str, Any] = {
        "version": 1,
        "name": "mine",
        "regions": ["chin", "left_eye"],
        "k": 3,
        "provenance": {"source": "a test", "measured": True},
    }
    return good | changes


def refusal(path: Path) -> str:
    """The one line that the plan in `path` is refused with."""
    with pytest.raises(PlanError) as caught:
        plan.load(str(path))
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    assert "pydantic" not in message
    return message


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "plan.json"


def test_the_built_in_plan_is_the_papers_and_says_that_nobody_measured_it() -> None:
    assert "paper" in plan.built_in()
    paper = plan.load("paper")
    assert paper.regions == ("right_brow_outer",)
    assert paper.k == 2
    assert paper.provenance.measured is False
    assert "ICASSP 2025" in paper.provenance.source
    assert "Fig. 3" in paper.provenance.source


def test_every_built_in_plan_loads_under_its_own_name() -> None:
    for name in plan.built_in():
        assert plan.load(name).name == name


def test_the_default_plan_was_computed_by_the_command_that_it_names_and_says_what_holds() -> None:
    default = plan.load(DEFAULT_PLAN)
    evidence = default.calibration
    assert evidence is not None
    assert evidence.command.startswith("deadpan calibrate --data mer_flow.npz ")
    assert default.provenance.source == evidence.command
    known = {option for each in get_command(calibrate.app).params for option in each.opts}
    assert {word for word in shlex.split(evidence.command) if word.startswith("--")} <= known, "it can be run"
    assert default.provenance.measured
    assert (evidence.data.samples, evidence.data.subjects) == (442, 68)
    assert evidence.effect is not None
    assert evidence.effect.regions == default.regions
    assert evidence.effect.k == default.k
    tested = [each for each in evidence.held_out if (each.rule, each.count) == (evidence.rule, len(default.regions))]
    assert [each.against_random.low > 0 for each in tested] == [evidence.beats_random]
    assert ("place matters" in evidence.verdict) == evidence.beats_random


def test_a_plan_of_the_users_own_is_read_as_written(file: Path) -> None:
    file.write_text(json.dumps(content()))
    mine = plan.load(str(file))
    assert mine.regions == ("chin", "left_eye")
    assert mine.targets == (BY_NAME["chin"], BY_NAME["left_eye"]), "in the plan's order"
    assert mine.k == 3
    assert mine.provenance.measured is True


def test_k_is_2_where_a_plan_does_not_say(file: Path) -> None:
    short = content()
    del short["k"]
    file.write_text(json.dumps(short))
    assert plan.load(str(file)).k == 2


def test_a_plan_may_name_all_fourteen_regions(file: Path) -> None:
    file.write_text(json.dumps(content(regions=list(NAMES))))
    assert len(plan.load(str(file)).targets) == 14


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({"colour": "red"}, "colour: is not a key of a plan"),
        ({"provenance": {"source": "s", "measured": True, "who": "me"}}, "provenance.who: is not a key of a plan"),
        ({"regions": ["chin", "nose"]}, "regions.1: no region called 'nose'; there is: right_brow_outer, "),
        ({"regions": ["chin", "left_eye", "chin"]}, "regions: a region is named twice"),
        ({"regions": []}, "regions: "),
        ({"regions": "chin"}, "regions: "),
        ({"version": 2}, "plan version 2, expected 1"),
        ({"version": None}, "plan version None, expected 1"),
        ({"k": 0.9}, "k: "),
        ({"k": 4.1}, "k: "),
        ({"k": float("nan")}, "k: "),
        ({"k": "large"}, "k: "),
        ({"name": ""}, "name: "),
        ({"provenance": {"source": "", "measured": True}}, "provenance.source: "),
        ({"provenance": {"source": "s"}}, "provenance.measured: "),
        ({"provenance": None}, "provenance: "),
        ({"protection": "veil"}, "protection: expected sticker, stickers, freeze"),
        ({"protection": "still+freeze"}, "protection: still is freeze and decoy; leave out freeze"),
        ({"protection": ""}, "protection: "),
        ({"protection": ["still"]}, "protection: "),
        ({"protection": "still", "strength": 0.05}, "strength: "),
        ({"protection": "still", "strength": 1.1}, "strength: "),
        ({"strength": 0.5}, "plan: strength: of no protection"),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, dict) else "",
)
def test_what_a_plan_cannot_say_is_refused(changes: dict[str, Any], trouble: str, file: Path) -> None:
    file.write_text(json.dumps(content(**changes)))
    assert f"{file}: {trouble}" in refusal(file)


@pytest.mark.parametrize("key", ["version", "name", "regions", "provenance"])
def test_a_plan_that_lacks_something_is_refused(key: str, file: Path) -> None:
    short = content()
    del short[key]
    file.write_text(json.dumps(short))
    assert key in refusal(file).removeprefix(str(file))


def test_a_plan_may_name_a_protection_which_the_command_line_overrides(file: Path) -> None:
    assert protection(DEFAULT_STICKER, DEFAULT_PLAN, None).name == "still"
    assert protection("heart", DEFAULT_PLAN, None).name == "stickers", "whoever chooses a sticker wants to see it"
    file.write_text(json.dumps(content(protection="stickers+still", strength=0.5)))

    def chosen(name: str | None = None, strength: float | None = None) -> tuple[str, float]:
        made = protection(DEFAULT_STICKER, str(file), None, name, strength)
        return made.name, made.strength

    assert chosen() == ("still+stickers", 0.5)
    assert chosen(strength=0.9) == ("still+stickers", 0.9)
    assert chosen("freeze") == ("freeze", 1.0), "the plan's strength is of its own protection"
    assert chosen("sticker") == ("sticker", 1.0)


@pytest.mark.parametrize("k", [1, 4])
def test_k_may_be_anything_from_1_to_4(k: float, file: Path) -> None:
    file.write_text(json.dumps(content(k=k)))
    assert plan.load(str(file)).k == k


def test_a_missing_plan_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    assert "there is: calibrated, paper" in refusal(tmp_path / "none.json")
    assert "there is: calibrated, paper" in refusal(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "version: 1\n", '{"version": 1,', "<html>"], ids=["empty", "yaml", "half", "html"]
)
def test_a_file_that_is_not_json_is_refused(text: str, file: Path) -> None:
    file.write_text(text)
    assert "not a plan: not JSON (" in refusal(file)


def test_the_line_of_the_trouble_is_named(file: Path) -> None:
    file.write_text('{\n"version": 1,\n"name" "mine"}\n')
    assert "line 3" in refusal(file)


def test_a_binary_file_is_refused(file: Path) -> None:
    file.write_bytes(bytes(range(256)))
    assert "cannot be read as text" in refusal(file)


@pytest.mark.parametrize("text", ["[]", '[{"version": 1}]', '"paper"', "1", "null"])
def test_json_that_is_no_object_is_refused(text: str, file: Path) -> None:
    file.write_text(text)
    assert f"{file}: plan: " in refusal(file)


def test_a_plan_cannot_be_changed_once_it_was_checked() -> None:
    paper = plan.load("paper")
    with pytest.raises(ValueError, match="frozen"):
        paper.k = 9


def test_an_empty_name_is_no_protection() -> None:
    """Somebody's script that forgot to fill it in: not the default, which they may not have meant."""
    with pytest.raises(DeadpanError, match="expected sticker, stickers, freeze"):
        protection(DEFAULT_STICKER, DEFAULT_PLAN, None, "")
