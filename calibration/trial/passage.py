"""The live code's way with a clip: tracked and protected frame by frame, then sent through a call's codec."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from deadpan.calibration.coding import coded
from deadpan.calibration.synthetic.synthesis import Clip
from deadpan.models.face import Points, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.landmarker import Landmarker, picture
from deadpan.models.tracker import FaceTracker
from deadpan.stickers.protection import Protected, Protection
from deadpan.stickers.regions import NAMES

HOLD = 0.5
"""Seconds for which a call shows the last protected picture again: as `app/shutter.py`."""
AFTER = 8
"""Frames from the offset on that are seen, too: who looks at the whole film wants its end."""
ENOUGH = 12
"""Frames on which the bare landmarker call is timed."""


@dataclass(frozen=True)
class Call:
    """What lies between the person and who reads."""

    codec: str = ""
    """As `coding.DECODERS` calls the encoder; empty is un-coded."""
    bitrate: int = 0
    """Bits a second."""

    def carry(self, pictures: Sequence[Image], fps: float) -> list[Image]:
        """The pictures as they arrive."""
        return list(coded(pictures, fps, self.codec, bitrate=self.bitrate) if self.codec else pictures)


@dataclass(frozen=True, eq=False)
class Watched:
    """A clip up to its event's offset and `AFTER` frames more, and what the live tracker says of each of its frames."""

    clip: Clip
    frames: tuple[Frame, ...]
    sightings: tuple[Sighting, ...]
    """One a frame."""


def watch(clip: Clip, model: bytes) -> Watched:
    """Follow the clip's face from its first frame to `AFTER` its event's offset; `model` is the landmarker's bytes."""
    tracker = FaceTracker(model)
    frames, sightings = [], []
    try:
        for index, image in enumerate(clip.pictures()):
            frame = Frame(image, index, index / clip.fps, 0.0)
            frames.append(frame)
            sightings.append(tracker.track(frame))
            if index == clip.events[0].offset + AFTER:
                break
    finally:
        tracker.close()
    return Watched(clip, tuple(frames), tuple(sightings))


@dataclass(frozen=True, eq=False)
class Sent:
    """A clip as a protection sends it."""

    pictures: list[Image]
    """One a frame. For one that is not vouched for the last that was goes out again, as on a call, for `HOLD` seconds;
    then, and at the start, a black one, as the shutter shows nobody."""
    let_go: float
    """Share of regions times frames that a skin protection let go; 0 for those that bend nothing."""
    covered: tuple[tuple[Points, ...], ...] = ()
    """For each frame the corners, (4, 2) px, of every sticker on it; empty where none was laid."""
    ms: float = 0.0
    """CPU time of the protection alone, all threads, milliseconds a frame; it differs from run to run."""


def protected(watched: Watched, protection: Protection | None) -> Sent:
    """What the protection sends, frame by frame, from the start of its session; None sends the frames themselves."""
    if protection is None:
        return Sent([frame.image for frame in watched.frames], 0.0)
    pictures, covered, let_go, spent = [], [], 0, 0.0
    vouched: Protected | None = None
    for frame, sighting in zip(watched.frames, watched.sightings, strict=True):
        began = time.process_time()
        done = protection.apply(frame, sighting)
        spent += time.process_time() - began
        vouched = done or vouched
        shown = vouched if vouched is not None and frame.time - vouched.frame.time <= HOLD else None
        pictures.append(np.zeros_like(frame.image) if shown is None else shown.frame.image)
        covered.append(tuple(each.corners() for each in shown.placements) if shown else ())
        let_go += sum(len(bent.let_go) for bent in done.bent) if done else 0
    count = len(pictures)
    return Sent(pictures, let_go / (len(NAMES) * count), tuple(covered), spent / count * 1000)


def bare_ms(watched: Watched, model: bytes) -> float:
    """CPU time of the bare landmarker call on a clip, as `Sent.ms`: what costs are given as a multiple of."""
    ready = [
        picture(np.asarray(cv2.cvtColor(each.image, cv2.COLOR_BGR2RGB), np.uint8)) for each in watched.frames[:ENOUGH]
    ]
    with Landmarker(model, stream=True) as landmarker:
        began = time.process_time()
        for frame, each in zip(watched.frames, ready, strict=False):
            landmarker.call(each, frame.time)
        return (time.process_time() - began) / len(ready) * 1000
