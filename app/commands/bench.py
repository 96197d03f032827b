"""`deadpan bench`: the whole protected loop against the bare landmarker call."""

from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.progress import Progress

from deadpan.app.bench import ROUNDS, SIZE, measure
from deadpan.app.clip import read_video
from deadpan.app.commands.options import (
    DEFAULT_PLAN,
    DEFAULT_STICKER,
    JsonFile,
    LandmarkerFile,
    check_json,
    console,
    face_landmarker,
    protection,
    write_json,
)
from deadpan.models.frame import Image


def bench(
    clip: Annotated[
        Path | None,
        typer.Option(help="A video with one face; without it, the demo's portrait.", show_default=False),
    ] = None,
    frames: Annotated[int, typer.Option(help="Frames of the clip to use, at most.", min=10, max=1000)] = 90,
    landmarker: LandmarkerFile = None,
    json: JsonFile = None,
) -> None:
    """Measure CPU time a frame at 1280×720: the bare landmarker call, then all that `run` does, in turn."""
    check_json(json)
    model = face_landmarker(landmarker)
    pictures = _decode(clip, frames)
    name = clip.name if clip else "portrait"
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("measuring", total=ROUNDS + 1)
        figures = measure(
            pictures,
            name,
            model,
            protection(DEFAULT_STICKER, DEFAULT_PLAN, None),
            lambda _: bar.advance(task),
        )
    write_json(json, figures)
    print(
        f"bare landmarker {figures['landmarker_ms']} ms, whole loop {figures['loop_ms']} ms of CPU a frame: "
        f"ratio {figures['ratio']} ({figures['frames']} frames of {name} at {SIZE[0]}×{SIZE[1]}, {ROUNDS} rounds)"
    )


def _decode(clip: Path | None, frames: int) -> list[Image]:
    """At most `frames` pictures, (720, 1280, 3) uint8 BGR."""
    if clip is not None:
        stream, _ = read_video(clip, SIZE)
        return [picture for _, (_, picture) in zip(range(frames), stream, strict=False)]
    from deadpan.calibration.portrait import FPS, pictures

    portrait = (picture[90:630] for _, picture in pictures(frames / FPS))  # 960×540 of 960×720: 16:9
    return [np.asarray(cv2.resize(picture, SIZE, interpolation=cv2.INTER_CUBIC), np.uint8) for picture in portrait]
