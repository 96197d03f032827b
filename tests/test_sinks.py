"""Every sink gets the same; however a session ends, all is closed."""

import pytest
from scripted import BrokenSink, Collector, Protection, ScriptedCamera, ScriptedTracker, lost

from deadpan.app.loop import Controls, Session, run
from deadpan.app.outgoing import Outgoing, SinkError
from deadpan.app.tally import Tally
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame


def test_every_sink_gets_the_same_and_the_witness_both_pictures(frames: list[Frame], face: Face) -> None:
    pairs: list[tuple[Frame, Outgoing]] = []

    class Witness:
        def offer(self, frame: Frame, sighting: Sighting, outgoing: Outgoing) -> None:
            pairs.append((frame, outgoing))

    one, two = Collector(), Collector()
    session = Session(ScriptedCamera(frames[:4]), ScriptedTracker(face, {2: lost}), Protection(), [one, two])
    session.witness = Witness()
    run(session)
    assert one.sent == two.sent == [outgoing for _, outgoing in pairs]
    assert [frame for frame, _ in pairs] == frames[:4]


def test_a_failing_sink_ends_the_session_and_all_else_is_closed(frames: list[Frame], face: Face) -> None:
    camera, first, broken, last = ScriptedCamera(frames[:9]), Collector(), BrokenSink(good=3), Collector()
    with pytest.raises(SinkError, match="the device is gone"):
        run(Session(camera, ScriptedTracker(face), Protection(), [first, broken, last]))
    assert camera.given == 4
    assert (first.closed, broken.closed, last.closed, camera.closed) == (1, 1, 1, 1)


@pytest.mark.parametrize("broken", [0, 1])
def test_a_sink_that_fails_to_close_keeps_nothing_else_open_and_is_told(
    broken: int, frames: list[Frame], face: Face
) -> None:
    class Unclosable(Collector):
        def close(self) -> None:
            raise SinkError("the disk is full")

    camera, other = ScriptedCamera(frames[:2]), Collector()
    sinks = [Unclosable(), other] if broken == 0 else [other, Unclosable()]
    with pytest.raises(SinkError, match="the disk is full"):
        run(Session(camera, ScriptedTracker(face), Protection(), sinks))
    assert (other.closed, camera.closed) == (1, 1)


def test_stopping_sends_nothing_more_and_closes_everything(frames: list[Frame], face: Face) -> None:
    controls, sink, camera = Controls(), Collector(), ScriptedCamera(frames)

    def press(_: Tally) -> None:
        controls.stop = len(sink.sent) == 4

    run(Session(camera, ScriptedTracker(face), Protection(), [sink], each=press, controls=controls))
    assert len(sink.sent) == 4
    assert (sink.closed, camera.closed) == (1, 1)
