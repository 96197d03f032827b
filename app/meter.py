"""The live meter: a recognizer beside the loop that reads the clean and the protected picture of every event."""

import contextlib
import os
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.success import Success, Verdict
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.reading import ATTENTIVE, Reading, around, read
from deadpan.models.recognizer import Recognizer
from deadpan.models.spotting import Spotted, Spotter
from deadpan.stickers.protection import Protection, StickerProtection, random_places

WAITING = 30
"""Frames that may wait for the meter: what comes on top is dropped. A busy meter is a second behind, never more."""
PATIENCE = 30.0
"""Seconds that a file waits for the meter, at most."""
KEPT = 1.5
"""Seconds of pictures kept, longer than any event."""
SHARE = 0.25
"""Of the time, the most for which the meter's thread computes; the threads of the landmarker and of OpenCV come on top
while it reads. A call at 30 frames a second needs less; a loop with its hands full loses frames of the meter only."""
NEAR = 0.3
"""Seconds by which a spotted apex may miss a known event's."""
SPARE = 10
"""Waiting frames above which the controls are left out: the events themselves come first."""

Truth = Sequence[tuple[float, int]]
"""Events that are known: the apex's time in seconds on the camera's clock, and the class."""


@dataclass(frozen=True, eq=False)
class Pair:
    """One face as it was taken and as it went out, cut out of both pictures at the same place."""

    index: int
    time: float
    window: tuple[int, int, int, int]
    """Left, top and side of the cut-out, px in the frame, and the number of the face in it."""
    face: Face
    """In the cut-out's px."""
    clean: Image
    protected: Image | None
    """None when what went out was no protected picture of this frame."""


class Meter:
    """A `Witness` that counts attack success on the largest face, in its own thread, and never makes anyone wait."""

    def __init__(
        self,
        recognizer: Recognizer,
        model: bytes,
        protection: Protection,
        truth: Truth = (),
        *,
        wait: bool = False,
    ) -> None:
        """Read with `recognizer`; `model` is the face landmarker's bytes; the controls use `protection`'s own plan.

        `wait` is for files: nobody watches, so every frame is looked at, and the loop may wait for that.
        """
        self.success = Success(recognizer.name, recognizer.sha256, tuple(recognizer.labels))
        self._recognizer = recognizer
        self._model = model
        self._protection = protection
        self._truth = truth
        self._wait = wait
        self._patience = PATIENCE if wait else 0.0
        self._window: tuple[int, int, int] | None = None
        self._waiting: queue.Queue[Pair | None] = queue.Queue(WAITING)
        self._random = np.random.default_rng(0)
        self._closing = threading.Event()
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._work, name="meter", daemon=True)
        self._thread.start()

    def offer(self, frame: Frame, sighting: Sighting, outgoing: Outgoing) -> None:
        """See `Witness.offer`: cuts the largest face out of both pictures and leaves the rest to the meter's thread."""
        try:
            self._offer(frame, sighting, outgoing)
        except Exception as error:  # the loop must not notice
            self._failed(error)

    def _offer(self, frame: Frame, sighting: Sighting, outgoing: Outgoing) -> None:
        if not sighting.faces or sighting.index != frame.index:
            return
        face = max(sighting.faces, key=lambda each: each.width)
        left, top, side = self._window = around(face, frame.size, self._window)
        cut = np.s_[top : top + side, left : left + side]
        shifted = Face(face.landmarks - np.array([left, top], np.float32), face.pose, face.track)
        vouched = outgoing.reason is Reason.PROTECTED and outgoing.time == frame.time
        protected = outgoing.image[cut].copy() if vouched else None
        window = left, top, side, face.track
        pair = Pair(frame.index, frame.time, window, shifted, frame.image[cut].copy(), protected)
        try:
            self._waiting.put(pair, timeout=self._patience)
        except queue.Full:
            self._patience = 0.0  # it hangs: a file does not wait for it a second time
            self.success.skipped += 1

    def ready(self, patience: float = 10.0) -> None:
        """Wait until the meter's own landmarker is there: for measurements and demos, not for a call."""
        self._begun.wait(patience)

    def settle(self) -> None:
        """Wait until all that was offered has been looked at: for a demo, whose panel should not lag behind."""
        end = time.monotonic() + self._patience
        while self._waiting.unfinished_tasks and self._thread.is_alive():
            if time.monotonic() > end:
                self._patience = 0.0
                return
            time.sleep(0.001)

    def close(self, patience: float | None = None) -> None:
        """Judge what is waiting, for at most `patience` seconds; a recognizer that hangs is left behind.

        Without it two seconds, and for a file as long as a frame may wait.
        """
        if patience is None:
            patience = max(2.0, self._patience)
        if self._thread.is_alive() and not self._closing.is_set():
            end = time.monotonic() + patience
            with contextlib.suppress(queue.Full):
                self._waiting.put(None, timeout=patience)
            self._thread.join(max(0.0, end - time.monotonic()))
        self._closing.set()

    def _work(self) -> None:
        if sys.platform == "linux" and not self._wait:
            # So too for the landmarker's threads that start here. Not lower, nor SCHED_IDLE: starved of the processor
            # while it holds the interpreter's lock, this thread would make the loop wait.
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
        # Whatever happens in here, the viewer's picture must not notice.
        try:
            with Landmarker(self._model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
                self._begun.set()
                self._watch(landmarker)
        except Exception as error:
            self._failed(error)

    def _watch(self, landmarker: Landmarker) -> None:
        spotter = Spotter()
        kept: deque[Pair] = deque()
        while (pair := self._waiting.get()) is not None and not self._closing.is_set():
            begun = time.thread_time()
            try:
                self._look(pair, spotter, kept, landmarker)
            except Exception as error:
                self._failed(error)
            self._waiting.task_done()
            used = time.thread_time() - begun
            if not self._wait and used > 0:
                self._closing.wait(used * (1 / SHARE - 1))

    def _look(self, pair: Pair, spotter: Spotter, kept: deque[Pair], landmarker: Landmarker) -> None:
        if kept and (pair.index != kept[-1].index + 1 or pair.window != kept[-1].window):
            kept.clear()
            spotter.restart()
        kept.append(pair)
        while pair.time - kept[0].time > KEPT:
            kept.popleft()
        spotted = spotter.step(pair.clean, pair.face.landmarks, pair.index, pair.time)
        if spotted is not None:
            self._judge(spotted, [each for each in kept if spotted.onset <= each.index], landmarker)

    def _judge(self, spotted: Spotted, event: list[Pair], landmarker: Landmarker) -> None:
        """Read one event on the clean pictures, on the protected ones and on the controls', each by itself."""
        success = self.success
        success.events += 1
        if not spotted.measurable or any(pair.protected is None for pair in event):
            success.note = spotted.why or "not measurable: some of its frames were held or shuttered"
            return
        clean = read([pair.clean for pair in event], landmarker)
        if clean is None:
            success.note = "not measurable: the recognizer's side finds no face on the clean pictures"
            return
        seen = read([pair.protected for pair in event if pair.protected is not None], landmarker)
        apex = event[clean.apex].time
        truth = next((label for at, label in self._truth if abs(at - apex) <= NEAR), None)
        label = self._probabilities(clean)
        stands_out = seen is not None and seen.activity >= spotted.threshold
        changed = None if seen is None else self._probabilities(seen)
        success.count(Verdict(label, changed, stands_out, truth), event[-1].time)
        if self._wait or self._waiting.qsize() <= SPARE:
            plan, sticker = self._protection.plan, self._protection.sticker
            places = random_places(event[0].face, len(plan.regions), self._random)
            for rate, control in (
                (success.none, StickerProtection(plan, sticker, regions=())),
                (success.random, StickerProtection(plan, sticker, regions=places)),
            ):
                pictures = _protected(event, control)
                if pictures is None:
                    continue
                reading = read(pictures, landmarker)
                told = None if reading is None else self._probabilities(reading)
                rate.count(told is None or int(told.argmax()) != int(label.argmax()))

    def _probabilities(self, reading: Reading) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.asarray(self._recognizer.predict(reading.motion[None])[0], np.float32)

    def _failed(self, error: Exception) -> None:
        self.success.errors += 1
        self.success.last_error = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        self.success.note = f"the meter failed: {self.success.last_error}"


def _protected(event: list[Pair], protection: StickerProtection) -> list[Image] | None:
    """The clean pictures of an event as `protection` would have sent them; None when it does not vouch for all."""
    pictures: list[Image] = []
    for pair in event:
        frame = Frame(pair.clean, pair.index, pair.time, pair.time)
        done = protection.apply(frame, Sighting(pair.index, (pair.face,)))
        if done is None:
            return None
        pictures.append(done.frame.image)
    return pictures
