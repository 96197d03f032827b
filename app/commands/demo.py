"""`deadpan demo`: the protection at work, for someone with neither a camera nor a virtual camera."""

import contextlib
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.progress import Progress

from deadpan.app.clip import Clip
from deadpan.app.commands.options import (
    DEFAULT_PLAN,
    DEFAULT_STICKER,
    JsonFile,
    LandmarkerFile,
    PlanName,
    StickerName,
    Tenths,
    check_json,
    console,
    endings,
    face_landmarker,
    protection,
    write_json,
)
from deadpan.app.commands.summary import summarise, told
from deadpan.app.loop import Session, run
from deadpan.app.outgoing import Outgoing
from deadpan.app.recording import Recording
from deadpan.models.face import Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.tracker import FaceTracker


class BeforeAfter:
    """Records each clean frame and what went out instead of it, side by side. For pictures that nobody minds."""

    def __init__(self, recording: Recording) -> None:
        """Write to `recording`, twice as wide as the frames."""
        self._recording = recording

    def offer(self, frame: Frame, sighting: Sighting, outgoing: Outgoing) -> None:
        """See `Witness.offer`."""
        pair = np.hstack([captioned(frame.image, "before"), captioned(outgoing.image, "after")])
        self._recording.write(pair, frame.time)


def captioned(image: Image, caption: str) -> Image:
    """A copy with a word in the lower left corner."""
    copy = image.copy()
    place = (18, image.shape[0] - 20)
    for colour, thickness in (((0, 0, 0), 5), ((255, 255, 255), 2)):
        cv2.putText(copy, caption, place, cv2.FONT_HERSHEY_SIMPLEX, 0.9, colour, thickness, cv2.LINE_AA)
    return copy


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the video.")] = Path(
        "deadpan-demo.mp4"
    ),
    seconds: Annotated[float, typer.Option(help="Length of the demo.", min=1, max=60)] = 8.0,
    sticker: StickerName = DEFAULT_STICKER,
    plan: PlanName = DEFAULT_PLAN,
    k: Tenths = None,
    landmarker: LandmarkerFile = None,
    json: JsonFile = None,
) -> None:
    """Protect a moving portrait and write a video of it, before | after. Needs no camera and no virtual camera."""
    from deadpan.calibration import portrait

    check_json(json)
    hiding = protection(sticker, plan, k)
    model = face_landmarker(landmarker)
    clip = Clip(portrait.pictures(seconds), portrait.FPS, paced=False)
    width, height = clip.size
    with contextlib.ExitStack() as opened:
        recording = Recording(output, (2 * width, height), portrait.FPS, drop=False)
        opened.callback(recording.discard)
        tracker = FaceTracker(model)
        opened.callback(tracker.close)
        bar = opened.enter_context(Progress(console=console, transient=True, disable=not console.is_terminal))
        task = bar.add_task("protecting the portrait", total=round(seconds * portrait.FPS))
        session = Session(clip, tracker, hiding, sinks=[], witness=BeforeAfter(recording))
        session.each = lambda tally: bar.update(task, completed=tally.read)
        with endings(session.controls):
            tally = run(session)
        recording.close()
    figures = summarise(tally, clip.size, hiding)
    write_json(json, figures)
    print(told(tally, hiding))
    print(f"before | after: {output}")
