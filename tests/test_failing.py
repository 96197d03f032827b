"""What fails in the loop shows nobody, and is counted; for good, it ends the session."""

from dataclasses import replace
from typing import Any

import pytest
from scripted import FPS, Collector, Protection, ScriptedCamera, ScriptedTracker, assert_nothing_aired, play, runs

from deadpan.app import loop
from deadpan.app.gate import vouched
from deadpan.app.loop import Session, run
from deadpan.models.errors import DeadpanError
from deadpan.models.face import Face
from deadpan.models.frame import Frame
from deadpan.models.tracker import GRACE

FAILING = (0, 3, 4)
STOOD_IN = [("shuttered", 1), ("protected", 2), ("held", 2), ("protected", 1)]
"""What goes out of six frames when these fail."""


def test_a_failing_tracker_never_shows_the_raw_frame(frames: list[Frame], face: Face) -> None:
    tracker = ScriptedTracker(face, dict.fromkeys(FAILING, RuntimeError("no more memory")))
    sent, tally = play(frames[:6], tracker)
    assert runs([outgoing.reason.value for outgoing in sent]) == STOOD_IN
    assert tally.errors == 3
    assert tally.last_error == "RuntimeError: no more memory"
    assert_nothing_aired(sent, frames, face)


def test_a_failing_protection_never_shows_the_raw_frame(frames: list[Frame], face: Face) -> None:
    sent, tally = play(frames[:6], ScriptedTracker(face), Protection(failing=FAILING))
    assert runs([outgoing.reason.value for outgoing in sent]) == STOOD_IN
    assert tally.errors == 3
    assert_nothing_aired(sent, frames, face)


def test_a_failing_gate_never_shows_the_raw_frame(
    frames: list[Frame], face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(frame: Frame, *rest: Any) -> bool:
        if frame.index in FAILING:
            raise ValueError("the gate is broken")
        return vouched(frame, *rest)

    monkeypatch.setattr("deadpan.app.gate.vouched", failing)
    sent, tally = play(frames[:6], ScriptedTracker(face))
    assert runs([outgoing.reason.value for outgoing in sent]) == STOOD_IN
    assert (tally.errors, tally.last_error) == (3, "ValueError: the gate is broken")
    assert tally.withheld == {"the protection failed": 3}
    assert_nothing_aired(sent, frames, face)


@pytest.mark.parametrize("failing", ["tracker", "protection", "gate"])
def test_errors_are_no_empty_room(
    failing: str, frames: list[Frame], face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --when-empty show failed frames must not count as ones without faces, for however long they fail."""

    def broken(*_: Any) -> bool:
        raise ValueError("the gate is broken")

    script = [replace(frames[0], index=index, time=index / FPS) for index in range(loop.TOO_MANY - 1)]
    assert script[-1].time > 2 * GRACE
    sink, errors = Collector(), dict.fromkeys(range(len(script)), RuntimeError("no more memory"))
    tracker = ScriptedTracker(face, errors if failing == "tracker" else {})
    protection = Protection(failing=tuple(errors) if failing == "protection" else ())
    if failing == "gate":
        monkeypatch.setattr("deadpan.app.gate.vouched", broken)
    tally = run(Session(ScriptedCamera(script), tracker, protection, [sink], show_empty=True))
    assert tally.errors == len(script)
    assert set(sink.reasons) == {"shuttered"}


def test_too_many_errors_in_a_row_end_the_session(frames: list[Frame], face: Face) -> None:
    script = [replace(frames[0], index=index, time=index / FPS) for index in range(200)]
    tracker = ScriptedTracker(face, dict.fromkeys(range(1, 200), RuntimeError("broken for good")))
    camera, sink = ScriptedCamera(script), Collector()
    with pytest.raises(DeadpanError, match="broken for good"):
        run(Session(camera, tracker, Protection(), [sink]))
    assert camera.given == 1 + loop.TOO_MANY
    assert (camera.closed, sink.closed) == (1, 1)
    assert_nothing_aired(sink.sent, frames[:1], face)


def test_errors_with_good_frames_between_do_not_end_the_session(frames: list[Frame], face: Face) -> None:
    script = [replace(frames[0], index=index, time=index / FPS) for index in range(2 * loop.TOO_MANY)]
    tracker = ScriptedTracker(face, {n: RuntimeError("now and then") for n in range(len(script)) if n % 60})
    _, tally = play(script, tracker)
    assert tally.read == len(script)
    assert tally.errors == len(script) - 3
