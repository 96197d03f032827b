"""`deadpan bench`: the whole protected loop against the bare landmarker call."""

from itertools import count, islice
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from deadpan.app.bench import FPS, ROUNDS, SIZE, measure, measure_meter
from deadpan.app.clip import read_video
from deadpan.app.commands.options import (
    DEFAULT_PLAN,
    DEFAULT_RECOGNIZER,
    DEFAULT_STICKER,
    Device,
    JsonFile,
    LandmarkerFile,
    ProtectionName,
    RecognizerName,
    Strength,
    check_json,
    face_landmarker,
    protection,
    write_json,
)
from deadpan.app.commands.options import recognizer as open_recognizer
from deadpan.app.commands.progress import progress
from deadpan.models.frame import Image


def bench(
    clip: Annotated[
        Path | None,
        typer.Option(help="A video with one face; without it, the demo's portrait.", show_default=False),
    ] = None,
    shield: ProtectionName = None,
    strength: Strength = None,
    frames: Annotated[int, typer.Option(help="Frames of the clip to use, at most.", min=10, max=1000)] = 90,
    meter: Annotated[
        bool, typer.Option("--meter", help="Measure the loop with the meter against the loop without it instead.")
    ] = False,
    recognizer: RecognizerName = DEFAULT_RECOGNIZER,
    device: Device = "auto",
    landmarker: LandmarkerFile = None,
    json: JsonFile = None,
) -> None:
    """Measure CPU time a frame at 1280×720: the bare landmarker call, then all that `run` does, in turn.

    And at the rate of a call, how many frames that keeps and how long each takes.
    """
    check_json(json)
    hiding = protection(DEFAULT_STICKER, DEFAULT_PLAN, None, shield, strength)
    model = face_landmarker(landmarker)
    watching = open_recognizer(recognizer, device) if meter else None
    pictures = _decode(clip, frames) if clip is not None or not meter else _events(frames, model)
    name = clip.name if clip else "portrait"
    with progress() as told:
        done = count(1)

        def measured(_: object) -> None:
            told("measuring", next(done), ROUNDS + 1)

        if watching is None:
            figures = measure(pictures, name, model, hiding, measured)
        else:
            figures = measure_meter(pictures, name, model, hiding, watching, measured)
    figures |= {"protection": hiding.name, "strength": hiding.strength}
    write_json(json, figures)
    if watching is not None:
        print(
            f"as fast as it goes: {figures['fps_without']} frames/s without the meter, {figures['fps_with']} with it: "
            f"throughput {figures['throughput']} (looked at {figures['looked_at_fast']:.0%}, judged "
            f"{figures['events_fast']} events a round)\n"
            f"at {FPS:.0f} frames/s: p95 latency {figures['p95_without_ms']} ms "
            f"without, {figures['p95_with_ms']} ms with it: {figures['p95_more_ms']:+} ms; the meter looked at "
            f"{figures['looked_at']:.0%} of the frames and judged {figures['events']} events a round\n"
            f"({figures['frames']} frames of {name} at {SIZE[0]}×{SIZE[1]}, {ROUNDS} rounds)"
        )
        return
    print(
        f"bare landmarker {figures['landmarker_ms']} ms, whole loop {figures['loop_ms']} ms of CPU a frame: "
        f"ratio {figures['ratio']} ({hiding.name}, {figures['frames']} frames of {name} at {SIZE[0]}×{SIZE[1]}, "
        f"{ROUNDS} rounds)\n"
        f"at {FPS:.0f} frames/s on {figures['cores']} cores: {figures['kept']:.0%} of the frames kept, "
        f"{figures['smaller']:.0%} worked on in a smaller size; p95 latency {figures['p95_ms']} ms"
    )


def _decode(clip: Path | None, frames: int) -> list[Image]:
    """At most `frames` pictures, (720, 1280, 3) uint8 BGR."""
    if clip is not None:
        stream, _ = read_video(clip, SIZE)
        return [picture for _, (_, picture) in zip(range(frames), stream, strict=False)]
    from deadpan.calibration.synthetic import portrait

    return [_wide(picture) for _, picture in portrait.pictures(frames / portrait.FPS)]


def _events(frames: int, model: bytes) -> list[Image]:
    """The portrait with micro-expressions, without the quiet at its start; as in `_decode`."""
    from deadpan.calibration.synthetic import portrait

    quiet = 45
    person = portrait.clip((frames + quiet) / portrait.FPS, model)
    return [_wide(picture) for picture in islice(person.pictures(), quiet, None)]


def _wide(picture: Image) -> Image:
    middle = picture[90:630]  # 960×540 of 960×720: 16:9
    return np.asarray(cv2.resize(middle, SIZE, interpolation=cv2.INTER_CUBIC), np.uint8)
