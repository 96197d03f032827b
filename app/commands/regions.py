"""`deadpan regions`: the 14 regions drawn over a face."""

from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from deadpan.app.commands.options import LandmarkerFile, face_landmarker
from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Frame
from deadpan.models.tracker import FaceTracker
from deadpan.stickers.regions import REGIONS


def regions(
    image: Annotated[Path, typer.Option("--image", help="A picture with a face in it.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the drawing (PNG or JPEG).")],
    landmarker: LandmarkerFile = None,
) -> None:
    """Draw the 14 regions of interest over the faces in a picture."""
    picture = cv2.imread(str(image), cv2.IMREAD_COLOR) if image.is_file() else None
    if picture is None:
        raise DeadpanError(f"{image}: not a picture that can be read")
    if output.suffix.lower() not in (".png", ".jpg", ".jpeg") or not output.parent.is_dir():
        raise DeadpanError(f"{output}: cannot be written; expected a PNG or JPEG in a folder that exists")
    tracker = FaceTracker(face_landmarker(landmarker))
    try:
        frame = Frame(np.asarray(picture, np.uint8), 0, 0.0, 0.0)
        faces = tracker.track(frame).faces
    finally:
        tracker.close()
    if not faces:
        raise DeadpanError(f"{image}: no face of at least 7 % of the picture's height found")
    # Drawn at twice the size or more, so that 14 outlines and numbers stay readable on a small face.
    zoom = max(1.0, 700 / max(face.width for face in faces))
    drawing = cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    for face in faces:
        for region in REGIONS:
            hue = np.uint8([[[region.number * 12 % 180, 170, 255]]])  # type: ignore[call-overload]
            blue, green, red = (int(level) for level in cv2.cvtColor(hue, cv2.COLOR_HSV2BGR)[0, 0])
            corners = np.rint(region.corners(face) * zoom).astype(np.int32)
            cv2.polylines(drawing, [corners], True, (blue, green, red), 2, cv2.LINE_AA)
            x, y = (int(value) for value in region.centre(face) * zoom)
            cv2.circle(drawing, (x, y), 3, (blue, green, red), -1, cv2.LINE_AA)
            for colour, thickness in (((0, 0, 0), 4), ((blue, green, red), 1)):
                cv2.putText(
                    drawing, str(region.number), (x + 6, y - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.6, colour, thickness, cv2.LINE_AA
                )
    if not cv2.imwrite(str(output), drawing):
        raise DeadpanError(f"{output}: cannot be written")
    for region in REGIONS:
        units = ", ".join(str(unit) for unit in region.action_units)
        print(f"{region.number:2}  {region.name:17} action units {units}")
    print(f"{len(faces)} face{'s' if len(faces) > 1 else ''}: {output}")
