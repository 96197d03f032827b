"""MediaPipe's face landmarker: a picture in, 478 points a face out."""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import mediapipe
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision
from numpy.typing import NDArray

from deadpan.models.face import Points
from deadpan.models.frame import Image

MOST_FACES = 4
"""Faces that one call looks for."""
CONFIDENCE = 0.5
"""Of detection, presence and tracking: MediaPipe's own. On five real clips and 1,672 frames every value from 0.1 to
0.5 finds a face on all frames, and at 0.2 a clip without faces gets one (`tests/test_tracker.py` counts again on
the clips that come with a wheel)."""


@dataclass(frozen=True, eq=False)
class Found:
    """One face as the network gives it, before it is known which face it is."""

    landmarks: Points
    """(478, 2) float32, px, x right, y down, in the picture that was passed."""
    pose: tuple[float, float, float]
    """Yaw, pitch, roll in degrees, signs as in `Face.pose`."""

    @cached_property
    def centre(self) -> Points:
        """(2,) float32, px: the middle of the landmarks' bounds."""
        middle: Points = (self.landmarks.min(axis=0) + self.landmarks.max(axis=0)) / 2
        return middle

    @cached_property
    def side(self) -> float:
        """Px: the longer side of the landmarks' bounds."""
        return float(np.ptp(self.landmarks, axis=0).max())


class Landmarker:
    """One instance of the network, either following faces through a stream or looking at pictures singly."""

    def __init__(self, model: bytes, *, stream: bool, detection: float = CONFIDENCE, faces: int = MOST_FACES) -> None:
        """Take the model's checked bytes; `stream` follows faces from one picture to the next, at most so many."""
        self._stream = stream
        self._last_ms = -1
        mode = vision.RunningMode.VIDEO if stream else vision.RunningMode.IMAGE
        options = vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=model),
            running_mode=mode,
            num_faces=faces,
            min_face_detection_confidence=detection,
            min_face_presence_confidence=CONFIDENCE,
            min_tracking_confidence=CONFIDENCE,
            output_facial_transformation_matrixes=True,
        )
        with _quiet():
            self._network = vision.FaceLandmarker.create_from_options(options)
            # The first call starts threads and logs; better here than before a caller's eyes.
            self.find(np.zeros((64, 64, 3), np.uint8), 0.0)

    def find(self, rgb: Image, time: float) -> list[Found]:
        """Every face in `rgb`, (h, w, 3) uint8 in *RGB*; `time` in seconds matters to a stream only."""
        result = self.call(picture(rgb), time)
        height, width = rgb.shape[:2]
        return [
            Found(_points(marks, width, height), _angles(matrix))
            for marks, matrix in zip(result.face_landmarks, result.facial_transformation_matrixes, strict=True)
        ]

    def call(self, picture: Any, time: float) -> Any:
        """The network's own call and its own answer: what `deadpan bench` measures the loop against."""
        if not self._stream:
            return self._network.detect(picture)
        # MediaPipe wants whole milliseconds that rise strictly.
        self._last_ms = max(self._last_ms + 1, int(time * 1000))
        return self._network.detect_for_video(picture, self._last_ms)

    def close(self) -> None:
        """Release the network. Left to the interpreter's exit, MediaPipe prints a TypeError."""
        self._network.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def picture(rgb: Image) -> Any:
    """MediaPipe's own picture from (h, w, 3) uint8 RGB."""
    return mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))


def _points(marks: list[Any], width: int, height: int) -> Points:
    points = np.array([(mark.x, mark.y) for mark in marks], np.float32)
    return points * np.array([width, height], np.float32)


def _angles(matrix: NDArray[np.float32]) -> tuple[float, float, float]:
    """Yaw, pitch, roll in degrees from MediaPipe's 4×4 face-to-camera matrix (y up, z towards the viewer)."""
    r = matrix[:3, :3]
    yaw = np.degrees(np.arctan2(r[0, 2], r[2, 2]))
    pitch = np.degrees(np.arcsin(np.clip(-r[1, 2], -1, 1)))
    roll = np.degrees(np.arctan2(-r[1, 0], r[1, 1]))
    return float(yaw), float(pitch), float(roll)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Send what native code writes to stderr to nowhere: MediaPipe's start-up notes cannot be switched off."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # no stderr at all (a GUI launcher)
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
