"""`deadpan regions`: the 14 regions drawn over a face."""

from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from deadpan.app.commands.options import LandmarkerFile, face_landmarker, refuse_overwriting
from deadpan.models.errors import DeadpanError
from deadpan.models.face import Face
from deadpan.models.frame import Frame, Image
from deadpan.models.tracker import SMALLEST, FaceTracker
from deadpan.stickers.regions import REGIONS


def regions(
    image: Annotated[Path, typer.Option("--image", help="A picture with a face in it.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the drawing (PNG or JPEG).")],
    landmarker: LandmarkerFile = None,
) -> None:
    """Draw the 14 regions of interest over the faces in a picture."""
    if not image.is_file():
        raise DeadpanError(f"{image}: no such file")
    picture = cv2.imread(str(image), cv2.IMREAD_COLOR)
    if picture is None:
        raise DeadpanError(f"{image}: not a picture that can be read")
    if output.suffix.lower() not in (".png", ".jpg", ".jpeg") or not output.parent.is_dir():
        raise DeadpanError(f"{output}: cannot be written; expected a PNG or JPEG in a folder that exists")
    refuse_overwriting(image, {"--output": output})
    tracker = FaceTracker(face_landmarker(landmarker))
    try:
        frame = Frame(np.asarray(picture, np.uint8), 0, 0.0, 0.0)
        faces = tracker.track(frame).faces
    finally:
        tracker.close()
    if not faces:
        raise DeadpanError(f"{image}: no face found; expected one of {SMALLEST / 720:.0%} of the shorter side or wider")
    drawing = draw(frame.image, faces)
    if not cv2.imwrite(str(output), drawing):
        raise DeadpanError(f"{output}: cannot be written")
    for region in REGIONS:
        units = ", ".join(str(unit) for unit in region.action_units)
        print(f"{region.number:2}  {region.name:17} action units {units}")
    print(f"{len(faces)} face{'s' if len(faces) > 1 else ''}: {output}")


def draw(picture: Image, faces: tuple[Face, ...]) -> Image:
    """An enlarged copy of `picture`, (h, w, 3) uint8 BGR, with each region's window, centre and number."""
    # So large that 14 numbers stay readable on the smallest face, within what a viewer can show.
    zoom = max(1.0, min(900 / min(face.width for face in faces), 2400 / max(picture.shape[:2])))
    drawing = np.asarray(cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC), np.uint8)
    for face in faces:
        scale = max(0.4, face.width * zoom / 600)
        for region in REGIONS:
            hue = np.full((1, 1, 3), (region.number * 12 % 180, 170, 255), np.uint8)
            blue, green, red = (int(level) for level in cv2.cvtColor(hue, cv2.COLOR_HSV2BGR)[0, 0])
            corners = np.rint(region.corners(face) * zoom).astype(np.int32)
            cv2.polylines(drawing, [corners], True, (blue, green, red), max(1, round(3 * scale)), cv2.LINE_AA)
            x, y = (int(value) for value in region.centre(face) * zoom)
            cv2.circle(drawing, (x, y), max(2, round(4 * scale)), (blue, green, red), -1, cv2.LINE_AA)
            place = (x + round(8 * scale), y - round(8 * scale))
            for colour, thickness in (((0, 0, 0), 7), ((255, 255, 255), 2)):
                width = max(1, round(thickness * scale))
                cv2.putText(
                    drawing,
                    str(region.number),
                    place,
                    cv2.FONT_HERSHEY_SIMPLEX,
                    scale,
                    colour,
                    width,
                    cv2.LINE_AA,
                )
    return drawing
