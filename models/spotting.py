"""Spotting: when, in a stream of faces, something moved and went back, as a micro-expression does."""

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.face import Points
from deadpan.models.frame import Image
from deadpan.models.motion import CROP, GRID, Flow, Grey, affine_part, crop, raw_flow, similarity

LAG = 0.4
"""Seconds: motion is measured against the face as it was this long ago, before an onset of up to so long began."""
LONGEST = 0.5
"""Seconds within which the apex must come (a micro-expression lasts at most half a second)."""
FLOOR = 8.0
"""Seconds of quiet over which the noise floor is known."""
EYES = ((0.22, 0.29), (0.77, 0.29))
"""Shares of the crop: what is left out of the activity, for a blink is no micro-expression."""
KNOWN = 10
"""Quiet frames from which a noise floor is known."""
FACTOR, LEAST = 3.0, 0.3
"""What moves must exceed the noise floor this many times, and by this many px of the crop."""
GONE = 0.4
"""Share of its peak under which a motion counts as over."""
PACE = 0.05
"""Seconds from one look to the next while nothing moves: at 30 frames a second every other frame, which is in time."""
SETTLE = 0.2
"""Seconds after an event that are not looked at."""
TURNED = 0.03
"""Share of the face's longer side by which landmarks may miss the reference's, on the median, before it is renewed."""
LARGEST = 9.0
"""Px of the crop: five hundredths of the face's width. What moves farther is a grimace, or a face wrongly found."""
QUIET_HEAD = 0.12
"""Share of the face's width that the head may move between onset and apex of a measurable event."""
STAYED = f"not measurable: it has not gone back within {LONGEST} s, as a micro-expression does"
"""Said of what began as an event does and stayed: speech, a smile that is held, a head that turns slowly."""


def _open() -> NDArray[np.bool_]:
    """(GRID, GRID): the cells that count, all but those within a lid's reach of an eye."""
    at = (np.arange(GRID) + 0.5) / GRID
    x, y = np.meshgrid(at, at)
    return np.asarray(np.all([((x - ex) / 0.18) ** 2 + ((y - ey) / 0.10) ** 2 > 1 for ex, ey in EYES], axis=0))


_COUNTS = _open()
_HIGH = round(0.95 * int(_COUNTS.sum()))


def activity(dense: Flow) -> float:
    """How much a face moves, px of the crop: the 95th percentile of the motion's length over the cells but the eyes'.

    `dense` may be the raw flow: the head's part is taken off here, on the cells. One hundredth of the face's width is
    1.85 px of the crop.
    """
    cells = np.asarray(cv2.resize(dense, (GRID, GRID), interpolation=cv2.INTER_AREA), np.float32)
    lengths = np.linalg.norm(cells - affine_part(cells), axis=2)[_COUNTS]
    return float(np.partition(lengths, _HIGH)[_HIGH])


@dataclass(frozen=True, eq=False)
class Spotted:
    """Something moved: from when to when, by the frames' indices."""

    onset: int
    """The quiet frame that the motion is measured from."""
    apex: int
    offset: int
    """The frame on which it was gone, or had lasted for `LONGEST`."""
    activity: float
    """At the apex, px of the crop."""
    threshold: float
    """What counts as standing out of the noise floor, as `activity`."""
    why: str = ""
    """Why it is not measurable, or nothing."""

    @property
    def measurable(self) -> bool:
        """Whether a recognizer can be expected to make something of it."""
        return not self.why


@dataclass(frozen=True, eq=False)
class _Look:
    """One frame's face, laid into the crop."""

    index: int
    time: float
    grey: Grey
    landmarks: Points


class Spotter:
    """Watches one face, frame by frame; knows only the past.

    Each frame is compared with the one of `LAG` seconds before, which is held for as long as something moves. What
    moves must stand out of the noise floor, the median of the quiet frames of the last `FLOOR` seconds.
    """

    def __init__(self) -> None:
        """Start without a past."""
        self._quiet: deque[tuple[float, float]] = deque()
        """When, and how much moved."""
        self.restart()

    def restart(self) -> None:
        """Frames are missing, or it is another face: only the noise floor is still good."""
        self._reference: Points | None = None
        self._past: deque[_Look] = deque()
        self._event: list[tuple[_Look, float]] = []
        self._base: _Look | None = None
        self._blind = -np.inf

    @property
    def floor(self) -> float | None:
        """The noise floor, as `activity`; None while too little is known."""
        return float(np.median([moved for _, moved in self._quiet])) if len(self._quiet) >= KNOWN else None

    def step(self, image: Image, landmarks: Points, index: int, time: float) -> Spotted | None:
        """Look at one more frame, (h, w, 3) uint8 BGR with (478, 2) landmarks in its px, at `time` seconds.

        Gives an event on the frame on which it is over.
        """
        if self._reference is not None and _turned(landmarks, self._reference):
            self.restart()
        if self._reference is None:
            self._reference = landmarks
        if time < self._blind or (not self._event and self._past and time - self._past[-1].time < PACE):
            return None
        now = _Look(index, time, crop(image, landmarks, self._reference), landmarks)
        self._past.append(now)
        while len(self._past) > 1 and self._past[1].time <= time - LAG:
            self._past.popleft()
        if not self._event:
            self._base = self._past[0]
        assert self._base is not None
        if time - self._base.time < 0.9 * LAG and not self._event:
            return None
        moved = activity(raw_flow(self._base.grey, now.grey))
        floor = self.floor
        if floor is None or (not self._event and moved < _threshold(floor)):
            self._quiet.append((time, moved))
            while self._quiet[0][0] < time - FLOOR and len(self._quiet) > KNOWN:
                self._quiet.popleft()
            return None
        self._event.append((now, moved))
        apex, peak = max(self._event, key=lambda each: each[1])
        gone = moved < max(_threshold(floor), GONE * peak)
        if not gone and time - self._event[0][0].time < LONGEST:
            return None
        why = _why_not(self._base, apex, peak, gone=gone)
        spotted = Spotted(self._base.index, apex.index, index, peak, _threshold(floor), why)
        # The rest of this event's way back is no event of its own.
        self._past, self._event, self._blind = deque(), [], time + SETTLE
        return spotted


def _threshold(floor: float) -> float:
    return max(FACTOR * floor, floor + LEAST)


def _turned(landmarks: Points, reference: Points) -> bool:
    """Whether the head has turned so far that the crop does not fit it any more."""
    matrix = similarity(landmarks, reference)
    off = np.linalg.norm(landmarks @ matrix[:, :2].T + matrix[:, 2] - reference, axis=1)
    return float(np.median(off)) > TURNED * float(np.ptp(reference, axis=0).max())


def _why_not(onset: _Look, apex: _Look, peak: float, *, gone: bool) -> str:
    """Why a motion is not measurable: it is no micro-expression, or the head moved too much for it to be trusted."""
    if peak > LARGEST:
        return f"not measurable: it moved by {peak / CROP:.0%} of the face, too far for a micro-expression"
    shift = np.linalg.norm(np.median(apex.landmarks - onset.landmarks, axis=0)) / np.ptp(onset.landmarks[:, 0])
    if shift > QUIET_HEAD:
        return f"not measurable: the head moved by {shift:.0%} of its width"
    return "" if gone else STAYED
