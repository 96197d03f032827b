"""What happened in a session, as --json tells it."""

import json

import pytest

from deadpan.app.outgoing import Reason
from deadpan.app.tally import STAGES, Tally

PROMISED = {"in", "out", "protected", "held", "shuttered", "unvouched"}
"""The keys of `frames` that the issue names."""


def test_the_summary_has_the_promised_keys() -> None:
    summary = Tally().summary()
    assert set(summary) == {"frames", "faces_max", "fps", "stage_ms", "latency_ms"}
    frames, stages, latency = summary["frames"], summary["stage_ms"], summary["latency_ms"]
    assert isinstance(frames, dict)
    assert isinstance(stages, dict)
    assert isinstance(latency, dict)
    assert set(frames) == PROMISED | {"empty", "errors"}
    assert set(stages) == {"capture", "track", "protect", "emit"} == set(STAGES)
    assert all(set(figures) == {"p50", "p95"} for figures in (*stages.values(), latency))


def test_an_empty_session_is_zeros_and_nulls_not_an_error() -> None:
    summary = json.loads(json.dumps(Tally().summary(), allow_nan=False))
    assert set(summary["frames"].values()) == {0}
    assert summary["latency_ms"] == {"p50": None, "p95": None}
    assert summary["fps"] == 0.0


def test_every_reason_is_counted_and_out_is_their_sum() -> None:
    tally = Tally()
    for number, reason in enumerate(Reason, start=1):
        for _ in range(number):
            tally.out(reason, 0.0)
    frames = tally.summary()["frames"]
    assert isinstance(frames, dict)
    assert [frames[reason.value] for reason in Reason] == [1, 2, 3, 4]
    assert frames["out"] == 10


def test_the_summary_reports_what_was_counted() -> None:
    tally = Tally()
    tally.read, tally.unvouched, tally.errors, tally.faces_max = 7, 3, 2, 4
    summary = tally.summary()
    frames = summary["frames"]
    assert isinstance(frames, dict)
    assert (frames["in"], frames["unvouched"], frames["errors"], summary["faces_max"]) == (7, 3, 2, 4)


def test_percentiles_are_of_the_times_themselves() -> None:
    tally = Tally()
    tally.latency.extend(range(101))
    tally.stages["track"].append(5.0)
    summary = json.loads(json.dumps(tally.summary()))
    assert summary["latency_ms"] == {"p50": 50.0, "p95": 95.0}
    assert summary["stage_ms"]["track"] == {"p50": 5.0, "p95": 5.0}
    assert summary["stage_ms"]["emit"] == {"p50": None, "p95": None}


def test_the_rate_counts_the_gaps_between_pictures() -> None:
    tally = Tally()
    for tick in range(31):
        tally.out(Reason.PROTECTED, 100.0 + tick / 30)
    assert tally.rate() == pytest.approx(30.0)
    assert tally.summary()["fps"] == 30.0


def test_the_rate_of_the_newest_pictures_forgets_the_slow_start() -> None:
    tally = Tally()
    for when in (0.0, 10.0, 10.1, 10.2, 10.3):
        tally.out(Reason.HELD, when)
    assert tally.rate(3) == pytest.approx(10.0)
    assert tally.rate() < 1


def test_one_picture_and_standing_time_have_no_rate() -> None:
    tally = Tally()
    tally.out(Reason.HELD, 5.0)
    assert tally.rate() == 0.0
    tally.out(Reason.HELD, 5.0)
    assert tally.rate() == 0.0
