"""The meter sees what happens, and nothing that happens to it is seen by the viewer.

One short clip with three synthetic micro-expressions, tracked once by the real landmarker; every run of the loop below
goes over it with those sightings, the real protection and, unless it has to fail, the real recognizer.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from elsewhere import Exits, Failing, Hangs, NotANumber, Pedant, PedantOfClips, Throws

from deadpan.app import meter as meters
from deadpan.app.clip import Clip
from deadpan.app.loop import Session, run
from deadpan.app.meter import WAITING, Meter, Truth
from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.success import Success
from deadpan.calibration.synthetic import portrait, synthesis
from deadpan.calibration.synthetic.still import find
from deadpan.calibration.synthetic.synthesis import Event, head_named
from deadpan.models.face import Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.recognizer import Recognizer
from deadpan.models.tracker import FaceTracker
from deadpan.stickers import plan as plans
from deadpan.stickers import sticker as stickers
from deadpan.stickers.plan import Plan
from deadpan.stickers.protection import StickerProtection
from deadpan.stickers.regions import NAMES
from deadpan.stickers.sticker import Sticker
from deadpan.stickers.still import SkinProtection

FPS = 30.0
SIZE = (480, 400)
FRAMES = 120
EVENTS = (
    Event(42, 48, 54, "surprise", (1, 2), 0.03),
    Event(72, 78, 84, "positive", (6, 12), 0.03),
    Event(102, 108, 114, "negative", (4,), 0.03),
)
LABELS = ("negative", "positive", "surprise")
TRUTH = [(event.apex / FPS, LABELS.index(event.label)) for event in EVENTS]
NINE = tuple(name for name in NAMES if "brow" in name or "lip" in name or name in ("glabella", "mouth", "chin"))


class Replayed:
    """Says of each frame what the real tracker said of it, but for what `instead` says."""

    def __init__(self, sightings: Sequence[Sighting], instead: dict[int, Sighting]) -> None:
        self._said = {sighting.index: sighting for sighting in sightings} | instead

    def track(self, frame: Frame) -> Sighting:
        return self._said[frame.index]

    def restart(self) -> None:
        pass


class Kept:
    """Keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    def send(self, outgoing: Outgoing) -> None:
        self.sent.append(outgoing)

    def close(self) -> None:
        pass


class Seen:
    """Keeps what a witness is offered."""

    def __init__(self) -> None:
        self.offered: list[tuple[Frame, Sighting, Outgoing]] = []

    def offer(self, frame: Frame, sighting: Sighting, outgoing: Outgoing) -> None:
        self.offered.append((frame, sighting, outgoing))


@dataclass(frozen=True)
class Take:
    """The clip, and a run of the loop over it without a meter."""

    pictures: list[Image]
    """Read-only: whoever writes to a clean frame fails."""
    offered: list[tuple[Frame, Sighting, Outgoing]]
    sent: list[Outgoing]

    @property
    def sightings(self) -> list[Sighting]:
        return [sighting for _, sighting, _ in self.offered]

    def play(self, hiding: StickerProtection, meter: Meter | None, instead: dict[int, Sighting]) -> list[Outgoing]:
        """What leaves the loop when it runs with `meter` beside it."""
        kept = Kept()
        tracker = Replayed(self.sightings, instead)
        run(Session(clip(self.pictures), tracker, hiding, [kept], witness=meter))
        return kept.sent


def clip(pictures: Sequence[Image]) -> Clip:
    return Clip(((index / FPS, picture) for index, picture in enumerate(pictures)), FPS, paced=False)


def protection(plan: Plan | None = None) -> StickerProtection:
    return StickerProtection(plan or plans.load("paper"), stickers.load("band-aid"))


@pytest.fixture(scope="module")
def take(model: bytes) -> Take:
    still = find("collins", portrait.photograph(), model, near=(222, 115)).scaled(200).framed(SIZE)
    person = synthesis.Clip(
        "test", "collins", (still,), FRAMES, EVENTS, head=head_named("sitting"), size=SIZE, fps=FPS, seed=1
    )
    pictures = list(person.pictures())
    for picture in pictures:
        picture.flags.writeable = False
    tracker, seen, kept = FaceTracker(model), Seen(), Kept()
    run(Session(clip(pictures), tracker, protection(), [kept], witness=seen))
    tracker.close()
    assert [outgoing.reason for outgoing in kept.sent] == [Reason.PROTECTED] * FRAMES
    return Take(pictures, seen.offered, kept.sent)


@pytest.fixture(scope="module")
def motion() -> Recognizer:
    return Recognizer.load("motion")


@dataclass(frozen=True)
class Result:
    """A run with the meter on."""

    success: Success
    sent: list[Outgoing]


Play = Callable[..., Result]


@pytest.fixture(scope="module")
def play(take: Take, model: bytes, motion: Recognizer) -> Play:
    """Runs the loop with a meter, which may take its time as on a file; judges all of it; the meter must end."""

    def played(
        recognizer: Recognizer = motion,
        plan: Plan | None = None,
        truth: Truth = (),
        instead: dict[int, Sighting] | None = None,
    ) -> Result:
        hiding = protection(plan)
        meter = Meter(recognizer, model, hiding, truth, wait=True)
        sent = take.play(hiding, meter, instead or {})
        meter.close()
        assert not at_work()
        return Result(meter.success, sent)

    return played


@pytest.fixture(scope="module")
def plain(play: Play) -> Result:
    """The run on which nothing is wrong."""
    return play(truth=TRUTH)


def at_work() -> list[multiprocessing.process.BaseProcess]:
    """The processes of meters that are not closed."""
    return [process for process in multiprocessing.active_children() if process.name == "deadpan meter"]


def assert_same(sent: Sequence[Outgoing], wanted: Sequence[Outgoing]) -> None:
    """The viewer gets the very same pictures, byte by byte."""
    assert len(sent) == len(wanted)
    for one, other in zip(sent, wanted, strict=True):
        assert (one.reason, one.time) == (other.reason, other.time)
        assert np.array_equal(one.image, other.image)


def test_each_event_is_spotted_read_and_counted(plain: Result) -> None:
    success = plain.success
    assert (success.events, success.fooling.n, success.skipped, success.errors) == (len(EVENTS), len(EVENTS), 0, 0)
    assert success.newest is not None
    assert success.newest.clean.shape == (len(success.labels),)
    assert success.newest.clean.sum() == pytest.approx(1, abs=1e-3)
    assert success.labels == LABELS
    assert 108 / FPS < success.newest_at < 119 / FPS, "the third one"


def test_the_truth_is_known_by_the_apexs_time(plain: Result) -> None:
    success = plain.success
    assert success.right.n == len(EVENTS)
    assert success.right.hits >= 1, "three classes at 3 % of the face's width: some are read rightly"
    assert success.attack.n == success.right.hits


def test_without_a_sticker_nothing_ever_changes(plain: Result, play: Play) -> None:
    """Un-coded, the control without a sticker is exactly 0: the same pictures always give the same map."""
    assert (plain.success.none.hits, plain.success.none.n) == (0, len(EVENTS))
    success = play(Pedant()).success
    assert (success.none.hits, success.none.n) == (0, len(EVENTS))
    assert success.fooling.hits == success.random.hits == len(EVENTS), "it does mind a sticker, wherever it is"


def test_a_recognizer_of_clips_is_shown_clips_of_each_event(play: Play) -> None:
    """What it is shown follows from the pictures alone, too: without a sticker nothing changes."""
    success = play(PedantOfClips()).success
    assert (success.events, success.errors) == (len(EVENTS), 0), success.last_error
    assert (success.none.hits, success.none.n) == (0, len(EVENTS))
    assert success.fooling.hits == success.random.hits == len(EVENTS)


def test_bent_skin_has_controls_of_its_own(take: Take, model: bytes) -> None:
    """At strength 0 no pixel changes, and the random one is the decoy; the meter changes nothing for the viewer."""

    def still() -> SkinProtection:
        return SkinProtection(plans.load("paper"), stickers.load("band-aid"), 1.0, 0.5, seed=1)

    meter = Meter(Pedant(), model, still(), wait=True)
    assert_same(take.play(still(), meter, {}), take.play(still(), None, {}))
    meter.close()
    success = meter.success
    assert success.controls == ("nothing bent", "random motion")
    assert success.errors == 0
    assert (success.none.hits, success.none.n) == (0, len(EVENTS))
    assert success.fooling.hits == success.random.hits == len(EVENTS)


def test_an_idle_meter_runs_both_controls_on_every_event(plain: Result) -> None:
    assert plain.success.random.n == plain.success.none.n == plain.success.fooling.n


def test_the_meter_on_changes_nothing_that_is_sent_nor_any_clean_frame(plain: Result, take: Take) -> None:
    assert_same(plain.sent, take.sent)
    for frame, _, _ in take.offered:
        assert frame.image is take.pictures[frame.index]
        assert not frame.image.flags.writeable, "a write to it would have raised"


def test_nine_large_stickers_are_noticed(play: Play) -> None:
    """And a truth that is half a second off is none."""
    nine = plans.load("paper").model_copy(update={"regions": NINE, "k": 3.0})
    success = play(plan=nine, truth=[(at + 0.5, label) for at, label in TRUTH]).success
    assert success.events == success.fooling.n == len(EVENTS), "what is spotted is spotted on the clean side"
    assert success.fooling.hits + success.unseen + success.unread > 0
    assert success.none.hits == 0
    assert success.right.n == 0
    assert success.summary()["asr"] is None


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


def test_the_controls_follow_a_change_of_the_sticker(model: bytes, take: Take) -> None:
    """Keys change it while the loop runs. Here only the meter is told: a pane of glass changes nothing, anywhere."""
    told = protection()
    meter = Meter(Pedant(), model, told, wait=True)
    told.sticker = Sticker("glass", np.zeros_like(told.sticker.pixels))
    take.play(protection(), meter, {})
    meter.close()
    assert (meter.success.random.hits, meter.success.random.n) == (0, len(EVENTS))
    assert meter.success.fooling.hits == len(EVENTS), "what went out had a real one"


def test_a_sticker_too_large_to_hand_over_only_ends_the_controls(
    model: bytes, take: Take, motion: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hiding = protection()
    meter = Meter(motion, model, hiding, wait=True)
    monkeypatch.setattr(meters, "ROOM", 100_000)
    hiding.sticker = Sticker("enormous", hiding.sticker.pixels)
    take.play(hiding, meter, {})
    meter.close()
    assert (meter.success.fooling.n, meter.success.random.n, meter.success.errors) == (len(EVENTS), 0, 0)


def test_an_event_with_a_held_frame_in_it_is_not_measurable(play: Play, take: Take) -> None:
    """A picture that went out instead of another says nothing about that other one."""
    missing = {106: replace(take.sightings[106], lost=1)}
    result = play(truth=TRUTH, instead=missing)
    assert result.sent[106].reason is Reason.HELD
    assert (result.success.events, result.success.fooling.n) == (len(EVENTS), len(EVENTS) - 1)
    assert result.success.none.n == len(EVENTS) - 1
    assert result.success.note == "not measurable: some of its frames were held or shuttered"


def test_an_event_in_which_the_face_is_lost_is_no_event(play: Play, take: Take) -> None:
    gap = {index: Sighting(index, ()) for index in (106, 107)}
    result = play(instead=gap)
    assert result.success.events == result.success.fooling.n == len(EVENTS) - 1


def test_closing_twice_is_harmless(model: bytes, motion: Recognizer) -> None:
    meter = Meter(motion, model, protection())
    meter.ready()
    meter.close()
    meter.close()
    assert meter.success.summary()["events"] == 0
