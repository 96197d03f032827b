"""Whatever happens to the meter, the viewer sees nothing of it, and the loop does not wait for it."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from elsewhere import Exits, Failing, Hangs, NotANumber, Throws
from metered import EVENTS, FRAMES, Play, Take, assert_same, at_work, protection

from deadpan.app import meter as meters
from deadpan.app.meter import WAITING, Meter
from deadpan.models.recognizer import Recognizer


@pytest.mark.parametrize(
    ("recognizer", "said"),
    [
        (Throws(), "RuntimeError: the recognizer is broken"),
        (NotANumber(), "RecognizerError: motion: the answer holds NaN or infinity; expected probabilities"),
    ],
    ids=["throws", "NaN"],
)
def test_a_recognizer_that_fails_is_counted_and_changes_nothing_for_the_viewer(
    recognizer: Failing, said: str, play: Play, take: Take
) -> None:
    result = play(recognizer)
    assert_same(result.sent, take.sent)
    assert (result.success.events, result.success.errors, result.success.fooling.n) == (len(EVENTS), len(EVENTS), 0)
    assert result.success.last_error == said
    assert result.success.note == f"the meter failed: {said}"


def test_a_recognizer_that_takes_its_process_with_it_is_told_and_changes_nothing_for_the_viewer(
    play: Play, take: Take
) -> None:
    """Nor does a file wait for it."""
    result = play(Exits())
    assert_same(result.sent, take.sent)
    assert (result.success.errors, result.success.note) == (1, "the meter failed: its process has ended")
    assert 0 < result.success.skipped < FRAMES


def test_a_recognizer_that_hangs_changes_nothing_for_the_viewer_and_is_left_behind(
    take: Take, model: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even on a file, whose loop waits for the meter: it does so once."""
    hiding = protection()
    meter = Meter(Hangs(), model, hiding, wait=True)
    meter.ready()
    monkeypatch.setattr(meter, "_patience", 1.5)
    assert_same(take.play(hiding, meter, {}), take.sent)
    waiting = meter.success.skipped
    assert 0 < waiting < FRAMES
    meter.settle()
    meter.close(0.1)
    assert meter.success.skipped > waiting, "what waited for it was not looked at"
    assert meter.success.fooling.n == 0
    assert not at_work()


@pytest.fixture
def stopped(model: bytes, motion: Recognizer) -> Iterator[Meter]:
    """A live meter whose process gets no time at all."""
    meter = Meter(motion, model, protection())
    meter.ready(300)
    (process,) = at_work()
    os.kill(process.pid, signal.SIGSTOP)
    yield meter
    meter.close(0.1)
    assert not at_work()


def test_what_a_starved_meter_has_no_time_for_is_dropped_and_never_blocks(
    stopped: Meter, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meters, "SILENCE", 600.0)  # however slow this machine is today
    assert_same(take.play(protection(), stopped, {}), take.sent)
    assert stopped.success.skipped == FRAMES - WAITING
    assert (stopped.success.events, stopped.success.errors, stopped.success.note) == (0, 0, "")


def test_a_silent_meter_is_told_until_it_speaks_again(
    stopped: Meter, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meters, "SILENCE", 0.0)
    take.play(protection(), stopped, {})
    assert stopped.success.note == meters.SILENT
    (process,) = at_work()
    os.kill(process.pid, signal.SIGCONT)
    stopped.close(300)
    assert stopped.success.note == ""
    assert stopped.success.skipped == FRAMES - WAITING


def test_a_meter_that_was_asked_nothing_for_long_is_not_called_silent(
    stopped: Meter, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody was in view; then come more pictures at once than it has time for."""
    monkeypatch.setattr(meters, "SILENCE", 600.0)
    stopped._heard -= 3600
    take.play(protection(), stopped, {})
    assert stopped.success.skipped == FRAMES - WAITING
    assert stopped.success.note == ""


def test_a_killed_meter_is_told_and_changes_nothing_for_the_viewer(
    take: Take, model: bytes, motion: Recognizer
) -> None:
    hiding = protection()
    meter = Meter(motion, model, hiding)
    meter.ready()
    (process,) = at_work()
    process.kill()
    process.join()
    assert_same(take.play(hiding, meter, {}), take.sent)
    assert (meter.success.errors, meter.success.skipped) == (1, FRAMES)
    assert meter.success.note == "the meter failed: its process has ended"
    meter.close()


def test_a_live_meter_gives_way_and_changes_nothing_for_the_viewer(
    take: Take, model: bytes, motion: Recognizer
) -> None:
    """Each frame is looked at or counted as skipped; a loop that runs as fast as it can is not held up."""
    hiding = protection()
    meter = Meter(motion, model, hiding)
    assert_same(take.play(hiding, meter, {}), take.sent)
    assert meter.success.errors == 0
    assert 0 <= meter.success.skipped < FRAMES
    meter.close()


def test_a_meter_without_a_landmarker_says_so_and_changes_nothing(
    take: Take, motion: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does the loop wait until its process has gone."""
    hiding = protection()
    meter = Meter(motion, b"no model", hiding)
    with monkeypatch.context() as patch:
        patch.setattr(meter._companion, "end", lambda: pytest.fail("the loop waits"))
        meter.ready(60)
        assert_same(take.play(hiding, meter, {}), take.sent)
    assert meter.success.errors == 1
    assert meter.success.note.startswith("the meter failed: ")
    assert "\n" not in meter.success.note
    meter.settle()
    meter.close()
    assert meter.success.skipped == FRAMES


def test_a_face_that_makes_no_sense_is_counted_and_not_raised(take: Take, model: bytes, motion: Recognizer) -> None:
    """The loop calls `offer` outside of any net of its own."""
    frame, sighting, outgoing = take.offered[0]
    (face,) = sighting.faces
    nowhere = replace(face, landmarks=np.full_like(face.landmarks, np.nan))
    meter = Meter(motion, model, protection())
    meter.offer(frame, replace(sighting, faces=(nowhere,)), outgoing)
    assert meter.success.errors == 1
    assert meter.success.last_error.startswith("ValueError: ")
    meter.close()


def test_closing_twice_is_harmless(model: bytes, motion: Recognizer) -> None:
    meter = Meter(motion, model, protection())
    meter.ready()
    meter.close()
    meter.close()
    assert meter.success.summary()["events"] == 0
