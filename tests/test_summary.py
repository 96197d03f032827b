"""What a session says of its plan in the end: nothing that was not measured, and at no other size than measured."""

import numpy as np
import pytest

from deadpan.app.commands.status import status
from deadpan.app.commands.summary import MOST, summarise, told
from deadpan.app.success import Success
from deadpan.app.tally import Tally
from deadpan.models.frame import Frame
from deadpan.models.maps import LABELS
from deadpan.stickers import sticker
from deadpan.stickers.evidence import Data, Effect, Evidence, Graph, HeldOut, Measured
from deadpan.stickers.plan import Plan, Provenance
from deadpan.stickers.protection import Bent, Protected, StickerProtection
from deadpan.stickers.regions import NAMES
from deadpan.stickers.still import decoy, freeze, still

SHARE = Measured(value=0.183, low=0.12, high=0.24, n=884)
OTHERS = Measured(value=0.125, low=0.09, high=0.16, n=884)


def plan(beats: bool | None) -> Plan:
    """A calibrated plan."""
    effect = Effect(
        attack=SHARE,
        fooling=SHARE,
        error=SHARE,
        uf1=SHARE,
        regions=("chin", "mouth"),
        k=3,
        area=0.2,
        random=0.09,
        against_random=SHARE,
    )
    evidence = Evidence(
        rule="effect",
        verdict="Hide the chin and the mouth.",
        beats_random=beats,
        data=Data(name="x.npz", sha256="0" * 64, samples=442, subjects=68, datasets={}, labels={}),
        graph=Graph(
            method="chi-square",
            feature="strain",
            alpha=0.05,
            directed=(),
            undirected=(),
            out_degree={},
            possible_out_degree={},
            winners=(),
        ),
        stability=None,
        effect=effect,
        seed=0,
        versions={},
        command="deadpan calibrate",
    )
    source = Provenance(source="deadpan calibrate", measured=True)
    return Plan(version=1, name="mine", regions=("chin", "mouth"), k=3, provenance=source, calibration=evidence)


def said(which: Plan) -> str:
    return told(Tally(), StickerProtection(which, sticker.load("star")))


def test_a_calibrated_plan_s_effect_is_told_beside_its_control() -> None:
    line = next(each for each in said(plan(None)).splitlines() if each.startswith("plan mine"))
    assert line == (
        "plan mine, on the 442 micro-expressions of 68 people that it was chosen on: 18.3% [12.0%, 24.0%] of a "
        "recognizer's right labels lost, 9.0% at random places of that area; on other people it was not tested"
    )


def test_what_was_tested_on_others_is_told_first() -> None:
    tested = HeldOut(rule="effect", count=2, k=3, attack=OTHERS, random=0.085, against_random=OTHERS)
    another = tested.model_copy(update={"count": 1})
    mine = plan(True)
    assert mine.calibration is not None
    mine = mine.model_copy(update={"calibration": mine.calibration.model_copy(update={"held_out": (another, tested)})})
    first, second = [each for each in said(mine).splitlines() if "right labels" in each or "18.3%" in each]
    assert first.endswith(": 12.5% [9.0%, 16.0%] of the right labels lost, 8.5% at random places of that area")
    assert "had no part in the choice" in first
    assert second == "on the 442 micro-expressions of 68 people that it was chosen on: 18.3%, which flatters it"


def test_an_effect_at_another_size_is_not_told_of_this_one() -> None:
    larger = said(plan(True).model_copy(update={"k": 4.0}))
    assert "measured at k = 3, not at 4" in larger
    assert "18" not in larger.split("(plan")[1]


def test_a_plan_that_nobody_measured_says_so() -> None:
    for measured in (False, True):  # a plan may claim that it was; without figures nobody can tell
        source = Provenance(source="x", measured=measured)
        bare = plan(None).model_copy(update={"calibration": None, "provenance": source})
        assert "what it does is not measured" in said(bare)
    assert "not measured" not in said(plan(True))


@pytest.fixture
def leaking() -> Tally:
    """Four frames of one face; on one of them five regions were let go, on another one of these."""
    tally, art = Tally(), sticker.load("star")
    tally.read = 4
    frame = Frame(np.zeros((2, 2, 3), np.uint8), 0, 0.0, 0.0)
    for let_go in (NAMES[:5], NAMES[:1], (), ()):
        bent = Bent(0, np.zeros((2, 2, 2), np.float32), np.zeros((2, 3)), let_go)
        tally.bent(Protected(frame, (), art, (bent,)))
    return tally


def test_what_was_let_go_is_told_where_skin_is_bent(leaking: Tally) -> None:
    protection = still(plan(None), sticker.load("star"))
    text = told(leaking, protection)
    assert f"11% of the regions (most: {NAMES[0]} 50%, {NAMES[1]} 25%" in text
    assert f"{NAMES[MOST]} 25%" not in text
    assert "sticker star" not in text
    assert "let go 11%" in status(leaking, closed=False)
    figures = summarise(leaking, (2, 2), protection)
    assert figures["let_go"] == {NAMES[0]: 0.5, **dict.fromkeys(NAMES[1:5], 0.25)}
    assert (figures["protection"], figures["strength"], figures["sticker"], figures["plan"]) == (
        "still",
        1.0,
        None,
        None,
    )


def test_of_a_single_picture_nothing_is_told_that_moved(leaking: Tally) -> None:
    leaking.read = 1
    assert "let go" not in told(leaking, still(plan(None), sticker.load("star")))


def test_where_nothing_is_bent_nothing_is_let_go() -> None:
    assert "let go" not in said(plan(True))
    assert "let go" not in status(Tally(), closed=False)
    assert summarise(Tally(), (2, 2), StickerProtection(plan(True), sticker.load("star")))["let_go"] == {}


def test_what_hides_nothing_or_little_says_so() -> None:
    art = sticker.load("star")
    assert "that alone hides nothing" in told(Tally(), decoy(plan(None), art))
    assert "leaves motion that can be read" in told(Tally(), freeze(plan(None), art, 0.5))
    assert "leaves motion that can be read" not in told(Tally(), freeze(plan(None), art))
    assert "measured on synthetic faces only" in told(Tally(), still(plan(None), art))


@pytest.mark.parametrize(("skipped", "expected"), [(5, False), (98, True)])
def test_a_meter_that_had_no_time_says_so(skipped: int, expected: bool) -> None:
    tally, success = Tally(), Success("motion", "0" * 64, LABELS)
    tally.read, success.skipped = 100, skipped
    line = f"the meter had time for {100 - skipped}% of the frames; in the others it spots nothing"
    assert (line in told(tally, freeze(plan(None), sticker.load("star")), success).splitlines()) is expected
