"""Speed as a ratio: the loop against the bare landmarker call, and with the meter against without, in one run."""

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.app.clip import Clip
from deadpan.app.loop import Session, run
from deadpan.app.meter import Meter
from deadpan.app.outgoing import Outgoing
from deadpan.app.tally import Tally
from deadpan.app.virtual_camera import i420
from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker, picture
from deadpan.models.recognizer import Recognizer
from deadpan.models.tracker import FaceTracker
from deadpan.stickers.protection import Protection

SIZE = (1280, 720)
FPS = 30.0
ROUNDS = 4


@dataclass(frozen=True)
class Figures:
    """CPU time of the process, all threads, per frame, medians over the rounds; and the loop at the rate of a call."""

    landmarker_ms: float
    loop_ms: float
    ratio: float
    """Median over the rounds of each round's own ratio."""
    kept: float
    """At the rate of a call, in wall time: share of the frames that the loop had time for."""
    p95_ms: float
    """The same: 95th percentile of the time from a frame's being there until it has gone out."""
    smaller: float
    """The same: share of the frames that were worked on in a smaller size because the loop was late."""
    cores: int
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
    protection: Protection,
    step: Callable[[int], None],
) -> dict[str, object]:
    """Measure on `pictures`, each (720, 1280, 3) uint8 BGR; `step` is called with the number of rounds done.

    Bare: MediaPipe's own call on pictures converted beforehand. Loop: all that `deadpan run` does for a frame,
    conversions and the search for further faces included. Both keep their landmarker from round to round. At last the
    loop once more, for as many rounds, at `FPS`.
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
        call = ((index / FPS, each) for index, each in enumerate(list(pictures) * ROUNDS))
        tally = run(Session(Clip(call, FPS, paced=True), tracker, protection, [NullSink()]))
    ratio = float(np.median(np.array(looped) / np.array(bare)))
    return asdict(
        Figures(
            landmarker_ms=round(float(np.median(bare)), 2),
            loop_ms=round(float(np.median(looped)), 2),
            ratio=round(ratio, 3),
            kept=round(tally.read / (ROUNDS * len(pictures)), 3),
            p95_ms=round(float(np.percentile(list(tally.latency), 95)), 2),
            smaller=round(tally.smaller / tally.read, 3),
            cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
            frames=len(pictures),
            clip=clip,
        )
    )


@dataclass(frozen=True)
class MeterFigures:
    """The loop with the meter beside the loop without it; medians over the rounds."""

    fps_without: float
    fps_with: float
    throughput: float
    """As fast as it goes: frames a second with the meter over those without; median of each round's own ratio."""
    p95_without_ms: float
    p95_with_ms: float
    p95_more_ms: float
    """At the clip's own rate: 95th percentile of the latency with the meter less that without; median as above."""
    looked_at: float
    """Share of the frames that the meter had time for, at the clip's own rate."""
    events: float
    """Measurable events a round, at the clip's own rate."""
    looked_at_fast: float
    events_fast: float
    """The same two as fast as it goes, where the meter has to leave frames out."""
    frames: int
    clip: str


def measure_meter(
    pictures: Sequence[Image],
    clip: str,
    model: bytes,
    protection: Protection,
    recognizer: Recognizer,
    step: Callable[[int], None],
) -> dict[str, object]:
    """Measure on `pictures` as `measure` does, in wall time, with and without the meter in turn.

    Throughput is taken as fast as the loop goes, latency at the rate of a call.
    """
    runs: dict[tuple[bool, bool], list[Tally]] = {}
    looked: dict[bool, list[float]] = {False: [], True: []}
    events: dict[bool, list[int]] = {False: [], True: []}
    tracker = FaceTracker(model)
    with contextlib.closing(tracker):
        for done in range(ROUNDS + 1):
            for paced, metered in product((False, True), (done % 2 == 0, done % 2 == 1)):
                meter = Meter(recognizer, model, protection) if metered else None
                if meter is not None:
                    meter.ready()
                timed = ((index / FPS, each) for index, each in enumerate(pictures))
                session = Session(Clip(timed, FPS, paced=paced), tracker, protection, [NullSink()], witness=meter)
                tally = run(session)
                if meter is not None:
                    meter.close()
                    if meter.success.errors:
                        raise DeadpanError(f"the meter failed: {meter.success.last_error}")
                    looked[paced].append(1 - meter.success.skipped / max(1, tally.read))
                    events[paced].append(meter.success.fooling.n)
                if done:  # the first round warms up
                    runs.setdefault((paced, metered), []).append(tally)
            step(done)
    fps = {metered: np.array([tally.rate() for tally in runs[False, metered]]) for metered in (False, True)}
    p95 = {
        metered: np.array([np.percentile(list(tally.latency), 95) for tally in runs[True, metered]])
        for metered in (False, True)
    }
    return asdict(
        MeterFigures(
            fps_without=round(float(np.median(fps[False])), 1),
            fps_with=round(float(np.median(fps[True])), 1),
            throughput=round(float(np.median(fps[True] / fps[False])), 3),
            p95_without_ms=round(float(np.median(p95[False])), 2),
            p95_with_ms=round(float(np.median(p95[True])), 2),
            p95_more_ms=round(float(np.median(p95[True] - p95[False])), 2),
            looked_at=round(float(np.median(looked[True])), 3),
            events=round(float(np.mean(events[True])), 1),
            looked_at_fast=round(float(np.median(looked[False])), 3),
            events_fast=round(float(np.mean(events[False])), 1),
            frames=len(pictures),
            clip=clip,
        )
    )
