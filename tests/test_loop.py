"""Fail closed: from the first frame to the last, no picture leaves with a face that nobody vouches for.

The protection is the real one. The tracker is the real one where its own behaviour matters, and scripted where it
has to lose a face, or fail, on a given frame. What counts as airing a face is looked up in the pixels that left.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from deadpan.app import loop
from deadpan.app.commands.summary import told
from deadpan.app.gate import vouched
from deadpan.app.loop import Controls, Session, run
from deadpan.app.outgoing import Outgoing, Reason, SinkError
from deadpan.app.shutter import HOLD, shutter_picture
from deadpan.app.tally import Tally
from deadpan.models.errors import DeadpanError
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.tracker import FaceTracker
from deadpan.stickers import plan, sticker
from deadpan.stickers import protection as protections
from deadpan.stickers.protection import Protected, StickerProtection
from deadpan.stickers.still import SkinProtection

FPS = 30.0
Step = Sighting | Exception | Callable[[Frame], Sighting]
"""What a scripted tracker does on one frame."""


class ScriptedCamera:
    """Gives the frames it was given, or None; a None takes a tenth of a second."""

    def __init__(self, script: Sequence[Frame | None]) -> None:
        first = next(frame for frame in script if frame is not None)
        self.size = first.size
        self.fps = FPS
        self.closed = 0
        self.given = 0
        self._script = script
        self._now = 0.0

    def __iter__(self) -> Iterator[Frame | None]:
        for frame in self._script:
            self._now = self._now + 0.1 if frame is None else frame.time
            self.given += 1
            yield frame

    def now(self) -> float:
        return self._now

    def close(self) -> None:
        self.closed += 1


class ScriptedTracker:
    """Says on each frame what it was told to: see the face, or do as the step for that frame says."""

    def __init__(self, face: Face, steps: dict[int, Step] | None = None) -> None:
        self._face = face
        self._steps = steps or {}
        self.restarts: list[int] = []
        self._last = -1

    def track(self, frame: Frame) -> Sighting:
        self._last = frame.index
        step = self._steps.get(frame.index, Sighting(frame.index, (self._face,)))
        if isinstance(step, Exception):
            raise step
        return step(frame) if callable(step) else step

    def restart(self) -> None:
        self.restarts.append(self._last)


class Collector:
    """Keeps what was sent, and whether it was closed."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.closed = 0

    def send(self, outgoing: Outgoing) -> None:
        self.sent.append(outgoing)

    def close(self) -> None:
        self.closed += 1

    @property
    def reasons(self) -> list[str]:
        return [outgoing.reason.value for outgoing in self.sent]


class BrokenSink(Collector):
    """Takes `good` pictures, then fails."""

    def __init__(self, good: int) -> None:
        super().__init__()
        self._good = good

    def send(self, outgoing: Outgoing) -> None:
        if len(self.sent) == self._good:
            raise SinkError("the device is gone")
        super().send(outgoing)


class Protection(StickerProtection):
    """The real one, which notes its restarts and fails on the frames it is told to."""

    def __init__(self, failing: Sequence[int] = ()) -> None:
        super().__init__(plan.load("paper"), sticker.load("band-aid"))
        self._failing = failing
        self.restarts = 0

    def apply(self, frame: Frame, sighting: Sighting) -> Protected | None:
        if frame.index in self._failing:
            raise ValueError("the protection is broken")
        return super().apply(frame, sighting)

    def restart(self) -> None:
        self.restarts += 1
        super().restart()


@pytest.fixture(scope="module")
def frames(posing: list[Image]) -> list[Frame]:
    """A second and a half of a real face; a write to any of them fails."""
    made = []
    for index, picture in enumerate(posing[:45]):
        image = picture.copy()
        image.flags.writeable = False
        made.append(Frame(image, index, index / FPS, 0.0))
    return made


def play(
    script: Sequence[Frame | None], tracker: loop.Tracker, protection: protections.Protection | None = None
) -> tuple[list[Outgoing], Tally]:
    """What left when the loop ran over `script`."""
    sink = Collector()
    tally = run(Session(ScriptedCamera(script), tracker, protection or Protection(), [sink]))
    return sink.sent, tally


def spot(image: Image, face: Face) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """The pixels of the plan's region, which no outgoing picture may share with a frame."""
    (region,) = plan.load("paper").targets
    x, y = np.rint(region.centre(face)).astype(int)
    reach = round(0.1 * face.width / 4)
    return image[y - reach : y + reach, x - reach : x + reach].astype(np.int16)


def airs_a_face(outgoing: Outgoing, frames: Sequence[Frame | None], face: Face) -> bool:
    """Whether the region looks as it does on any of the frames; noise and a swaying head allowed for."""
    shown = spot(outgoing.image, face)
    return any(np.abs(shown - spot(frame.image, face)).mean() < 12 for frame in frames if frame is not None)


def assert_nothing_aired(sent: Sequence[Outgoing], script: Sequence[Frame | None], face: Face) -> None:
    assert sent
    for number, outgoing in enumerate(sent):
        assert not airs_a_face(outgoing, script, face), f"picture {number} ({outgoing.reason}) shows the raw face"


def lost(frame: Frame) -> Sighting:
    return Sighting(frame.index, (), lost=1)


def nobody(frame: Frame) -> Sighting:
    return Sighting(frame.index, ())


def runs(reasons: Sequence[str]) -> list[tuple[str, int]]:
    """Reasons in a row, counted."""
    return [(reason, len(list(group))) for reason, group in itertools.groupby(reasons)]


def test_the_measure_of_airing_sees_a_raw_frame(frames: list[Frame], face: Face) -> None:
    """All laws below lean on it: it must tell the raw face from the covered one."""
    for frame in frames:
        others = [other for other in frames if other is not frame]
        assert airs_a_face(Outgoing(frame.image, Reason.EMPTY, 0.0), others, face)
    (protected,), _ = play(frames[:1], ScriptedTracker(face))
    assert not airs_a_face(protected, frames, face)


def test_every_frame_with_its_face_covered_goes_out(frames: list[Frame], face: Face) -> None:
    sent, _ = play(frames[:5], ScriptedTracker(face))
    assert [outgoing.reason for outgoing in sent] == [Reason.PROTECTED] * 5
    assert_nothing_aired(sent, frames, face)
    for outgoing, frame in zip(sent, frames, strict=False):
        assert np.array_equal(outgoing.image[-100:], frame.image[-100:])  # this very frame, not the one before


@pytest.mark.parametrize("missing", [nobody, lost])
def test_before_a_face_is_found_only_the_shutter_leaves(
    missing: Callable[[Frame], Sighting], frames: list[Frame], face: Face
) -> None:
    sent, _ = play(frames[:6], ScriptedTracker(face, dict.fromkeys(range(3), missing)))
    assert runs([outgoing.reason.value for outgoing in sent]) == [("shuttered", 3), ("protected", 3)]
    for outgoing in sent[:3]:
        assert np.array_equal(outgoing.image, shutter_picture(960, 720))
    assert_nothing_aired(sent, frames, face)


@pytest.mark.parametrize("missing", [nobody, lost])
def test_a_lost_face_never_shows_the_raw_frame(
    missing: Callable[[Frame], Sighting], frames: list[Frame], face: Face
) -> None:
    sent, _ = play(frames, ScriptedTracker(face, dict.fromkeys(range(5, 45), missing)))
    held = round(HOLD * FPS)
    assert runs([outgoing.reason.value for outgoing in sent]) == [
        ("protected", 5),
        ("held", held),
        ("shuttered", 40 - held),
    ]
    assert all(outgoing.image is sent[4].image for outgoing in sent[5 : 5 + held])
    assert_nothing_aired(sent, frames, face)


def test_one_face_tracked_and_another_missing_vouches_for_neither(frames: list[Frame], face: Face) -> None:
    sent, _ = play(frames[:6], ScriptedTracker(face, {n: Sighting(n, (face,), lost=1) for n in range(3, 6)}))
    assert runs([outgoing.reason.value for outgoing in sent]) == [("protected", 3), ("held", 3)]
    assert_nothing_aired(sent, frames, face)


def test_a_second_face_is_covered_too(frames: list[Frame], face: Face) -> None:
    beside = Face(face.landmarks + np.array([200, 40], np.float32), face.pose, face.track + 1)
    sent, tally = play(frames[:2], ScriptedTracker(face, {n: Sighting(n, (face, beside)) for n in range(2)}))
    assert [outgoing.reason for outgoing in sent] == [Reason.PROTECTED] * 2
    assert tally.faces_max == 2
    assert_nothing_aired(sent, frames, face)
    assert_nothing_aired(sent, frames, beside)


def test_a_face_seen_on_another_frame_vouches_for_nothing(frames: list[Frame], face: Face) -> None:
    late = ScriptedTracker(face, {n: Sighting(n - 1, (face,)) for n in range(6)})
    sent, _ = play(frames[:6], late)
    assert {outgoing.reason for outgoing in sent} == {Reason.SHUTTERED}


def test_a_protection_that_lies_gets_nothing_out(frames: list[Frame], face: Face) -> None:
    class Liar(Protection):
        def apply(self, frame: Frame, sighting: Sighting) -> Protected | None:
            honest = super().apply(frame, sighting)
            return honest and replace(honest, frame=frame)

    sent, tally = play(frames[:4], ScriptedTracker(face), Liar())
    assert {outgoing.reason for outgoing in sent} == {Reason.SHUTTERED}
    assert tally.unvouched == 4


def skin() -> SkinProtection:
    return SkinProtection(plan.load("paper"), sticker.load("band-aid"), 1.0, 0.5, seed=1)


def test_bent_skin_goes_out_and_a_lost_face_holds_it(frames: list[Frame], face: Face) -> None:
    sent, tally = play(frames[:7], ScriptedTracker(face, dict.fromkeys((0, 4, 5), lost)), skin())
    assert runs([outgoing.reason.value for outgoing in sent]) == [
        ("shuttered", 1),
        ("protected", 3),
        ("held", 2),
        ("protected", 1),
    ]
    assert tally.unvouched == 0
    for outgoing, frame in zip(sent, frames, strict=False):
        assert not np.array_equal(outgoing.image, frame.image)


def test_a_frame_that_was_not_bent_gets_out_as_little_as_one_without_stickers(frames: list[Frame], face: Face) -> None:
    class Liar(SkinProtection):
        def apply(self, frame: Frame, sighting: Sighting) -> Protected | None:
            honest = super().apply(frame, sighting)
            return honest and replace(honest, frame=replace(frame, image=frame.image.copy()))

    sent, tally = play(frames[:4], ScriptedTracker(face), Liar(plan.load("paper"), sticker.load("star"), 1.0, 0.5, 1))
    assert {outgoing.reason for outgoing in sent} == {Reason.SHUTTERED}
    assert tally.unvouched == 4
    assert tally.let_go == {}, "what does not go out cannot leak"


@pytest.mark.parametrize("decoy", [0.0, 0.5], ids=["freeze", "still"])
def test_a_stream_in_which_every_frame_is_a_new_beginning_shows_none_as_it_is(
    decoy: float, frames: list[Frame], face: Face
) -> None:
    """Frames farther apart than a picture may be held: nothing of the past counts, so nothing can be held."""
    script = [replace(frame, time=0.6 * frame.index) for frame in frames[:6]]
    hiding = SkinProtection(plan.load("paper"), sticker.load("star"), 1.0, decoy, seed=1)
    sent, tally = play(script, ScriptedTracker(face), hiding)
    assert tally.unvouched == 0
    for outgoing, frame in zip(sent, script, strict=True):
        assert outgoing.reason is (Reason.PROTECTED if decoy else Reason.SHUTTERED)
        assert not np.array_equal(outgoing.image, frame.image)
    assert tally.let_go_mean == (1 if decoy else 0), "and it is said that nothing is"


def test_regions_let_go_are_counted_on_what_goes_out(frames: list[Frame], face: Face) -> None:
    """From the fourth frame on a hand lies over the lower half of the face."""
    _, top, _, bottom = (round(value) for value in face.box)
    script = []
    for frame in frames[:6]:
        image = frames[0].image.copy()
        if frame.index >= 3:
            image[(top + bottom) // 2 : bottom] = 128
        script.append(replace(frame, image=image))
    _, tally = play(script, ScriptedTracker(face), skin())
    assert tally.faces_bent == 6
    assert tally.let_go["chin"] == tally.let_go["mouth"] == 4 / 6
    assert tally.let_go["right_brow_outer"] == 1 / 6, "on the first frame nothing is held yet"
    assert 0 < tally.let_go_mean < 0.5


def test_a_failing_tracker_never_shows_the_raw_frame(frames: list[Frame], face: Face) -> None:
    tracker = ScriptedTracker(face, dict.fromkeys((0, 3, 4), RuntimeError("no more memory")))
    sent, tally = play(frames[:6], tracker)
    assert runs([outgoing.reason.value for outgoing in sent]) == [
        ("shuttered", 1),
        ("protected", 2),
        ("held", 2),
        ("protected", 1),
    ]
    assert tally.errors == 3
    assert tally.last_error == "RuntimeError: no more memory"
    assert_nothing_aired(sent, frames, face)


def test_a_failing_protection_never_shows_the_raw_frame(frames: list[Frame], face: Face) -> None:
    sent, tally = play(frames[:6], ScriptedTracker(face), Protection(failing=(0, 3, 4)))
    assert runs([outgoing.reason.value for outgoing in sent]) == [
        ("shuttered", 1),
        ("protected", 2),
        ("held", 2),
        ("protected", 1),
    ]
    assert tally.errors == 3
    assert_nothing_aired(sent, frames, face)


def test_a_failing_gate_never_shows_the_raw_frame(
    frames: list[Frame], face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(frame: Frame, *rest: Any) -> bool:
        if frame.index in (0, 3, 4):
            raise ValueError("the gate is broken")
        return vouched(frame, *rest)

    monkeypatch.setattr("deadpan.app.gate.vouched", failing)
    sent, tally = play(frames[:6], ScriptedTracker(face))
    assert runs([outgoing.reason.value for outgoing in sent]) == [
        ("shuttered", 1),
        ("protected", 2),
        ("held", 2),
        ("protected", 1),
    ]
    assert (tally.errors, tally.last_error) == (3, "ValueError: the gate is broken")
    assert tally.withheld == {"the protection failed": 3}
    assert_nothing_aired(sent, frames, face)


def test_an_error_is_no_empty_room(frames: list[Frame], face: Face) -> None:
    """With --when-empty show a failed frame must not count as one without faces."""
    sink = Collector()
    tracker = ScriptedTracker(face, {0: RuntimeError("no more memory")})
    run(Session(ScriptedCamera(frames[:1]), tracker, Protection(), [sink], show_empty=True))
    assert sink.reasons == ["shuttered"]


def test_an_empty_room_is_shown_when_asked(frames: list[Frame], face: Face) -> None:
    """After a second without anybody; and no more once somebody may be in it."""
    sink = Collector()
    tracker = ScriptedTracker(face, {**dict.fromkeys(range(40), nobody), 40: lost})
    run(Session(ScriptedCamera(frames[:42]), tracker, Protection(), [sink], show_empty=True))
    assert runs(sink.reasons) == [("shuttered", 30), ("empty", 10), ("shuttered", 1), ("protected", 1)]


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


def test_the_counts_add_up(frames: list[Frame], face: Face) -> None:
    steps: dict[int, Step] = {3: lost, 4: RuntimeError("once"), **dict.fromkeys(range(6, 40), nobody)}
    sink = Collector()
    script = [*frames[:5], None, *frames[6:42], *[None] * 8]
    tally = run(Session(ScriptedCamera(script), ScriptedTracker(face, steps), Protection(), [sink], show_empty=True))
    counts = tally.summary()["frames"]
    assert isinstance(counts, dict)
    assert counts["out"] == len(sink.sent) == len(script)
    assert counts["out"] == sum(counts[reason.value] for reason in Reason)
    assert {reason.value: counts[reason.value] for reason in Reason} == {
        reason.value: sink.reasons.count(reason.value) for reason in Reason
    }
    assert (counts["in"], counts["errors"], counts["unvouched"]) == (41, 1, 0)
    assert min(counts[reason.value] for reason in Reason) > 0  # every kind occurred


def test_every_frame_that_is_not_shown_has_a_reason_that_is_told(frames: list[Frame], face: Face) -> None:
    """Somebody whose picture stands still wants to know why."""

    class Cautious(Protection):
        def apply(self, frame: Frame, sighting: Sighting) -> Protected | None:
            if frame.index == 8:
                return None
            if frame.index == 9:
                return Protected(Frame(frame.image.copy(), 9, frame.time, 0.0), (), self.sticker)
            return super().apply(frame, sighting)

    steps: dict[int, Step] = {2: lost, 3: lost, 5: nobody, 7: RuntimeError("once")}
    sent, tally = play(frames[:12], ScriptedTracker(face, steps), Cautious())
    assert tally.withheld == {
        "a face was lost for a moment": 2,
        "no face was found": 1,
        "the protection failed": 1,
        "the protection could not vouch for it": 1,
        "not protected as promised": 1,
    }
    assert len(sent) == tally.withheld.total() + tally.sent[Reason.PROTECTED] == 12
    assert "a face was lost for a moment" in told(tally, Protection())


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


class TestWithTheRealTracker:
    """The whole way from the clean frame to what left, nothing scripted but the camera."""

    def test_the_clean_frame_stays_clean(self, frames: list[Frame], tracker: FaceTracker, face: Face) -> None:
        before = [frame.image.tobytes() for frame in frames[:6]]
        sent, tally = play(frames[:6], tracker)
        assert tally.sent[Reason.PROTECTED] == 6
        assert [frame.image.tobytes() for frame in frames[:6]] == before
        assert_nothing_aired(sent, frames, face)

    def test_a_covered_and_an_empty_picture_air_nothing(
        self, frames: list[Frame], tracker: FaceTracker, face: Face
    ) -> None:
        """The face is there, is covered up for a moment, is there again, and goes."""
        dark = np.zeros_like(frames[0].image)
        script = [replace(frame, image=dark) if frame.index in (4, 5, 6, 9) else frame for frame in frames[:10]]
        sent, tally = play(script, tracker)
        reasons = [outgoing.reason.value for outgoing in sent]
        assert reasons[:4] == ["protected"] * 4
        assert reasons[4:7] == ["held"] * 3
        assert reasons[9] == "held"
        assert tally.unvouched == tally.errors == 0
        assert_nothing_aired(sent, [frame for frame in script if frame.image is not dark], face)

    def test_an_unplugged_camera_airs_nothing_when_it_is_back(
        self, frames: list[Frame], tracker: FaceTracker, face: Face
    ) -> None:
        script = [*frames[:4], *[None] * 6, *frames[24:30]]
        sent, tally = play(script, tracker)
        assert tally.unvouched == tally.errors == 0
        assert sent[-1].reason is Reason.PROTECTED
        assert_nothing_aired(sent, script, face)

    def test_only_the_past_counts(self, model: bytes, frames: list[Frame]) -> None:
        """What leaves for the beginning of a stream is what leaves for that beginning of the whole stream."""
        mirrored = [
            replace(frame, image=np.ascontiguousarray(frame.image[:, ::-1])) if frame.index >= 8 else frame
            for frame in frames[:12]
        ]
        outputs = []
        for script in (mirrored[:8], mirrored):
            tracker = FaceTracker(model)
            sent, _ = play(script, tracker)
            tracker.close()
            outputs.append(sent)
        prefix, full = outputs
        assert len(full) > len(prefix) == 8
        for early, late in zip(prefix, full, strict=False):
            assert early.reason is late.reason
            assert np.array_equal(early.image, late.image)
