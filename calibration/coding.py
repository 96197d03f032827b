"""What a call does to pictures: a round trip through a video codec, in memory; and clips as files to look at."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError

from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Image

DECODERS = {"libx264": "h264", "libvpx": "vp8", "libvpx-vp9": "vp9"}
"""Each encoder that calls use, and what decodes it."""
_QUICK = {
    "libx264": {"preset": "veryfast", "tune": "zerolatency"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
}


def coded(
    frames: Iterable[Image], fps: float, codec: str = "libx264", *, bitrate: int | None = None
) -> Iterator[Image]:
    """Each picture, (h, w, 3) uint8 BGR, as it comes out of the codec: as many, in order, as they are asked for.

    `bitrate` is in bits a second; without it quality is held at a constant rate factor of 23. Settings are
    those of a live call: no frame is looked at ahead. Width and height must be even. Raises `DeadpanError`.
    """
    if codec not in DECODERS:
        raise DeadpanError(f"codec {codec}: expected one of {', '.join(DECODERS)}")
    # Two threads write what two threads write: one makes the bytes the same everywhere.
    options = {**_QUICK[codec], "threads": "1"}
    if bitrate is None:
        options |= {"crf": "23"} | ({"b": "0"} if codec == "libvpx-vp9" else {})
    decoder = av.CodecContext.create(DECODERS[codec], "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.thread_count = 1
    encoder = None
    try:
        for index, image in enumerate(frames):
            if encoder is None:
                encoder = _encoder(codec, (image.shape[1], image.shape[0]), fps, bitrate, options)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
            frame.pts = index
            yield from _decoded(decoder, encoder.encode(frame))
        if encoder is not None:
            yield from _decoded(decoder, encoder.encode(None))
            yield from _decoded(decoder, [None])
    except (FFmpegError, ValueError) as error:
        raise DeadpanError(f"{codec}: cannot code these pictures ({error}); width and height must be even") from error


def save(path: Path, frames: Iterable[Image], fps: float, *, bitrate: int | None = None) -> None:
    """Write the pictures, (h, w, 3) uint8 BGR, to an MP4 file as H.264; what stops half-way leaves no file.

    `bitrate` is in bits a second; without it quality is held such that nothing shows.
    """
    options = {"preset": "veryfast", "threads": "1"} | ({"crf": "16"} if bitrate is None else {})
    part = path.with_name(f"{path.name}.part")
    try:
        with av.open(str(part), "w", format="mp4") as file:
            stream = file.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001), options=options)
            stream.pix_fmt = "yuv420p"
            if bitrate is not None:
                stream.bit_rate = bitrate
            for index, image in enumerate(frames):
                if index == 0:
                    stream.height, stream.width = image.shape[:2]
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
                file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
        part.replace(path)
    except (FFmpegError, OSError, ValueError) as error:
        raise DeadpanError(f"{path}: cannot be written ({getattr(error, 'strerror', None) or error})") from error
    finally:
        part.unlink(missing_ok=True)


def _encoder(
    codec: str, size: tuple[int, int], fps: float, bitrate: int | None, options: dict[str, str]
) -> av.VideoCodecContext:
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    rate = Fraction(fps).limit_denominator(1001)
    encoder.framerate, encoder.time_base = rate, 1 / rate
    encoder.options = options
    if bitrate is not None:
        encoder.bit_rate = bitrate
    return encoder


def _decoded(decoder: av.VideoCodecContext, packets: Iterable[Any]) -> Iterator[Image]:
    for packet in packets:
        for frame in decoder.decode(packet):
            yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
