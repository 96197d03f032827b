"""`deadpan demo`: the protection at work, for someone with neither a camera nor a virtual camera."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import cv2
import numpy as np
import typer

from deadpan.app.clip import Clip, Timed
from deadpan.app.commands.options import (
    DEFAULT_PLAN,
    DEFAULT_RECOGNIZER,
    DEFAULT_STICKER,
    Device,
    JsonFile,
    LandmarkerFile,
    MeterSwitch,
    PlanName,
    ProtectionName,
    RecognizerName,
    StickerName,
    Strength,
    Tenths,
    check_json,
    endings,
    face_landmarker,
    protection,
    write_json,
)
from deadpan.app.commands.options import recognizer as open_recognizer
from deadpan.app.commands.progress import progress
from deadpan.app.commands.stopping import Stopped
from deadpan.app.commands.summary import summarise, told
from deadpan.app.loop import Session, run
from deadpan.app.meter import Meter, Truth
from deadpan.app.outgoing import Outgoing
from deadpan.app.overlay import draw
from deadpan.app.recording import Recording
from deadpan.app.tally import Tally
from deadpan.models.face import Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.tracker import FaceTracker

if TYPE_CHECKING:
    from deadpan.calibration.synthetic import synthesis


class BeforeAfter:
    """Records each clean frame and what went out instead of it, side by side. For pictures that nobody minds."""

    def __init__(self, recording: Recording, meter: Meter | None, tally: Tally) -> None:
        """Write to `recording`, twice as wide as the frames, with the panel of `meter` if there is one."""
        self._recording, self._meter, self._tally = recording, meter, tally

    def offer(self, frame: Frame, sighting: Sighting, outgoing: Outgoing) -> None:
        """See `Witness.offer`."""
        pair = np.hstack([captioned(frame.image, "before"), captioned(outgoing.image, "after")])
        if self._meter is not None:
            self._meter.offer(frame, sighting, outgoing)
            self._meter.settle()
            draw(pair, self._meter.success, self._tally, frame.time)
        self._recording.write(pair, frame.time)


def captioned(image: Image, caption: str) -> Image:
    """A copy with a word in the upper left corner."""
    copy = image.copy()
    place = (18, 40)
    for colour, thickness in (((0, 0, 0), 5), ((255, 255, 255), 2)):
        cv2.putText(copy, caption, place, cv2.FONT_HERSHEY_SIMPLEX, 0.9, colour, thickness, cv2.LINE_AA)
    return copy


def timed(person: "synthesis.Clip") -> Iterator[Timed]:
    """Each picture with its time in seconds."""
    return ((index / person.fps, picture) for index, picture in enumerate(person.pictures()))


def truth(person: "synthesis.Clip", labels: tuple[str, ...], start: float = 0.0) -> Truth:
    """The clip's events as the meter takes them: those whose class is one of the recognizer's `labels`."""
    known = (each for each in person.events if each.label in labels)
    return [(start + each.apex / person.fps, labels.index(each.label)) for each in known]


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the video.")] = Path(
        "deadpan-demo.mp4"
    ),
    seconds: Annotated[float, typer.Option(help="Length of the demo.", min=1, max=120)] = 30.0,
    shield: ProtectionName = None,
    strength: Strength = None,
    sticker: StickerName = DEFAULT_STICKER,
    plan: PlanName = DEFAULT_PLAN,
    k: Tenths = None,
    meter: MeterSwitch = True,
    recognizer: RecognizerName = DEFAULT_RECOGNIZER,
    device: Device = "auto",
    landmarker: LandmarkerFile = None,
    json: JsonFile = None,
) -> None:
    """Protect a moving portrait and write a video of it, before | after. Needs no camera and no virtual camera."""
    from deadpan.calibration.synthetic import portrait

    check_json(json)
    hiding = protection(sticker, plan, k, shield, strength)
    model = face_landmarker(landmarker)
    mind = open_recognizer(recognizer, device) if meter else None
    person = portrait.clip(seconds, model)
    clip = Clip(timed(person), person.fps, paced=False)
    width, height = clip.size
    with contextlib.ExitStack() as opened:
        recording = Recording(output, (2 * width, height), person.fps, drop=False)
        opened.callback(recording.discard)
        tracker = FaceTracker(model)
        opened.callback(tracker.close)
        said = opened.enter_context(progress())
        tally = Tally()
        watching = Meter(mind, model, hiding, truth(person, mind.labels), wait=True) if mind is not None else None
        if watching is not None:
            opened.callback(watching.close)
        session = Session(clip, tracker, hiding, sinks=[], witness=BeforeAfter(recording, watching, tally), tally=tally)
        session.each = lambda tally: said("protecting the portrait", tally.read, person.length)
        with endings(session.controls):
            run(session)
        recording.close()
    success = watching.success if watching is not None else None
    write_json(json, summarise(tally, clip.size, hiding, success))
    print(told(tally, hiding, success))
    if success is not None:
        print("the portrait's micro-expressions are synthetic: figures on them are not figures on people")
    print(f"before | after: {output}")
    if session.controls.stop:
        raise Stopped(f"stopped after {tally.read} of {person.length} frames; {output} is whole up to there")
