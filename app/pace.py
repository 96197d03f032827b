"""Keeps up with the camera on a slow machine: what is worked on gets smaller, what goes out keeps its size.

Each frame that goes out is tracked, protected and looked at by the gate as ever, and faces are found by their share of
the picture (`models/search.py`). Frames for which there is no time at all are the camera's to skip.
"""

from dataclasses import replace

import cv2
import numpy as np

from deadpan.app.outgoing import Outgoing
from deadpan.models.frame import Frame

LEAST = 360
"""Px: the shorter side of the smallest picture that is worked on."""
WINDOW = 2.0
"""Seconds over which it is judged whether the loop keeps up."""
ROOM = 0.3
"""Share of the time for which the loop must be waiting for the camera before it takes larger pictures again. Half the
size each way saves 8 to 16 % of the CPU time where skin is bent, at 720p as at 1080p: what the face landmarker takes,
half of all, does not depend on it. Under stickers it saves 1 to 3 %."""
CALM = 5
"""Windows in a row with that much room; twice as many after each return that did not last."""
MOST_CALM = 160
"""Such windows, at most: five minutes."""


class Pace:
    """Decides how large a picture the loop works on: the camera's own, half of it each way, or a quarter.

    The loop does not keep up when, over a `WINDOW`, the next picture was already there when the last one had gone out.
    A camera that gives fewer pictures than it says, as in the dark, makes nobody late. Knows only the past.
    """

    def __init__(self, size: tuple[int, int], *, gains: bool) -> None:
        """Start with pictures of `size`, width and height in px; smaller ones are taken if that `gains` time."""
        self._size = size
        self._gains = gains
        self._halved = 0
        self._calm = CALM
        self.restart()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, px, of what is worked on now."""
        return self._size[0] >> self._halved, self._size[1] >> self._halved

    def restart(self) -> None:
        """The stream was interrupted: what is known of its pace no longer counts; the size stays."""
        self._last: float | None = None
        self._sent: float | None = None
        self._waited = self._passed = 0.0
        self._roomy = 0

    def take(self, frame: Frame) -> Frame:
        """The frame as it is to be worked on; frames come in order of time."""
        if self._last is not None and self._sent is not None:
            self._passed += frame.time - self._last
            self._waited += frame.time - self._sent  # less than nothing where the frame was the one that waited
            if self._passed >= WINDOW:
                self._judge(self._waited / self._passed)
        self._last = frame.time
        if frame.size == self.size:
            return frame
        smaller = cv2.resize(frame.image, self.size, interpolation=cv2.INTER_AREA)
        return replace(frame, image=np.asarray(smaller, np.uint8))

    def sent(self, now: float) -> None:
        """What became of the newest frame has gone out, at `now` on the clock of `Frame.time`."""
        self._sent = now

    def _judge(self, waited: float) -> None:
        """Choose the size for the next window; `waited` is the share of the last one that was spent waiting."""
        self._waited = self._passed = 0.0
        self._roomy = self._roomy + 1 if waited >= ROOM else 0
        if waited < 0 and self._gains and min(self._size) >> (self._halved + 1) >= LEAST:
            self._halved += 1
        elif self._halved and self._roomy >= self._calm:
            self._halved -= 1
            self._roomy = 0
            self._calm = min(2 * self._calm, MOST_CALM)


def grown(outgoing: Outgoing, size: tuple[int, int]) -> Outgoing:
    """What goes out, in `size`, width and height in px."""
    if outgoing.image.shape[1::-1] == size:
        return outgoing
    return replace(
        outgoing, image=np.asarray(cv2.resize(outgoing.image, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    )
