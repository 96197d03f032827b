"""A picture of a person, with the face found on it and brought to the size at which it is animated."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from deadpan.models.errors import DeadpanError
from deadpan.models.face import Face
from deadpan.models.frame import Frame, Image
from deadpan.models.tracker import FaceTracker

LOOKS = 12
"""Times that one picture is shown to the tracker, which looks for small faces in one tile a time."""


@dataclass(frozen=True, eq=False)
class Still:
    """One picture and the largest face on it."""

    name: str
    image: Image
    """(h, w, 3) uint8 BGR."""
    face: Face
    """Its landmarks lie in `image`."""

    def scaled(self, face_width: float) -> "Still":
        """The same with a face that is `face_width` px wide."""
        scale = face_width / self.face.width
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        image = np.asarray(cv2.resize(self.image, None, fx=scale, fy=scale, interpolation=way), np.uint8)
        landmarks = (self.face.landmarks + np.float32(0.5)) * np.float32(scale) - np.float32(0.5)
        return Still(self.name, image, Face(landmarks, self.face.pose, self.face.track))


def find(name: str, image: Image, model: bytes) -> Still:
    """The picture with its largest face; `model` is the landmarker's. Raises `DeadpanError` when there is no face."""
    tracker = FaceTracker(model)
    try:
        for look in range(LOOKS):
            faces = tracker.track(Frame(image, look, look / 30, 0.0)).faces
            if faces:
                return Still(name, image, max(faces, key=lambda face: face.width))
    finally:
        tracker.close()
    raise DeadpanError(f"{name}: no face was found on it; expected a picture of a person who faces the camera")


def follow(name: str, images: Iterable[Image], fps: float, model: bytes) -> Iterator[Still]:
    """Each picture of a clip with its largest face; ends where the face is lost. Raises `DeadpanError` if at once."""
    tracker = FaceTracker(model)
    index = -1
    try:
        for index, image in enumerate(images):
            faces = tracker.track(Frame(image, index, index / fps, 0.0)).faces
            if not faces:
                break
            yield Still(name, image, max(faces, key=lambda face: face.width))
    finally:
        tracker.close()
    if index < 1:
        raise DeadpanError(f"{name}: no face was found at its start; expected a clip of a person who faces the camera")
