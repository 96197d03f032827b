"""Speed as a ratio: the whole protected loop against the bare landmarker call, in turn, in one run."""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.app.clip import Clip
from deadpan.app.loop import Session, run
from deadpan.app.outgoing import Outgoing
from deadpan.app.virtual_camera import i420
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker, picture
from deadpan.models.tracker import FaceTracker
from deadpan.stickers.protection import StickerProtection

SIZE = (1280, 720)
FPS = 30.0
ROUNDS = 4


@dataclass(frozen=True)
class Figures:
    """CPU time of the process, all threads, per frame; medians over the rounds."""

    landmarker_ms: float
    loop_ms: float
    ratio: float
    """Median over the rounds of each round's own ratio."""
    frames: int
    clip: str


class NullSink:
    """Takes pictures to the virtual camera's own pixel format, and drops them."""

    def __init__(self) -> None:
        """Start without a buffer."""
        self._planes: NDArray[np.uint8] | None = None

    def send(self, outgoing: Outgoing) -> None:
        """See `Sink.send`."""
        self._planes = i420(outgoing.image, self._planes)

    def close(self) -> None:
        """See `Sink.close`."""


def measure(
    pictures: Sequence[Image],
    clip: str,
    model: bytes,
    protection: StickerProtection,
    step: Callable[[int], None],
) -> dict[str, object]:
    """Measure on `pictures`, each (720, 1280, 3) uint8 BGR; `step` is called with the number of rounds done.

    Bare: MediaPipe's own call on pictures converted beforehand. Loop: all that `deadpan run` does for a frame,
    conversions and the search for further faces included. Both keep their landmarker from round to round.
    """
    ready = [picture(np.asarray(cv2.cvtColor(each, cv2.COLOR_BGR2RGB), np.uint8)) for each in pictures]
    bare, looped = [], []
    tracker = FaceTracker(model)
    with contextlib.closing(tracker), Landmarker(model, stream=True) as landmarker:
        for done in range(ROUNDS + 1):
            start = done * len(pictures) / FPS
            began = time.process_time()
            for index, each in enumerate(ready):
                landmarker.call(each, start + index / FPS)
            between = time.process_time()
            timed = ((start + index / FPS, each) for index, each in enumerate(pictures))
            run(Session(Clip(timed, FPS, paced=False), tracker, protection, [NullSink()]))
            ended = time.process_time()
            if done:  # the first round warms up
                bare.append((between - began) / len(pictures) * 1000)
                looped.append((ended - between) / len(pictures) * 1000)
            step(done)
    ratio = float(np.median(np.array(looped) / np.array(bare)))
    return asdict(
        Figures(
            round(float(np.median(bare)), 2),
            round(float(np.median(looped)), 2),
            round(ratio, 3),
            len(pictures),
            clip,
        )
    )
