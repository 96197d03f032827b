"""What a session says of its plan in the end: nothing that was not measured, and at no other size than measured."""

import pytest

from deadpan.app.commands.summary import told
from deadpan.app.tally import Tally
from deadpan.stickers import sticker
from deadpan.stickers.evidence import Data, Effect, Evidence, Graph, Measured
from deadpan.stickers.plan import Plan, Provenance
from deadpan.stickers.protection import StickerProtection

SHARE = Measured(value=0.183, low=0.12, high=0.24, n=884)


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


@pytest.mark.parametrize(
    ("beats", "words"), [(True, "more than random"), (False, "no more than random"), (None, "compared with random")]
)
def test_a_calibrated_plan_s_effect_is_told_beside_its_control(beats: bool | None, words: str) -> None:
    line = next(each for each in said(plan(beats)).splitlines() if each.startswith("plan mine"))
    assert line == (
        "plan mine, on 442 micro-expressions of 68 people: 18% [12%, 24%] of a recognizer's right labels lost, "
        f"{words} places of that area (9%)"
    )


def test_an_effect_at_another_size_is_not_told_of_this_one() -> None:
    larger = said(plan(True).model_copy(update={"k": 4.0}))
    assert "measured at k = 3, not at 4" in larger
    assert "18%" not in larger


def test_a_plan_that_nobody_measured_says_so() -> None:
    assert "its effect is not yet measured" in said(
        plan(None).model_copy(update={"calibration": None, "provenance": Provenance(source="x", measured=False)})
    )
