"""The user's own face as a source: prompts on the screen, a camera's frames in, motion maps out.

What is asked for is posed, and a posed smile is not a felt one; but the skin that moves is the user's, and so is the
camera. Pictures are kept for `KEPT` seconds, in memory; what stays are the maps.
"""

from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np

from deadpan.calibration.sources.measuring import Measured, geometry
from deadpan.calibration.sources.prompts import Prompt, prompts
from deadpan.models.errors import DeadpanError
from deadpan.models.face import Face
from deadpan.models.frame import Frame, Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.maps import Maps
from deadpan.models.reading import ATTENTIVE, around, read
from deadpan.models.spotting import LARGEST, STAYED, Spotted, Spotter
from deadpan.models.tracker import FaceTracker

TOO_FEW = 10
"""Movements below which a graph over 14 regions says nothing about this face."""
PATIENCE = 20.0
"""Seconds that a face may take to appear."""
KEPT = 1.5
"""Seconds of pictures that a reading can look back on."""
SUBJECT, DATASET = "you", "own"


class NoFace(DeadpanError):
    """The camera shows nobody, or nobody who moved."""


@dataclass(frozen=True)
class Moment:
    """What to show the user now."""

    text: str
    """The prompt."""
    label: int | None
    """The class that it asks for, an index into `LABELS`; None while it asks for rest."""
    share: float
    """0…1: how much of the time is over."""
    usable: int
    """Movements that were read so far."""
    note: str
    """What came of the last movement."""
    done: bool


@dataclass(frozen=True, eq=False)
class _Kept:
    index: int
    time: float
    picture: Image
    """Around the face."""
    face: Face
    """In it."""


class OwnFace:
    """Leads one person through the prompts and reads each movement as the live meter would; one a prompt, the first.

    What comes after it in the same prompt is the way back, whose motion is the reverse of what was asked for.
    """

    def __init__(self, model: bytes, seconds: float = 60.0) -> None:
        """Take the landmarker's bytes; the prompts last for `seconds` from the first frame with a face on."""
        self._prompts = prompts(seconds)
        self._seconds = seconds
        self._tracker = FaceTracker(model)
        self._landmarker = Landmarker(model, stream=False, detection=ATTENTIVE, faces=1)
        self._spotter = Spotter()
        self._kept: deque[_Kept] = deque()
        self._window: tuple[int, int, int] | None = None
        self._first: float | None = None
        self._begun: float | None = None
        self._last = Moment("Look at the camera.", None, 0.0, 0, "", False)
        self._answered: dict[Prompt, Measured] = {}
        """What was read of each prompt."""
        self._tried: set[Prompt] = set()
        """Prompts that the user has moved to."""
        self._asked: Prompt | None = None
        """The last prompt that asked for a movement."""
        self._note = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the networks and the pictures."""
        self._kept.clear()
        self._tracker.close()
        self._landmarker.close()

    @property
    def usable(self) -> int:
        """Movements that were read so far; below `TOO_FEW` they are too few."""
        return len(self._answered)

    def step(self, frame: Frame | None) -> Moment:
        """Look at the camera's next frame, or at none (it ticks without one), and say what to show.

        Raises `NoFace` when nobody appears within `PATIENCE` seconds.
        """
        if frame is None or self._last.done:
            return self._last
        if self._first is None:
            self._first = frame.time
        faces = self._tracker.track(frame).faces
        if self._begun is None:
            if not faces and frame.time - self._first > PATIENCE:
                raise NoFace(f"no face for {PATIENCE:.0f} s; sit before the camera, with light on your face")
            if not faces:
                return self._last
            self._begun = frame.time
        elapsed = frame.time - self._begun
        prompt = self._at(elapsed)
        if prompt.label is not None and prompt is not self._asked:
            missed = self._asked is not None and self._asked not in self._tried
            self._note, self._asked = "nothing was seen: move a little more" if missed else "", prompt
        if faces:
            self._look(frame, max(faces, key=lambda each: each.width))
        elif self._kept:
            self._kept.clear()
            self._spotter.restart()
            self._note = "your face is lost"
        share, done = min(1.0, elapsed / self._seconds), elapsed >= self._seconds
        self._last = Moment(prompt.text, prompt.label, share, self.usable, self._note, done)
        return self._last

    def maps(self) -> Maps:
        """The movements that were read, in the order of the prompts. Raises `NoFace` when there is none."""
        rows = [(each, self._answered[each]) for each in self._prompts if each in self._answered]
        if not rows:
            raise NoFace(
                "none of your movements could be read; move briefly and slightly, at once when you are asked to"
            )
        return Maps(
            motion=np.stack([read.motion for _, read in rows]),
            label=np.array([prompt.label for prompt, _ in rows], np.int64),
            subject=np.full(len(rows), SUBJECT),
            dataset=np.full(len(rows), DATASET),
            clip=np.array([f"{prompt.start:05.1f} s {prompt.name}" for prompt, _ in rows]),
            roi_center=np.stack([read.centres for _, read in rows]),
            face_size=np.stack([read.size for _, read in rows]),
        )

    def _at(self, elapsed: float) -> Prompt:
        return next(each for each in reversed(self._prompts) if each.start <= elapsed or each is self._prompts[0])

    def _look(self, frame: Frame, face: Face) -> None:
        window = around(face, frame.size, self._window)
        if window != self._window:
            self._kept.clear()
            self._spotter.restart()
        left, top, side = self._window = window
        cut = frame.image[top : top + side, left : left + side].copy()
        shifted = Face(face.landmarks - np.array([left, top], np.float32), face.pose, face.track)
        self._kept.append(_Kept(frame.index, frame.time, cut, shifted))
        while frame.time - self._kept[0].time > KEPT:
            self._kept.popleft()
        spotted = self._spotter.step(cut, shifted.landmarks, frame.index, frame.time)
        if spotted is not None:
            self._judge(spotted, [each for each in self._kept if each.index >= spotted.onset])

    def _judge(self, spotted: Spotted, run: list[_Kept]) -> None:
        """Read a movement, if it is the first to a prompt that asks for one."""
        assert self._begun is not None
        began = next((each.time for each in run if each.index == spotted.apex), run[-1].time) - self._begun
        # Who is asked at the end of a prompt moves in the rest that follows it.
        asked = [each for each in self._prompts if each.label is not None and each.start <= began < each.until]
        if not asked:
            self._note = "you moved while nothing was asked for"
            return
        (prompt,) = asked
        if prompt in self._tried:
            return
        self._tried.add(prompt)
        if spotted.activity > LARGEST:
            self._note = "too much: move less, as if to hide it"
        elif spotted.why not in ("", STAYED):  # a smile on request may last: what is read is its beginning
            self._note = "your head moved: keep it still"
        elif (reading := read([each.picture for each in run], self._landmarker)) is None:
            self._note = "that could not be read"
        else:
            self._answered[prompt] = Measured(reading.motion, *geometry(run[0].face))
            self._note = "good"
