"""From maps to plan and report: the same data give the same bytes, and the reader is told everything."""

import functools
import json
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from pages import assert_alone, read

from deadpan.calibration import planning, record
from deadpan.calibration.calibrate import calibrate, of_stills
from deadpan.calibration.effect.intervention import Motion
from deadpan.calibration.effect.tally import Share
from deadpan.calibration.effect.windows import cells
from deadpan.calibration.findings import Calibration, Settings
from deadpan.calibration.graph.features import Features
from deadpan.calibration.median_face import CENTRES
from deadpan.calibration.report import page as report
from deadpan.calibration.report import wording
from deadpan.models.maps import LABELS, Maps
from deadpan.stickers import plan as plans
from deadpan.stickers.plan import Plan
from deadpan.stickers.regions import NAMES

COMMAND = "deadpan calibrate --data maps.npz"
QUICK = Settings(resamples=12, draws=3, jobs=1, count=2)
pytestmark = pytest.mark.usefixtures("few_places")
TELLING = ("glabella", "mouth", "right_brow_inner")
"""Where each class moves; the stand-in recognizer looks there and nowhere else."""
SIZE = np.array([1.1, 1.05], np.float32)


def people(n: int = 36) -> Maps:
    """Maps of twelve people whose class shows in one region, among noise."""
    random = np.random.default_rng(0)
    motion = random.integers(0, 90, (n, 28, 28, 3))
    label = np.arange(n) % 3
    for row in range(n):
        motion[row, taken(TELLING[label[row]])] += random.integers(40, 165)
    low, high = motion.min(axis=(1, 2), keepdims=True), motion.max(axis=(1, 2), keepdims=True)
    return Maps(
        motion=np.rint((motion - low) / (high - low) * 255).astype(np.uint8),
        label=label,
        subject=np.array([f"s{i % 12:02}" for i in range(n)]),
        dataset=np.where(np.arange(n) % 12 < 6, "casme2", "smic"),
        clip=np.array([f"c{i}" for i in range(n)]),
        roi_center=np.tile(np.array(CENTRES, np.float32), (n, 1, 1)),
        face_size=np.tile(SIZE, (n, 1)),
    )


@functools.cache
def taken(region: str) -> np.ndarray:
    """(28, 28): the cells about a region's centre."""
    return np.asarray(cells(np.array(CENTRES[NAMES.index(region)]), np.array([0.12, 0.12])))


@dataclass(frozen=True)
class Looker:
    """A recognizer that says the class of the region that moves most."""

    name: str = "looker"
    seed: int = 0
    identity: str = "f" * 64

    def predict(self, subject: str, motion: Motion) -> np.ndarray:
        del subject
        seen = np.stack([motion[:, taken(region), 0].mean(axis=1) for region in TELLING], axis=1)
        return np.asarray(seen / np.maximum(seen.sum(axis=1, keepdims=True), 1), np.float32)


@pytest.fixture(scope="module")
def found(few_places: None) -> Calibration:
    """A calibration on tiny data, everything real but the recognizers."""
    return calibrate("maps.npz", people(), [Looker()], [Looker("other")], QUICK)


@pytest.fixture(scope="module")
def plan(found: Calibration) -> Plan:
    return planning.plan(found, "mine", COMMAND)


@pytest.fixture(scope="module")
def page(found: Calibration, plan: Plan) -> str:
    return report.render(found, plan)


@pytest.fixture
def sketched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports are made without drawing, which takes seconds."""
    names = ("graph", "winners", "degrees", "own", "heat", "singles", "sizes", "counts", "held_out")
    monkeypatch.setattr(report, "pictures", lambda found: dict.fromkeys(names, "<svg/>"))


# Calibration.


def test_regions_that_the_recognizer_looks_at_are_found_by_effect(found: Calibration) -> None:
    singles = {each.regions[0]: each.attack.value for each in found.effects.singles[3.0]}  # type: ignore[union-attr]
    best = sorted(singles, key=lambda name: singles[name])[-3:]
    assert set(TELLING) & set(best), singles


def test_two_runs_give_identical_plans_whatever_the_number_of_jobs_and_without_judges_nothing_is_claimed_of_others(
    plan: Plan, sketched: None
) -> None:
    told: list[tuple[str, int, int]] = []
    moved = people()
    moved.roi_center[0, 0] += 0.01
    alone = calibrate("maps.npz", moved, [Looker()], [], QUICK, lambda *each: told.append(each))
    assert alone.held_out == ()
    assert alone.choice.beats_random is None
    made = planning.plan(alone, "mine", COMMAND)
    again = calibrate("maps.npz", moved, [Looker()], [], replace(QUICK, jobs=2))
    assert planning.plan(again, "mine", COMMAND).model_dump_json() == made.model_dump_json()
    assert "Not tested: that takes" in report.render(alone, made)

    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["the graph", "resampling the graph", "a graph for each sample", "hiding regions"]
    assert all(0 <= done <= total for _, done, total in told)

    assert made.calibration is not None
    assert plan.calibration is not None
    assert made.calibration.data.sha256 != plan.calibration.data.sha256, "it knows where the regions lie"


# The plan.


def test_a_plan_says_what_was_chosen_and_loads_as_it_was_made(found: Calibration, plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(plan.model_dump_json(indent=1))
    loaded = plans.load(str(path))
    assert loaded == plan
    assert loaded.regions == found.choice.regions
    assert loaded.provenance.measured
    evidence = loaded.calibration
    assert evidence is not None
    assert evidence.effect is not None
    assert evidence.effect.regions == loaded.regions
    assert evidence.effect.k == loaded.k
    assert [each.regions for each in evidence.singles] == [(name,) for name in NAMES]
    assert set(evidence.controls) == {"no sticker", "a constant map", "noise instead of motion"}
    assert [judge.name for judge in evidence.judges] == ["looker", "other"]
    assert evidence.data.samples == 36
    assert evidence.data.subjects == 12
    assert evidence.data.labels == dict.fromkeys(sorted(LABELS), 12)
    assert path.stat().st_size < plans.LARGEST / 5


def test_a_plan_s_verdict_is_the_choice_s(found: Calibration, plan: Plan) -> None:
    assert plan.calibration is not None
    assert plan.calibration.verdict == " ".join(found.choice.verdict)
    assert plan.calibration.beats_random == found.choice.beats_random


# The record.


def test_the_record_is_json_and_holds_every_size(found: Calibration, plan: Plan) -> None:
    written = json.loads(json.dumps(record.record(found, plan), allow_nan=False))
    assert written["plan"]["regions"] == list(plan.regions)
    assert set(written["effects"]["singles"]) == {"1", "2", "3", "4"}
    assert len(written["effects"]["singles"]["2"]) == 14
    assert "2×3" in written["effects"]["random"]
    assert len(written["held_out"]) == len(found.held_out)
    assert "resampled" not in json.dumps(written)


def test_what_is_no_number_becomes_null() -> None:
    assert record.plain({(1, 2.0): np.array([np.nan, 1.0]), 3.0: np.float32(-0.0)}) == {"1×2": [None, 1.0], "3": 0.0}


# The report.


def test_a_report_needs_nothing_but_itself(page: str) -> None:
    assert_alone(page)


def test_every_picture_says_in_words_what_it_shows_and_every_table_has_heads(page: str) -> None:
    tags = read(page).tags
    pictures = [attributes for tag, attributes in tags if tag == "img"]
    assert len(pictures) == 9
    assert all(len(str(each["alt"])) > 40 for each in pictures)
    assert all("scope" in attributes for tag, attributes in tags if tag == "th")


def test_the_verdict_stands_on_top_in_words(found: Calibration, page: str) -> None:
    text = re.sub(r"\s+", " ", read(page).text)
    first, later = text.index(found.choice.verdict[0]), text.index("The causal graph")
    assert first < later
    for sentence in found.choice.verdict:
        assert sentence in text


def test_the_command_says_no_figure_twice_and_whether_the_graph_tells_what_to_hide(found: Calibration) -> None:
    said = wording.verdict(found)
    assert sum(str(found.chosen.attack) in each for each in said) == 1  # type: ignore[union-attr]
    assert any(each.startswith("does the graph tell what to hide? ") for each in said)


def test_every_figure_of_the_plan_s_effect_is_in_the_report(plan: Plan, page: str) -> None:
    assert plan.calibration is not None
    for each in plan.calibration.singles:
        for value in (each.attack.value, each.attack.low, each.attack.high):
            assert wording.percent(value) in page
    for judge in plan.calibration.judges:
        assert judge.identity in page
    assert plan.calibration.data.sha256 in page
    assert COMMAND in read(page).text


def test_a_report_has_no_date_and_the_same_bytes_again(found: Calibration, plan: Plan, page: str) -> None:
    assert report.render(found, plan) == page


def test_what_data_are_called_cannot_write_html(found: Calibration, sketched: None) -> None:
    name = "<script>alert(1)</script>\" onload='x' {{ 7*7 }}"
    evil = replace(found, data=replace(found.data, name=name, dataset=(name,) * len(found.data)))
    shown = read(report.render(evil, planning.plan(evil, "x", f"deadpan calibrate --data {name}")))
    assert "script" not in {tag for tag, _ in shown.tags}
    assert name in shown.text, "shown as it is, not as what it means"


def test_whatever_data_are_called_the_plan_can_be_written_and_read(found: Calibration, tmp_path: Path) -> None:
    """Names of files and of folders of classes: found out after minutes of work, it would be too late."""
    name = "\x1b[31m\u202e\udcff" + 200 * "x"
    many = tuple(f"{each} {name}" for each in range(len(found.data))) * 3
    odd = replace(found, data=replace(found.data, name=name, dataset=many, label=many))
    made = planning.plan(odd, name, f"deadpan calibrate --data {name}")
    (tmp_path / "odd.json").write_text(made.model_dump_json())
    assert plans.load(str(tmp_path / "odd.json")) == made
    assert made.calibration is not None
    assert made.calibration.data.name == "?[31m??" + 93 * "x"
    labels = made.calibration.data.labels
    assert (len(labels), sum(labels.values())) == (len(found.data), len(many))
    crowded = replace(odd, data=replace(odd.data, label=tuple(map(str, range(300)))))
    counted = planning.plan(crowded, "x", COMMAND).calibration
    assert counted is not None
    assert counted.data.labels["others"] == 201


def test_a_plan_tells_of_each_judge_by_itself_whether_it_had_learned_from_the_people(found: Calibration) -> None:
    made = planning.plan(replace(found, folds=True), "mine", COMMAND).calibration
    assert made is not None
    assert [judge.folds for judge in made.judges] == [True, False], "who tests is a finished one here"


def test_stills_have_a_graph_and_no_effect() -> None:
    values = np.random.default_rng(1).normal(size=(90, 14)).astype(np.float32)
    values[:, 5] = values[:, 2] + values[:, 9]
    names = np.array([f"picture {i}" for i in range(90)])
    settings = replace(QUICK, rule="stability", resamples=40)
    stills = of_stills("faces", Features("evidence", "logits", values, names), ("happy",) * 90, settings)
    made = planning.plan(stills, "faces", COMMAND)
    assert not made.provenance.measured
    assert made.calibration is not None
    assert made.calibration.effect is None
    assert made.calibration.beats_random is None
    text = read(report.render(stills, made)).text
    assert "no effect can be measured" in text
    assert "What hiding one region does" not in text


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_a_browser_shows_the_report_without_scrolling_sideways_or_complaining(page: str, tmp_path: Path) -> None:
    driver = pytest.importorskip("playwright.sync_api")
    path = tmp_path / "report.html"
    path.write_text(page, "utf-8")
    flags = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    with driver.sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=False, args=flags, timeout=90_000
        )
        shown = browser.new_page()
        shown.set_default_timeout(90_000)
        said: list[str] = []
        asked: list[str] = []
        shown.on("console", lambda message: said.append(message.text))
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(path.as_uri())
        for width in (1280, 400):
            shown.set_viewport_size({"width": width, "height": 900})
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            drawn = shown.evaluate("[...document.images].map(each => each.complete && each.naturalWidth > 0)")
            assert drawn == [True] * 9
        browser.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


# Words.


def test_a_tie_is_shown_as_a_tie() -> None:
    assert wording.ties(()) == "no winner"
    assert wording.ties(("left_eye",)) == "left eye"
    assert wording.ties(("chin", "left_eye", "mouth")) == "chin, left eye and mouth (a tie of 3 of 14)"


def test_a_winner_that_few_resamples_name_is_called_unstable(found: Calibration) -> None:
    shares = np.full(14, 0.05)
    shares[3] = 0.3
    shaky = replace(found.stability, winner=shares, none=0.05)
    assert "do not build on the winner" in wording.of_stability(shaky)
    shares[3] = 0.9
    assert "do not build" not in wording.of_stability(replace(found.stability, winner=shares))


def test_figures_are_written_plainly() -> None:
    assert wording.percent(0.1234) == "12.3%"
    assert wording.percent(-0.02) == "−2.0%"
    assert wording.points(0.0312) == "+3.1 points"
    assert wording.decimal(-0.456, sign=True) == "−0.46"
    assert wording.number(3.0) == "3"
    assert wording.percent(-0.0001) == "0.0%", "nothing has no sign"
    assert str(Share(-1e-9, -0.02, 0.123, 9)) == "0.0% [−2.0%, 12.3%]"
    assert Share(-0.0001, -0.021, 0.0312, 9).points == "0.0 points [−2.1, +3.1]"
    assert wording.points(-0.00001) == "0.0 points"
