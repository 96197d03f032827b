"""A video file, or pictures made on the spot, played as if it were a camera."""

import codecs
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from deadpan.app.camera import TICK, CameraError, fit, rate
from deadpan.models.frame import Frame, Image

Timed = tuple[float, Image]
"""Seconds from the clip's start, and the picture, (h, w, 3) uint8 BGR."""


class Clip:
    """A sequence of pictures: at its own rate when `paced`, otherwise as fast as the loop takes them.

    A paced clip skips pictures when the loop is late, as a camera would; one that cannot be decoded in time is slowed.
    """

    def __init__(self, pictures: Iterable[Timed], fps: float, *, paced: bool) -> None:
        """Play `pictures`, whose first one gives the size."""
        stream = iter(pictures)
        first = next(stream, None)
        if first is None:
            raise CameraError("the clip holds no picture")
        self.size = (first[1].shape[1], first[1].shape[0])
        self.fps = fps
        self._pictures = chain([first], stream)
        self._paced = paced
        self._time = 0.0
        self._began = 0.0

    def now(self) -> float:
        """See `Camera.now`: the clip's own time."""
        return time.perf_counter() - self._began if self._paced else self._time

    def __iter__(self) -> Iterator[Frame | None]:
        """See `Camera.__iter__`; ends with the clip."""
        self._began = time.perf_counter()
        index = 0
        given = self._began
        while True:
            asked = time.perf_counter()
            timed = next(self._pictures, None)
            if timed is None:
                return
            self._time, picture = timed
            if self._paced:
                now = time.perf_counter()
                late = now - self._began - self._time
                if late > 1.5 / self.fps:
                    if now - given <= TICK:
                        continue
                    self._began += late  # it cannot be decoded in time: slower is better than nothing
                time.sleep(max(0.0, -late))
                asked = time.perf_counter()
            yield Frame(picture, index, self._time, asked)
            index += 1
            given = time.perf_counter()

    def close(self) -> None:
        """See `Camera.close`."""
        self._pictures = chain(())


def read_video(path: Path, size: tuple[int, int] | None = None) -> tuple[Iterator[Timed], float]:
    """The pictures of a video file, scaled to `size` (width, height) if given, and its frames a second."""
    if path.is_dir():
        raise CameraError(f"{path}: a directory; expected a video file, a camera's number, a URL or `demo`")
    if not path.exists():
        raise CameraError(f"{path}: no such file or camera; expected a video file, a camera's number, a URL or `demo`")
    if _is_text(path):
        raise CameraError(f"{path}: not a video but text; expected a video file, a camera's number, a URL or `demo`")
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        raise CameraError(f"{path}: not a video that can be read")
    fps = rate(capture, 30.0)

    def pictures() -> Iterator[Timed]:
        last = -1 / fps
        try:
            while True:
                good, picture = capture.read()
                if not good:
                    return
                at = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                # Some files carry no times, or times that stand still: then the nominal rate counts.
                last = at if at > last else last + 1 / fps
                if size is not None and (picture.shape[1], picture.shape[0]) != size:
                    picture = fit(np.asarray(picture, np.uint8), size)
                yield last, np.asarray(picture, np.uint8)
        finally:
            capture.release()

    return pictures(), fps


def _is_text(path: Path) -> bool:
    """FFmpeg films plain text as a terminal would show it, and follows a play list to wherever it leads."""
    try:
        with path.open("rb") as file:
            letters = codecs.getincrementaldecoder("utf-8")().decode(file.read(1024))  # the end may cut one in two
    except (OSError, UnicodeDecodeError):
        return False
    return letters != "" and all(each.isprintable() or each in "\t\n\r\f" for each in letters)
