"""The camera goes away, or somebody closes the shutter: nothing of before is shown after."""

from scripted import Collector, Protection, ScriptedCamera, ScriptedTracker, assert_nothing_aired, lost, play, runs

from deadpan.app.loop import Controls, Session, run
from deadpan.app.tally import Tally
from deadpan.models.face import Face
from deadpan.models.frame import Frame


def test_an_unplugged_camera_leaves_the_viewer_the_shutter(frames: list[Frame], face: Face) -> None:
    script = [*frames[:3], *[None] * 10]
    sent, tally = play(script, ScriptedTracker(face))
    assert runs([outgoing.reason.value for outgoing in sent]) == [("protected", 3), ("held", 5), ("shuttered", 5)]
    assert tally.read == 3
    assert_nothing_aired(sent, script, face)


def test_after_an_interruption_tracking_and_smoothing_start_anew(frames: list[Frame], face: Face) -> None:
    """Also on the first frame; a pause between two frames of a slow camera is no interruption."""
    script = [*frames[:3], None, None, *frames[10:12], None, *frames[30:32]]
    tracker, protection = ScriptedTracker(face), Protection()
    play(script, tracker, protection)
    assert tracker.restarts == [-1, 11]
    assert protection.restarts == 2


def test_a_picture_from_before_the_interruption_is_not_shown_after_it(frames: list[Frame], face: Face) -> None:
    """The camera was away for longer than HOLD; when it is back, the face is not found at once."""
    script = [*frames[:3], *[None] * 2, *frames[30:40]]
    sent, _ = play(script, ScriptedTracker(face, dict.fromkeys(range(30, 35), lost)))
    reasons = [outgoing.reason.value for outgoing in sent]
    assert runs(reasons) == [("protected", 3), ("held", 2), ("shuttered", 5), ("protected", 5)]
    assert_nothing_aired(sent, script, face)


def test_a_shutter_closed_by_hand_closes_at_once_and_lets_nothing_old_out(frames: list[Frame], face: Face) -> None:
    controls, sink = Controls(), Collector()

    def press(_: Tally) -> None:
        controls.closed = 3 <= len(sink.sent) < 6

    tracker = ScriptedTracker(face, {6: lost})
    tally = run(Session(ScriptedCamera(frames[:9]), tracker, Protection(), [sink], each=press, controls=controls))
    assert runs(sink.reasons) == [("protected", 3), ("shuttered", 4), ("protected", 2)]
    assert tracker.restarts == [-1, 2]
    assert tally.read == 9
    assert_nothing_aired(sink.sent, frames, face)


def test_closing_the_shutter_also_covers_an_unplugged_camera(frames: list[Frame], face: Face) -> None:
    controls, sink = Controls(), Collector()

    def press(_: Tally) -> None:
        controls.closed = len(sink.sent) >= 2

    script = [*frames[:2], None, None]
    run(Session(ScriptedCamera(script), ScriptedTracker(face), Protection(), [sink], each=press, controls=controls))
    assert sink.reasons == ["protected", "protected", "shuttered", "shuttered"]
