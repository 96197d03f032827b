"""The loop with a meter beside it, over one short clip with two synthetic micro-expressions.

It is tracked once by the real landmarker; every run goes over it with those sightings, the real protection and, unless
it has to fail, the real recognizer.
"""

import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scripted import Collector

from deadpan.app.clip import Clip
from deadpan.app.loop import Session, run
from deadpan.app.meter import Meter, Truth
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

FPS = 30.0
SIZE = (480, 400)
FRAMES = 90
EVENTS = (
    Event(42, 48, 54, "surprise", (1, 2), 0.03),
    Event(72, 78, 84, "positive", (6, 12), 0.03),
)
LABELS = ("negative", "positive", "surprise")
TRUTH = [(event.apex / FPS, LABELS.index(event.label)) for event in EVENTS]


class Replayed:
    """Says of each frame what the real tracker said of it, but for what `instead` says."""

    def __init__(self, sightings: Sequence[Sighting], instead: dict[int, Sighting]) -> None:
        self._said = {sighting.index: sighting for sighting in sightings} | instead

    def track(self, frame: Frame) -> Sighting:
        return self._said[frame.index]

    def restart(self) -> None:
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
        kept = Collector()
        tracker = Replayed(self.sightings, instead)
        run(Session(clip(self.pictures), tracker, hiding, [kept], witness=meter))
        return kept.sent


def clip(pictures: Sequence[Image]) -> Clip:
    return Clip(((index / FPS, picture) for index, picture in enumerate(pictures)), FPS, paced=False)


def protection(plan: Plan | None = None) -> StickerProtection:
    return StickerProtection(plan or plans.load("paper"), stickers.load("band-aid"))


@cache
def taken(model: bytes) -> Take:
    """The clip, tracked by the real landmarker, once for all tests."""
    still = find("collins", portrait.photograph(), model, near=(222, 115)).scaled(200).framed(SIZE)
    person = synthesis.Clip(
        "test", "collins", (still,), FRAMES, EVENTS, head=head_named("sitting"), size=SIZE, fps=FPS, seed=1
    )
    pictures = list(person.pictures())
    for picture in pictures:
        picture.flags.writeable = False
    tracker, seen, kept = FaceTracker(model), Seen(), Collector()
    run(Session(clip(pictures), tracker, protection(), [kept], witness=seen))
    tracker.close()
    assert [outgoing.reason for outgoing in kept.sent] == [Reason.PROTECTED] * FRAMES
    return Take(pictures, seen.offered, kept.sent)


@dataclass(frozen=True)
class Result:
    """A run with the meter on."""

    success: Success
    sent: list[Outgoing]


Play = Callable[..., Result]


def played(
    take: Take,
    model: bytes,
    recognizer: Recognizer | None = None,
    plan: Plan | None = None,
    truth: Truth = (),
    instead: dict[int, Sighting] | None = None,
) -> Result:
    """The loop with a meter that may take its time as on a file; it judges all of it, and must end."""
    hiding = protection(plan)
    meter = Meter(recognizer or Recognizer.load("motion"), model, hiding, truth, wait=True)
    sent = take.play(hiding, meter, instead or {})
    meter.close()
    assert not at_work()
    return Result(meter.success, sent)


def at_work() -> list[multiprocessing.process.BaseProcess]:
    """The processes of meters that are not closed."""
    return [process for process in multiprocessing.active_children() if process.name == "deadpan meter"]


def assert_same(sent: Sequence[Outgoing], wanted: Sequence[Outgoing]) -> None:
    """The viewer gets the very same pictures, byte by byte."""
    assert len(sent) == len(wanted)
    for one, other in zip(sent, wanted, strict=True):
        assert (one.reason, one.time) == (other.reason, other.time)
        assert np.array_equal(one.image, other.image)
