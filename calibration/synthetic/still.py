"""A picture of a person, with the face found on it and brought to the size at which it is animated."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from deadpan.models.errors import DeadpanError
from deadpan.models.face import Face
from deadpan.models.frame import Frame, Image
from deadpan.models.tracker import FaceTracker

MARGIN = 64
"""Px round the frame that a moving head may bring into it."""
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

    def between(self, columns: tuple[int, int]) -> "Still":
        """The part of the picture between two columns, px."""
        left, right = columns
        landmarks = self.face.landmarks - np.array([left, 0], np.float32)
        return Still(self.name, self.image[:, left:right], Face(landmarks, self.face.pose, self.face.track))

    def framed(self, size: tuple[int, int]) -> "Still":
        """The same with the face in the middle of a picture of `size` (width, height) and `MARGIN` px round it.

        Where the picture ends, its edge goes on out of focus, as a wall behind a person would.
        """
        width, height = size[0] + 2 * MARGIN, size[1] + 2 * MARGIN
        left, top, right, bottom = self.face.box
        shift = np.round(np.array([width - left - right, height - top - bottom]) / 2).astype(int)
        move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float64)
        sharp = cv2.warpAffine(
            self.image, move, (width, height), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
        )
        whole = np.full(self.image.shape[:2], 255, np.uint8)
        there = cv2.warpAffine(whole, move, (width, height), flags=cv2.INTER_NEAREST)
        image = np.asarray(sharp, np.uint8)
        if int(there.min()) < 255:
            # A seam that falls off inside the picture, so that nothing of the streaks behind it shows.
            seam = cv2.distanceTransform(there, cv2.DIST_L2, 5)[..., None] / np.float32(24)
            keep = np.clip(seam, 0, 1)
            mixed = sharp * keep + cv2.GaussianBlur(sharp, (0, 0), 30) * (1 - keep)
            image = np.rint(mixed).astype(np.uint8)
        landmarks = self.face.landmarks + shift.astype(np.float32)
        return Still(self.name, image, Face(landmarks, self.face.pose, self.face.track))


def find(name: str, image: Image, model: bytes, near: tuple[float, float] | None = None) -> Still:
    """The picture with its largest face, or the one `near` a point, px; `model` is the landmarker's.

    Raises `DeadpanError` when there is no face.
    """
    tracker = FaceTracker(model)
    try:
        for look in range(LOOKS):
            faces = tracker.track(Frame(image, look, look / 30, 0.0)).faces
            if near is not None:
                faces = tuple(face for face in faces if _apart(face, near) < face.width / 2)
            if faces:
                return Still(name, image, max(faces, key=lambda face: face.width))
    finally:
        tracker.close()
    raise DeadpanError(f"{name}: no face was found on it; expected a picture of a person who faces the camera")


def follow(name: str, images: Iterable[Image], fps: float, model: bytes) -> Iterator[Still]:
    """Each picture of a clip with its largest face; ends where the face is lost. Raises `DeadpanError` if at once."""
    tracker = FaceTracker(model)
    given = 0
    try:
        for index, image in enumerate(images):
            faces = tracker.track(Frame(image, index, index / fps, 0.0)).faces
            if not faces:
                break
            given += 1
            yield Still(name, image, max(faces, key=lambda face: face.width))
    finally:
        tracker.close()
    if not given:
        raise DeadpanError(f"{name}: no face was found at its start; expected a clip of a person who faces the camera")


def _apart(face: Face, point: tuple[float, float]) -> float:
    return float(np.linalg.norm(face.landmarks.mean(axis=0) - np.array(point)))
