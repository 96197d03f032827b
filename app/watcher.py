"""What watches in the meter's own process: it spots events, and reads both sides and the controls of each."""

import contextlib
import pickle
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.app.companion import Desk
from deadpan.app.exchange import Cut, Hiding, Look, told
from deadpan.app.memory import Bytes
from deadpan.models.alignment import shown
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.landmarker import Found, Landmarker
from deadpan.models.reading import ATTENTIVE, Reading, read
from deadpan.models.recognizer import Recognizer
from deadpan.models.spotting import Spotted, Spotter
from deadpan.stickers.protection import Protection

KEPT = 1.5
"""Seconds of pictures kept, longer than any event."""
SHARE = 0.2
"""Of the time, the most for which a live watcher computes, all threads together, but for what it has saved up."""
SAVED = 0.15
"""Seconds of computing that it can save up while little happens: an event costs about twice that, and frames wait."""


@dataclass(frozen=True, eq=False)
class Pair:
    """One face as it was taken and as it went out, cut out of both pictures at the same place."""

    cut: Cut
    face: Face
    """In the cut-out's px."""
    clean: Image
    protected: Image | None
    """None when what went out was no protected picture of this frame."""


class Unhurried(Landmarker):
    """A landmarker that rests after each call, for so long that this process computes for no more than a share of it.

    What it takes from a busy loop is not the processor but the way to the memory, in small portions if need be.
    """

    def __init__(self, model: bytes, share: float) -> None:
        """See `Landmarker`; `share` is above 0, and 1 is no rest at all."""
        self._share = share
        self._saved, self._used, self._seen = 0.0, time.process_time(), time.monotonic()
        super().__init__(model, stream=False, detection=ATTENTIVE, faces=1)
        self.rest()

    def find(self, rgb: Image, time: float) -> list[Found]:
        """See `Landmarker.find`."""
        found = super().find(rgb, time)
        self.rest()
        return found

    def rest(self) -> None:
        """Make up for what was computed since the last rest, beyond what is saved."""
        used, seen = time.process_time(), time.monotonic()
        self._saved += (seen - self._seen) * self._share - (used - self._used)
        self._saved = min(self._saved, SAVED)
        self._used, self._seen = used, seen
        if self._share < 1 and self._saved < 0:
            time.sleep(-self._saved / self._share)


class Watcher:
    """Looks at one pair after the other, and keeps those of the last `KEPT` seconds."""

    def __init__(self, recognizer: Recognizer, landmarker: Landmarker, hiding: Protection) -> None:
        """Judge with `recognizer` what `landmarker` finds; see `hide`."""
        self._recognizer = recognizer
        self._landmarker = landmarker
        self.hide(hiding)
        self._spotter = Spotter()
        self._kept: deque[Pair] = deque()
        self._random = np.random.default_rng(0)
        self._due: list[tuple[str, Protection, list[Pair], int]] = []
        """Controls of the newest event: what each is called on a `Look`, its protection, the event and its label."""

    def hide(self, hiding: Protection | None) -> None:
        """Use this protection's controls; without it there are none."""
        self._hiding = hiding

    def look(self, cut: Cut, record: Bytes, look: Look) -> None:
        """Look at one more pair; what is found is noted on `look`."""
        kept = self._kept
        landmarks, pictures, sheet = cut.arrays(record, len(self._recognizer.labels))
        own = [picture.copy() for picture in pictures]
        face = Face(landmarks.copy(), cut.pose, cut.window[3])
        pair = Pair(cut, face, own[0], own[1] if cut.vouched else None)
        if kept and (cut.index != kept[-1].cut.index + 1 or cut.window != kept[-1].cut.window):
            kept.clear()
            self._spotter.restart()
        kept.append(pair)
        while cut.time - kept[0].cut.time > KEPT:
            kept.popleft()
        spotted = self._spotter.step(pair.clean, face.landmarks, cut.index, cut.time)
        if spotted is not None:
            look.spotted = True
            self._judge(spotted, [each for each in kept if spotted.onset <= each.cut.index], sheet, look)

    def _judge(self, spotted: Spotted, event: list[Pair], sheet: NDArray[np.float32], look: Look) -> None:
        """Read one event on the clean pictures and on the protected ones, each by itself; its controls are then due."""
        if not spotted.measurable or any(pair.protected is None for pair in event):
            look.note = spotted.why or "not measurable: some of its frames were held or shuttered"
            return
        clean = self._read([pair.clean for pair in event])
        if clean is None:
            look.note = "not measurable: the recognizer's side finds no face on the clean pictures"
            return
        seen = self._read([pair.protected for pair in event if pair.protected is not None])
        reading, sheet[0] = clean
        if seen is not None:
            sheet[1] = seen[1]
        look.apex = event[reading.apex].cut.time
        look.stands_out = seen is not None and seen[0].activity >= spotted.threshold
        look.read, look.seen = True, seen is not None
        if self._hiding is not None:
            random = self._hiding.random(event[0].face, self._random)
            due = ("none", self._hiding.nothing()), ("random", random)
            self._due = [(name, protection, event, int(sheet[0].argmax())) for name, protection in due]

    def control(self, look: Look) -> bool:
        """Run one of the newest event's controls that is still due, and note it on `look`; False when there is none."""
        if not self._due:
            return False
        name, protection, event, label = self._due.pop(0)
        setattr(look, name, self._changes(event, protection, label))
        return True

    def _changes(self, event: list[Pair], protection: Protection, label: int) -> bool | None:
        """Whether the label changes under `protection`; None when it does not vouch for all the pictures."""
        pictures = _protected(event, protection)
        if pictures is None:
            return None
        seen = self._read(pictures)
        return seen is None or int(seen[1].argmax()) != label

    def _read(self, pictures: list[Image]) -> tuple[Reading, NDArray[np.float32]] | None:
        """What somebody who sees only these pictures reads in them, and its probabilities; None without a face."""
        reading = read(pictures, self._landmarker)
        look = None if reading is None else shown(self._recognizer, reading, pictures, self._landmarker)
        if reading is None or look is None:
            return None
        return reading, np.asarray(self._recognizer.predict(look[None])[0], np.float32)


def _protected(event: list[Pair], protection: Protection) -> list[Image] | None:
    """The clean pictures of an event as `protection` would have sent them; None when it does not vouch for all."""
    pictures: list[Image] = []
    for pair in event:
        frame = Frame(pair.clean, pair.cut.index, pair.cut.time, pair.cut.time)
        done = protection.apply(frame, Sighting(pair.cut.index, (pair.face,)))
        if done is None:
            return None
        pictures.append(done.frame.image)
    return pictures


def watch(desk: Desk) -> None:
    """What the meter's process does: answers each record with a `Look`, whatever happens.

    On a live stream the controls run when nothing is waiting, and are told with the next answer.
    """
    records = desk.records()
    task, record = next(records)
    try:
        recognizer, model, hiding = pickle.loads(record.data)
        landmarker = Unhurried(model, 1.0 if task.wait else SHARE)
    except Exception as error:
        desk.answer(Look(failure=told(error)))
        return
    desk.answer(Look())
    with landmarker:
        watcher, look = Watcher(recognizer, landmarker, hiding), Look()
        for word, record in records:
            with noting(look):
                if isinstance(word, Hiding):
                    watcher.hide(pickle.loads(record.data))
                else:
                    watcher.look(word, record, look)
                while task.wait and watcher.control(look):
                    pass
            desk.answer(look)
            look = Look()
            landmarker.rest()
            with noting(look):
                while not desk.waiting and watcher.control(look):
                    pass


@contextlib.contextmanager
def noting(look: Look) -> Iterator[None]:
    """What goes wrong in here is noted on `look`, and that is all."""
    try:
        yield
    except Exception as error:
        look.failure = told(error)
