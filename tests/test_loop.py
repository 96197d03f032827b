"""Fail closed: from the first frame to the last, no picture leaves with a face that nobody vouches for.

The protection is the real one. The tracker is the real one where its own behaviour matters, and scripted where it
has to lose a face, or fail, on a given frame. What counts as airing a face is looked up in the pixels that left.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scripted import (
    FPS,
    Collector,
    Protection,
    ScriptedCamera,
    ScriptedTracker,
    airs_a_face,
    assert_nothing_aired,
    lost,
    nobody,
    play,
    runs,
    skin,
)

from deadpan.app import loop
from deadpan.app.loop import Session, run
from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.shutter import HOLD, shutter_picture
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame
from deadpan.models.tracker import FaceTracker
from deadpan.stickers import plan, sticker
from deadpan.stickers.protection import Protected
from deadpan.stickers.still import SkinProtection


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


def test_every_stage_is_timed_by_itself_and_all_of_them_are_no_more_than_the_latency(
    frames: list[Frame], face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit = loop.Gate.admit

    def slow(*asked: Any) -> Outgoing:
        time.sleep(0.02)
        return admit(*asked)

    monkeypatch.setattr(loop.Gate, "admit", slow)
    _, tally = play(frames[:5], ScriptedTracker(face))
    assert [len(times) for times in tally.stages.values()] == [5] * 5
    assert min(tally.stages["gate"]) >= 20
    for *stages, latency in zip(*tally.stages.values(), tally.latency, strict=True):
        assert sum(stages) <= latency + 1e-6


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


def test_an_empty_room_is_shown_when_asked(frames: list[Frame], face: Face) -> None:
    """After a second without anybody; and no more once somebody may be in it."""
    sink = Collector()
    tracker = ScriptedTracker(face, {**dict.fromkeys(range(40), nobody), 40: lost})
    run(Session(ScriptedCamera(frames[:42]), tracker, Protection(), [sink], show_empty=True))
    assert runs(sink.reasons) == [("shuttered", 30), ("empty", 10), ("shuttered", 1), ("protected", 1)]


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
