"""Attack success is counted by its definition, and says how little a few events mean."""

import json

import numpy as np
import pytest

from deadpan.app.success import FEW, Rate, Success, Verdict

LABELS = ("negative", "positive", "surprise")


def probabilities(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, np.float32)


SMILE, FROWN, UNSURE = probabilities(0.1, 0.8, 0.1), probabilities(0.7, 0.2, 0.1), probabilities(0.3, 0.4, 0.3)


def verdict(
    clean: np.ndarray[tuple[int], np.dtype[np.float32]],
    protected: np.ndarray[tuple[int], np.dtype[np.float32]] | None,
    truth: int | None = None,
    *,
    stands_out: bool = True,
) -> Verdict:
    return Verdict(clean, protected, stands_out, truth)


@pytest.fixture
def success() -> Success:
    return Success("motion", "ab" * 32, LABELS)


def test_a_label_changes_when_another_class_is_likeliest() -> None:
    assert not verdict(SMILE, SMILE).changed
    assert not verdict(SMILE, UNSURE).changed
    assert verdict(SMILE, FROWN).changed
    assert verdict(SMILE, FROWN).label == 1


def test_a_face_that_is_not_found_counts_as_a_change_and_loses_all_of_its_label() -> None:
    gone = verdict(SMILE, None)
    assert gone.changed
    assert gone.drop == pytest.approx(0.8)


def test_the_drop_is_that_of_the_clean_label_and_may_be_negative() -> None:
    assert verdict(SMILE, FROWN).drop == pytest.approx(0.6)
    assert verdict(SMILE, SMILE).drop == 0
    assert verdict(UNSURE, SMILE).drop == pytest.approx(-0.4)


def test_a_rate_of_nothing_is_none_at_all() -> None:
    rate = Rate()
    assert (rate.value, rate.interval, str(rate)) == (None, None, "none yet")
    assert rate.summary() == {"rate": None, "interval": None, "n": 0}


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    """The last is Newcombe's example (1998, Statistics in Medicine 17, 857–872, table I, method 3)."""
    assert Rate(hits, n).interval == pytest.approx((low, high), abs=1e-4)


def test_fewer_than_ten_events_are_called_too_few() -> None:
    for n in range(1, FEW):
        assert str(Rate(1, n)) == f"1 of {n}, too few events"
    assert str(Rate(5, FEW)) == "50% [24%, 76%], n = 10"


def test_counting_adds_up(success: Success) -> None:
    success.count(verdict(SMILE, FROWN), 1.0)
    success.count(verdict(SMILE, SMILE, stands_out=False), 2.0)
    success.count(verdict(SMILE, None, stands_out=False), 3.0)
    assert (success.fooling.hits, success.fooling.n) == (2, 3)
    assert (success.unseen, success.unread) == (2, 1)
    assert success.drops == pytest.approx(0.6 + 0 + 0.8)
    assert success.newest_at == 3.0
    assert success.newest is not None
    assert success.newest.protected is None


def test_without_a_known_truth_there_is_no_attack_success_rate(success: Success) -> None:
    success.count(verdict(SMILE, FROWN), 1.0)
    assert success.attack.n == success.right.n == 0
    assert success.summary()["asr"] is None
    assert success.summary()["clean_accuracy"] is None


def test_attack_success_is_counted_only_over_clean_labels_that_were_right(success: Success) -> None:
    success.count(verdict(SMILE, FROWN, truth=1), 1.0)  # right, lost
    success.count(verdict(SMILE, SMILE, truth=1), 2.0)  # right, kept
    success.count(verdict(SMILE, FROWN, truth=0), 3.0)  # wrong, then right by chance: no success of an attack
    success.count(verdict(SMILE, FROWN), 4.0)  # not known
    assert (success.attack.hits, success.attack.n) == (1, 2)
    assert (success.right.hits, success.right.n) == (2, 3)
    assert (success.fooling.hits, success.fooling.n) == (3, 4)


def test_a_measurable_event_takes_away_the_note_of_one_that_was_not(success: Success) -> None:
    success.note = "not measurable: the head moved"
    success.count(verdict(SMILE, SMILE), 1.0)
    assert success.note == ""


@pytest.mark.parametrize("events", [0, 1, 12])
def test_the_summary_has_the_issues_keys_and_is_json(success: Success, events: int) -> None:
    for number in range(events):
        success.events += 1
        success.count(verdict(SMILE, FROWN if number % 2 else None, truth=number % 3), float(number))
        success.none.count(hit=False)
    told = json.loads(json.dumps(success.summary(), allow_nan=False))
    wanted = {"events", "measurable", "fooling_rate", "interval", "asr", "controls", "recognizer", "recognizer_sha256"}
    assert wanted <= set(told)
    assert set(told["controls"]) == {"none", "random"}
    assert (told["recognizer"], told["recognizer_sha256"]) == ("motion", "ab" * 32)
    assert told["events"] == told["measurable"] == told["controls"]["none"]["n"] == events
    assert told["controls"]["random"] == {"rate": None, "interval": None, "n": 0}
    if events:
        assert told["fooling_rate"] == 1.0
        low, high = told["interval"]
        assert 0 < low < high == 1
        assert set(told["asr"]) == {"rate", "interval", "n"}
    else:
        assert told["fooling_rate"] is told["interval"] is told["asr"] is told["mean_drop"] is None
