"""Writes the protected pictures to a video file, in its own thread: the loop never waits for the disk."""

import contextlib
import queue
import threading
from fractions import Fraction
from pathlib import Path
from typing import NoReturn

import av
import numpy as np
from av.error import FFmpegError

from deadpan.app.outgoing import Outgoing, SinkError, require_even
from deadpan.models.frame import Image

FORMATS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}
BEHIND = 30
"""Pictures that may wait to be encoded; a live recording drops what comes on top."""
CLOCK = Fraction(1, 90_000)


class Recording:
    """H.264 in MP4, MOV or MKV. The file appears under its name when it is complete, or not at all."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float, *, drop: bool) -> None:
        """Record pictures of `size` (width, height) to `path`; when behind, `drop` pictures instead of waiting."""
        require_even(size, "the picture")
        if path.is_dir():
            raise SinkError(f"{path}: a folder; expected a file's name, such as {path / 'call.mp4'}")
        if not path.parent.is_dir():
            raise SinkError(f"{path}: cannot be written: there is no folder {path.parent}")
        if path.suffix.lower() not in FORMATS:
            raise SinkError(
                f"{path}: cannot record to {path.suffix or 'a name without suffix'}; expected {', '.join(FORMATS)}"
            )
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self._drop = drop
        self.dropped = 0
        """Pictures left out because encoding could not keep up."""
        try:
            self._file = av.open(str(self._part), "w", format=FORMATS[path.suffix.lower()])
        except (OSError, ValueError, FFmpegError) as error:
            raise SinkError(f"{path}: cannot be written ({_said(error)})") from error
        rate = Fraction(fps).limit_denominator(1001)
        self._stream = self._file.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "20"})
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = self._stream.codec_context.time_base = CLOCK
        self._error: Exception | None = None
        self._began: float | None = None
        self._last = -1
        self._waiting: queue.Queue[tuple[Image, float] | None] = queue.Queue(BEHIND)
        self._thread = threading.Thread(target=self._write, name="recording", daemon=True)
        self._thread.start()
        self._closed = False

    def send(self, outgoing: Outgoing) -> None:
        """See `Sink.send`."""
        self.write(outgoing.image, outgoing.time)

    def write(self, image: Image, time: float) -> None:
        """Record a picture, (h, w, 3) uint8 BGR, at `time` (seconds, rising)."""
        if self._error is not None:
            self._give_up()
        if self._drop:
            try:
                self._waiting.put_nowait((image, time))
            except queue.Full:
                self.dropped += 1
        else:
            self._waiting.put((image, time))

    def close(self) -> None:
        """See `Sink.close`: completes the file, or leaves nothing of it and raises."""
        if self._closed:
            return
        self._finish_writing()
        if self._last < 0:  # PyAV made no file, then
            self._error = self._error or ValueError("no picture came")
        try:
            if self._error is None:
                for packet in self._stream.encode(None):
                    self._file.mux(packet)
                self._file.close()
                self._part.replace(self._path)
        except (OSError, ValueError, FFmpegError) as error:
            self._error = error
        if self._error is not None:
            self._give_up()

    def discard(self) -> None:
        """Leave nothing behind; harmless once the recording is complete."""
        if not self._closed:
            self._finish_writing()
            self._remove()

    def _finish_writing(self) -> None:
        self._closed = True
        self._waiting.put(None)
        self._thread.join()

    def _remove(self) -> None:
        with contextlib.suppress(OSError, ValueError, FFmpegError):
            self._file.close()
        self._part.unlink(missing_ok=True)

    def _give_up(self) -> NoReturn:
        """Leave nothing half-written behind, and say why."""
        if not self._closed:
            self._finish_writing()
        self._remove()
        raise SinkError(
            f"{self._path}: the recording failed ({_said(self._error)}); nothing was kept of it"
        ) from self._error

    def _write(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            if self._error is not None:
                continue  # drain, so that nobody waits for a recording that has failed
            image, time = waiting
            try:
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
                frame.pts, frame.time_base = self._stamp(time), CLOCK
                for packet in self._stream.encode(frame):
                    self._file.mux(packet)
            # Whatever it is: a writer that dies silently leaves the loop waiting for it.
            except Exception as error:
                self._error = error

    def _stamp(self, time: float) -> int:
        """The picture's time in ticks of `CLOCK`, rising strictly: a held picture carries an earlier time."""
        if self._began is None:
            self._began = time
        self._last = max(self._last + 1, round((time - self._began) / CLOCK))
        return self._last


def _said(error: Exception | None) -> str:
    return str(getattr(error, "strerror", None) or error)
