"""A loop with a scripted camera and tracker and the real protection; whether a face was aired is read in its pixels."""

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from deadpan.app import loop
from deadpan.app.loop import Session, run
from deadpan.app.outgoing import Outgoing, SinkError
from deadpan.app.tally import Tally
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
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


def skin() -> SkinProtection:
    return SkinProtection(plan.load("paper"), sticker.load("band-aid"), 1.0, 0.5, seed=1)
