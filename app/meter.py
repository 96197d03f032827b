"""The live meter: a recognizer beside the loop that reads the clean and the protected picture of every event."""

import pickle
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deadpan.app.companion import Companion
from deadpan.app.exchange import Cut, Hiding, Look, Task, told
from deadpan.app.memory import Bytes
from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.success import Success, Verdict
from deadpan.app.watcher import watch
from deadpan.models.face import Sighting
from deadpan.models.frame import Frame
from deadpan.models.reading import around
from deadpan.models.recognizer import Recognizer
from deadpan.stickers.plan import Plan
from deadpan.stickers.protection import Protection
from deadpan.stickers.sticker import Sticker

WAITING = 30
"""Records that may wait for the meter: what comes on top is dropped. A busy meter is a second behind, never more."""
ROOM = 96 << 20
"""Bytes that may wait for the meter: `WAITING` pairs of cut-outs as high as a picture of 720 px."""
BEAT = 0.1
"""Seconds from one exchange with the meter's process to the next."""
PATIENCE = 30.0
"""Seconds that a file waits for the meter, at most."""
SILENCE = 10.0
"""Seconds after which a live meter that does not answer is said to do so."""
SILENT = f"the meter has not answered for {SILENCE:.0f} s: it hangs, or the machine has no time for it"
NEAR = 0.3
"""Seconds by which a spotted apex may miss a known event's."""

Truth = Sequence[tuple[float, int]]
"""Events that are known: the apex's time in seconds on the camera's clock, and the class."""


class Meter:
    """A `Witness` that counts attack success on the largest face, in a process of its own.

    The loop cuts out the face and copies it into memory shared with that process; it waits for nothing else. What has
    been counted is fetched at the next frame.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        model: bytes,
        protection: Protection,
        truth: Truth = (),
        *,
        wait: bool = False,
    ) -> None:
        """Read with `recognizer`; `model` is the face landmarker's bytes; the controls are `protection`'s own.

        `wait` is for files: nobody watches, so every frame is looked at, and the loop may wait for that.
        """
        labels = tuple(recognizer.labels)
        self.success = Success(recognizer.name, recognizer.sha256, labels, protection.controls)
        self._protection = protection
        self._truth = truth
        self._wait = wait
        self._patience = PATIENCE if wait else 0.0
        self._window: tuple[int, int, int] | None = None
        self._hiding: tuple[Plan, Sticker] = protection.plan, protection.sticker
        self._sheet = np.zeros((2, len(recognizer.labels)), np.float32)
        self._words: list[Task | Hiding | Cut] = []
        """What has not been answered yet, oldest first."""
        self._full = False
        """Too much is waiting: it goes on when nothing is, for single frames between gaps are of no use."""
        self._ready = False
        self._beat = 0.0
        """When to listen again, seconds of `time.monotonic()`; so too `_heard`: an answer, or a first word."""
        self._heard = time.monotonic()
        task = pickled((recognizer, model, protection))
        self._companion = Companion(watch, ROOM + task.nbytes, low=not wait)
        self._post(Task(wait), task)
        self._listen()

    def offer(self, frame: Frame, sighting: Sighting, outgoing: Outgoing) -> None:
        """See `Witness.offer`: cuts the largest face out of both pictures; the rest is the meter's process' work."""
        try:
            if time.monotonic() >= self._beat:
                self._listen()
            self._offer(frame, sighting, outgoing)
        except Exception as error:  # the loop must not notice
            self._failed(told(error))

    def _offer(self, frame: Frame, sighting: Sighting, outgoing: Outgoing) -> None:
        if not sighting.faces or sighting.index != frame.index:
            return
        face = max(sighting.faces, key=lambda each: each.width)
        left, top, side = self._window = around(face, frame.size, self._window)
        at = np.s_[top : top + side, left : left + side]
        vouched = outgoing.reason is Reason.PROTECTED and outgoing.time == frame.time
        landmarks = face.landmarks - np.array([left, top], np.float32)
        pictures = (frame.image[at], outgoing.image[at]) if vouched else (frame.image[at],)
        window = left, top, side, face.track
        self._hide()
        cut = Cut(frame.index, frame.time, window, face.pose, vouched)
        if not self._post(cut, landmarks, *pictures, self._sheet):
            self.success.skipped += 1
            if self._companion.alive and time.monotonic() - self._heard > SILENCE:
                self.success.note = SILENT

    def _hide(self) -> None:
        """Tell what is laid on the face, if it is not what was told last."""
        hiding = self._protection.plan, self._protection.sticker
        if self._full or all(new is old for new, old in zip(hiding, self._hiding, strict=True)):
            return
        content = pickled(self._protection)
        if content.nbytes > ROOM:  # a sticker of enormous size: no controls from here on
            content = pickled(None)
        if self._post(Hiding(), content):
            self._hiding = hiding

    def _post(self, word: Task | Hiding | Cut, *arrays: NDArray[Any]) -> bool:
        """Hand over a record if there is room, or if it may wait, when there is."""
        self._full = self._full and len(self._words) > 0
        end = time.monotonic() + self._patience
        while self._companion.alive and not self._full:
            if len(self._words) < WAITING and self._companion.post(word, *arrays):
                if not self._words:  # it had nothing to answer until now
                    self._heard = time.monotonic()
                self._words.append(word)
                return True
            if not self._listen(max(0.0, end - time.monotonic())):
                self._full = True
                self._patience = 0.0  # it hangs: a file does not wait for it a second time
        return False

    def _listen(self, patience: float = 0.0) -> bool:
        """Count what has been answered, if anything; wait at most `patience` seconds for the first answer."""
        waiting = len(self._words)
        self._beat = time.monotonic() + BEAT
        if not self._companion.alive:
            return False
        for look, record in self._companion.answers(patience):
            self._heard = time.monotonic()
            if self.success.note == SILENT:
                self.success.note = ""
            word = self._words.pop(0)
            if isinstance(word, Cut):
                self._count(word, look, record)
            if look.failure:
                self._failed(look.failure)
            if isinstance(word, Task):
                self._ready = True
                if look.failure:  # it goes by itself; `end` would have the loop wait until it has gone
                    self._companion.alive = False
                    return True
        if not self._companion.alive:
            self._failed("its process has ended")
        return len(self._words) < waiting

    def _count(self, cut: Cut, look: Look, record: Bytes) -> None:
        success = self.success
        success.events += look.spotted
        success.note = look.note or success.note
        if look.read:
            _, _, sheet = cut.arrays(record, len(success.labels))
            clean, protected = sheet.copy()
            truth = next((label for at, label in self._truth if abs(at - look.apex) <= NEAR), None)
            success.count(Verdict(clean, protected if look.seen else None, look.stands_out, truth), cut.time)
        for rate, changed in ((success.none, look.none), (success.random, look.random)):
            if changed is not None:
                rate.count(changed)

    def ready(self, patience: float = 10.0) -> None:
        """Wait until the meter's process is there: for measurements and demos, not for a call."""
        end = time.monotonic() + patience
        while not self._ready and self._companion.alive and (left := end - time.monotonic()) > 0:
            self._listen(left)

    def settle(self) -> None:
        """Wait until all that was offered has been looked at: for a demo, whose panel should not lag behind."""
        end = time.monotonic() + self._patience
        while self._words and self._companion.alive:
            left = end - time.monotonic()
            if left <= 0:
                self._patience = 0.0
                return
            self._listen(left)

    def close(self, patience: float | None = None) -> None:
        """Judge what is waiting, for at most `patience` seconds; a recognizer that hangs is left behind.

        Without it two seconds, and for a file as long as a frame may wait.
        """
        if patience is None:
            patience = max(2.0, self._patience)
        end = time.monotonic() + patience
        try:
            while self._words and self._companion.alive and (left := end - time.monotonic()) > 0:
                self._listen(left)
        finally:
            self._companion.end()
            self.success.skipped += sum(isinstance(word, Cut) for word in self._words)
            self._words.clear()

    def _failed(self, failure: str) -> None:
        self.success.errors += 1
        self.success.last_error = failure
        self.success.note = f"the meter failed: {failure}"


def pickled(things: object) -> NDArray[np.uint8]:
    """The bytes that `things` travel as, (n,) uint8."""
    return np.frombuffer(pickle.dumps(things), np.uint8)
