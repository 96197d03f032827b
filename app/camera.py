"""Where frames come from: a camera that is plugged in, or anything that behaves like one."""

import stat
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Frame, Image

FIRST_PICTURE = 8.0
"""Seconds a camera may take to give its first picture."""
TICK = 0.1
"""Seconds without a picture after which a camera yields None, so that the viewer is looked after."""
RETRY = (0.25, 4.0)
"""Seconds between attempts to reopen a camera: the first, doubled up to the last."""


class CameraError(DeadpanError):
    """A camera or video cannot be opened or gives no picture."""


class Camera(Protocol):
    """Anything that gives frames; iterate it once, then close it."""

    size: tuple[int, int]
    """Width and height in px, of every frame."""
    fps: float
    """Frames a second, as the source names them."""

    def __iter__(self) -> Iterator[Frame | None]:
        """Each new frame, or None when none came for a moment: an unplugged camera still ticks."""
        ...

    def now(self) -> float:
        """Seconds on the clock of `Frame.time`."""
        ...

    def close(self) -> None:
        """Release the device; harmless when done twice."""
        ...


class LiveCamera:
    """A plugged-in camera or a network stream, read in its own thread; only the newest frame is handed over."""

    def __init__(self, source: int | str, size: tuple[int, int] | None, fps: float) -> None:
        """Open `source` (index, device path or URL), asking for MJPG at `size` and `fps`.

        Without a `size` it is asked for 1280×720, and what it gives is taken; with one, what it gives is fitted to it.
        """
        self._source = source
        self._asked = (*(size or (1280, 720)), fps)
        self._closing = threading.Event()
        self._fresh = threading.Condition()
        self._newest: tuple[Image, float] | None = None
        self.size = size or (0, 0)
        capture = self._open()
        if capture is None:
            raise CameraError(_why_not(source))
        self.fps = rate(capture, fps)
        self._thread = threading.Thread(target=self._read, args=(capture,), name="camera", daemon=True)
        self._thread.start()
        with self._fresh:
            self._fresh.wait_for(lambda: self._newest is not None, FIRST_PICTURE)
            if self._newest is None:
                self._closing.set()
                raise CameraError(
                    f"camera {source}: opened, but gave no picture within {FIRST_PICTURE:.0f} s; "
                    "is another program using it, or nothing feeding it?"
                )
            height, width = self._newest[0].shape[:2]
        self.size = size or (width, height)

    def now(self) -> float:
        """See `Camera.now`: the monotonic clock."""
        return time.perf_counter()

    def __iter__(self) -> Iterator[Frame | None]:
        """See `Camera.__iter__`; ends when the camera is closed."""
        index = 0
        while not self._closing.is_set():
            with self._fresh:
                self._fresh.wait_for(lambda: self._newest is not None or self._closing.is_set(), TICK)
                taken, self._newest = self._newest, None
            if taken is None:
                yield None
                continue
            picture, captured = taken
            # Another camera may have been plugged in.
            yield Frame(fit(picture, self.size), index, captured, captured)
            index += 1

    def close(self) -> None:
        """See `Camera.close`."""
        self._closing.set()
        with self._fresh:
            self._fresh.notify_all()
        self._thread.join(timeout=3)

    def _open(self) -> cv2.VideoCapture | None:
        url = isinstance(self._source, str) and "://" in self._source
        capture = cv2.VideoCapture(self._source, cv2.CAP_FFMPEG if url else _backend())
        if not capture.isOpened():
            capture.release()
            return None
        if not url:
            width, height, fps = self._asked
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))  # 720p at 30 needs it over USB 2
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
            capture.set(cv2.CAP_PROP_FPS, fps)
        return capture

    def _read(self, capture: cv2.VideoCapture | None) -> None:
        """Read until closed; a camera that fails is released and reopened with back-off."""
        wait = RETRY[0]
        while not self._closing.is_set():
            if capture is None:
                capture = self._open()
            taken = _take(capture) if capture is not None else None
            if taken is None:
                if capture is not None:
                    capture.release()
                capture = None
                self._closing.wait(wait)
                wait = min(2 * wait, RETRY[1])
                continue
            wait = RETRY[0]
            with self._fresh:
                self._newest = taken
                self._fresh.notify()
        if capture is not None:
            capture.release()


def fit(picture: Image, size: tuple[int, int]) -> Image:
    """`picture`, (h, w, 3) uint8, scaled to lie whole in `size` (width, height, px), with black beside it."""
    height, width = picture.shape[:2]
    if (width, height) == size:
        return picture
    scale = min(size[0] / width, size[1] / height)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    scaled = cv2.resize(picture, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    fitted = np.zeros((size[1], size[0], 3), np.uint8)
    fitted[top : top + inner[1], left : left + inner[0]] = scaled
    return fitted


def _take(capture: cv2.VideoCapture) -> tuple[Image, float] | None:
    """The next picture and when it was there, before it was decoded; None when none came or it is broken."""
    try:
        if not capture.grab():
            return None
        captured = time.perf_counter()
        good, picture = capture.retrieve()
        return (_bgr(picture), captured) if good and picture is not None else None
    except cv2.error:
        return None


def _bgr(picture: NDArray[np.integer[Any] | np.floating[Any]]) -> Image:
    """(h, w, 3) uint8 whatever the camera gave: some give grey, and some 16 bits, or 0…1."""
    if picture.dtype != np.uint8:
        most = 1 if picture.dtype.kind == "f" else 2 ** (8 * picture.itemsize) - 1
        picture = np.asarray(np.clip(picture * np.float32(255 / most), 0, 255), np.uint8)
    if picture.ndim == 2 or picture.shape[2] == 1:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
    return np.asarray(picture[..., :3], np.uint8)


def rate(capture: cv2.VideoCapture, otherwise: float) -> float:
    """The frames a second that a source names, if that can be: some name none, streams their clock's 90,000."""
    named = capture.get(cv2.CAP_PROP_FPS)
    return named if 1 <= named <= 240 else otherwise


def _backend() -> int:
    """The platform's own: by default OpenCV may hand a camera's path to FFmpeg."""
    return {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_DSHOW}.get(
        sys.platform, cv2.CAP_ANY
    )


def _why_not(source: int | str) -> str:
    """One line on why `source` did not open, and what to do."""
    if isinstance(source, str) and "://" in source:
        return f"{source}: no video there"
    if sys.platform != "linux":
        return f"no camera {source}; is it plugged in, and may this terminal use it?"
    path = Path(f"/dev/video{source}" if isinstance(source, int) else source)
    there = ", ".join(sorted(str(each) for each in Path("/dev").glob("video*"))) or "none"
    if not path.exists():
        return f"no camera {path}; cameras here: {there} (or try `deadpan demo`, which needs none)"
    if not stat.S_ISCHR(path.stat().st_mode):
        return f"{path}: not a camera"
    try:
        with path.open("rb"):
            pass
    except PermissionError:
        return (
            f"camera {path}: no permission; add yourself to its group: sudo usermod -aG video $USER, then log in anew"
        )
    except OSError as error:
        return f"camera {path}: {error.strerror}; close the program that uses it"
    return f"{path}: gives no pictures; is another program using it, or is it a virtual camera that nobody feeds?"
