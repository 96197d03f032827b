"""Attackers who adapt: they read what is left, learn from other people only, and find nothing where nothing is."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from deadpan.calibration.synthetic.faces import SIZE, WIDTH
from deadpan.calibration.synthetic.portrait import clip
from deadpan.calibration.trial import attacks, retrained
from deadpan.calibration.trial.likeness import Likeness
from deadpan.calibration.trial.matched import MatchedFilter, small
from deadpan.calibration.trial.modes import NONE
from deadpan.calibration.trial.passage import Call
from deadpan.calibration.trial.trial import AVERAGED, FILLED, INPAINTED, LONGER, SINGLE, Cell, Measured, Outcome
from deadpan.models.errors import DeadpanError
from deadpan.models.motion import CROP, encode
from deadpan.models.recognizer import Recognizer
from deadpan.models.training.recipes import Recipe

PEOPLE = tuple(f"p{n}" for n in range(6))
LEAK = "linear, learned: two pictures"


@pytest.fixture(scope="module")
def filters(model: bytes) -> dict[str, MatchedFilter]:
    matched = MatchedFilter(clip(1, model).stills[0].scaled(WIDTH).framed(SIZE))
    return dict.fromkeys(PEOPLE, matched)


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.load("motion")


def cell(filters: dict[str, MatchedFilter], turn: int, seed: int, covered: bool = False) -> Cell:
    """What each class does, times 2, under noise; person n shows it as the class n · `turn` further on."""
    random = np.random.default_rng(seed)
    outcomes = []
    for number, person in enumerate(PEOPLE):
        matched = filters[person]
        for label in np.arange(12) % 3:
            true = matched.templates[int(np.argmax(matched.labels == label))]
            as_shown = (label + number * turn) % 3
            shown = 2 * matched.templates[int(np.argmax(matched.labels == as_shown))]
            small = (shown + random.normal(0, 0.005, shown.shape)).astype(np.float32)
            flow = np.repeat(np.repeat(small, CROP // 28, axis=0), CROP // 28, axis=1)
            each = Measured(small, encode(flow))
            ways = (SINGLE, AVERAGED, LONGER, *((FILLED, INPAINTED) if covered else ()))
            outcomes.append(
                Outcome(
                    *(person, int(label), 0.0, Likeness(1, 0), dict.fromkeys(ways, each), flow.astype(np.float16)),
                    pairs=np.stack([each.motion] * 5),
                    true=true,
                    covered=np.zeros((28, 28), np.float32) if covered else None,
                )
            )
    return Cell(NONE, Call(), outcomes)


def by_name(found: list[attacks.Attack]) -> dict[str, float]:
    return {each.attacker: each.uf1.value for each in found}


def test_what_is_there_is_read_and_masks_are_for_stickers_only(
    filters: dict[str, MatchedFilter], recognizer: Recognizer
) -> None:
    plain = by_name(attacks.judge([cell(filters, 0, 0)], [], recognizer, filters))
    stuck = by_name(attacks.judge([cell(filters, 0, 0, covered=True)], [], recognizer, filters))
    assert plain["matched filter: two pictures"] == plain["matched filter: 20 pictures"] == 1.0
    assert stuck["matched filter: stickers masked"] == 1.0
    assert set(stuck) - set(plain) == {
        f"{name}: {way}" for name in ("motion", "matched filter") for way in (FILLED, INPAINTED)
    }
    assert not any("learned" in name or "whitened" in name for name in plain)


def test_those_who_learn_read_what_others_show_too(filters: dict[str, MatchedFilter], recognizer: Recognizer) -> None:
    found = by_name(attacks.judge([cell(filters, 0, 0)], [cell(filters, 0, 1)], recognizer, filters))
    assert found[LEAK] == found["linear, learned: 20 pictures"] == 1.0
    assert found["whitened filter: two pictures"] == 1.0


def test_nobody_learns_from_the_person_whom_he_judges(
    filters: dict[str, MatchedFilter], recognizer: Recognizer
) -> None:
    # Everybody shows the classes in an order of his own: who had seen this person's would know them all.
    found = by_name(attacks.judge([cell(filters, 1, 0)], [cell(filters, 1, 1)], recognizer, filters))
    assert found[LEAK] < 0.5


def test_who_has_nobody_to_learn_from_is_left_out(filters: dict[str, MatchedFilter], recognizer: Recognizer) -> None:
    given, other = cell(filters, 0, 0), cell(filters, 0, 1)
    two = Cell(NONE, Call(), [each for each in other.outcomes if each.subject in PEOPLE[:2]])
    found = by_name(attacks.judge([given], [two], recognizer, filters))
    assert not any("learned" in name or "whitened" in name for name in found)


def test_what_is_done_to_everybody_is_taken_off(filters: dict[str, MatchedFilter], recognizer: Recognizer) -> None:
    given = cell(filters, 0, 0)
    random = np.random.default_rng(3)
    common = np.repeat(np.repeat(random.normal(0, 1, (28, 28, 2)), CROP // 28, axis=0), CROP // 28, axis=1)
    spoilt = []
    for each in given.outcomes:
        assert each.flow is not None
        flow = (each.flow + common).astype(np.float32)
        measured = {way: Measured(small(flow), encode(flow)) for way in each.measured}
        spoilt.append(replace(each, flow=flow.astype(np.float16), measured=measured))
    plain = by_name(attacks.judge([given], [], recognizer, filters))
    found = by_name(attacks.judge([Cell(NONE, Call(), spoilt)], [], recognizer, filters))
    off = "motion: others' mean field off"
    assert found["motion: two pictures"] < plain["motion: two pictures"]
    assert found[off] == pytest.approx(plain[off], abs=0.05)


def test_a_clip_without_a_face_is_told_wrongly_and_a_cell_of_them_too(
    filters: dict[str, MatchedFilter], recognizer: Recognizer
) -> None:
    unseen = Cell(NONE, Call(), [Outcome(who, n, 0.0, Likeness(1, 0)) for who in PEOPLE for n in range(3)])
    found = attacks.judge([unseen], [unseen], recognizer, filters)
    assert {each.uf1.value for each in found} == {0.0}
    assert {each.chance for each in found} == {0.0}


def test_a_network_trained_anew_reads_what_the_fixed_one_does_not(
    filters: dict[str, MatchedFilter], recognizer: Recognizer
) -> None:
    pytest.importorskip("torch", reason="torch comes with the extra `train`")
    pytest.importorskip("onnx", reason="onnx comes with the extra `train`")
    # Every class is shown as the next one: whoever learned on unprotected faces is always wrong.
    given, other = (cell(filters, 0, seed) for seed in (0, 1))
    wrong = [Cell(NONE, Call(), [_called_next(each) for each in one.outcomes]) for one in (given, other)]
    quick = Recipe("quick", "ststnet", epochs=15, batch=30, rate=0.02)
    found = by_name(attacks.judge(wrong[:1], wrong[1:], recognizer, filters, [quick]))
    assert found["quick, trained anew: asked of 5 pairs"] > 0.9
    assert found["matched filter: two pictures"] == 0.0


def _called_next(outcome: Outcome) -> Outcome:
    return replace(outcome, label=(outcome.label + 1) % 3)


def test_without_torch_training_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DeadpanError, match=r"training needs torch and onnx; `pip install '\.\[train\]'`"):
        retrained.check()
