"""Every camera keeps one contract: a plugged-in one, a file, a generator.

A plugged-in camera cannot be had on every machine: here OpenCV's capture is replaced by one that is told when it is
plugged in and what it sees. The virtual-camera lab runs the real thing.
"""

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import cv2
import numpy as np
import pytest

from deadpan.app import camera as module
from deadpan.app.camera import Camera, CameraError, LiveCamera
from deadpan.app.clip import Clip, read_video
from deadpan.models.frame import Frame, Image

SIZE = (64, 48)
PATIENCE = 20.0
"""Seconds after which a test gives up waiting for what should have happened at once."""


def shade(level: int, size: tuple[int, int] = SIZE) -> Image:
    """A plain picture that can be told by its level."""
    return np.full((size[1], size[0], 3), level, np.uint8)


def level(frame: Frame | None) -> int:
    assert frame is not None
    return round(float(frame.image.mean()))


class Plug:
    """A camera on a wire: what it sees, and whether it is plugged in."""

    def __init__(self) -> None:
        self.moved = threading.Condition()
        self.plugged = True
        self.pictures: deque[np.ndarray[Any, Any]] = deque()
        self.endless: Callable[[], Image] | None = None
        self.fps = 25.0
        self.opened: list[tuple[int | str, int]] = []
        self.held = 0
        self.asked: dict[int, float] = {}

    def see(self, *pictures: np.ndarray[Any, Any]) -> None:
        with self.moved:
            self.pictures.extend(pictures)
            self.moved.notify_all()

    def pull(self) -> None:
        with self.moved:
            self.plugged = False
            self.pictures.clear()
            self.moved.notify_all()

    def push(self) -> None:
        with self.moved:
            self.plugged = True
            self.moved.notify_all()

    def drained(self) -> None:
        """Wait until the reading thread has taken all that there was to see, and waits for more."""
        with self.moved:
            assert self.moved.wait_for(lambda: not self.pictures, PATIENCE)
        waiting = threading.Event()
        with self.moved:
            self.on_wait = waiting.set
        assert waiting.wait(PATIENCE)

    def on_wait(self) -> None:
        """Called by the reading thread each time that it finds nothing to see."""


class Capture:
    """Stands for `cv2.VideoCapture` on the wire's other end."""

    def __init__(self, plug: Plug, source: int | str, backend: int) -> None:
        self.plug = plug
        self.good = plug.plugged
        plug.opened.append((source, backend))
        plug.held += self.good

    def isOpened(self) -> bool:  # noqa: N802  (OpenCV's own name)
        return self.good

    def set(self, key: int, value: float) -> bool:
        self.plug.asked[key] = value
        return True

    def get(self, key: int) -> float:
        return self.plug.fps if key == cv2.CAP_PROP_FPS else 0.0

    def grab(self) -> bool:
        plug = self.plug
        with plug.moved:
            while self.good and plug.plugged and not plug.pictures:
                if plug.endless is not None:
                    plug.pictures.append(plug.endless())
                    break
                plug.on_wait()
                plug.moved.wait(0.01)
            if not (self.good and plug.plugged):
                return False
            self.picture = plug.pictures.popleft()
            plug.moved.notify_all()
            return True

    def retrieve(self) -> tuple[bool, np.ndarray[Any, Any]]:
        return True, self.picture

    def release(self) -> None:
        with self.plug.moved:
            self.plug.held -= self.good
            self.good = False
            self.plug.moved.notify_all()


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plug]:
    """A plugged-in camera whose every number and path is on one wire; it is pulled in the end, so that threads end."""
    wire = Plug()
    monkeypatch.setattr(cv2, "VideoCapture", lambda source, backend: Capture(wire, source, backend))
    monkeypatch.setattr(module, "RETRY", (0.001, 0.004))
    monkeypatch.setattr(module, "TICK", 0.01)
    yield wire
    wire.pull()


@pytest.fixture
def camera(plug: Plug) -> Iterator[LiveCamera]:
    """A camera on that wire, which has seen one black picture."""
    plug.see(shade(0))
    camera = LiveCamera(0, SIZE, 30.0)
    yield camera
    plug.pull()  # a read that waits for a picture ends with it
    camera.close()


class CameraContract:
    """What holds for every camera; a subclass says how to make one that gives at least six frames."""

    @pytest.fixture
    def camera(self) -> Iterator[Camera]:
        raise NotImplementedError

    def frames(self, camera: Camera, count: int = 6) -> list[Frame]:
        return list(islice((frame for frame in camera if frame is not None), count))

    def test_indices_count_from_zero_without_gaps(self, camera: Camera) -> None:
        assert [frame.index for frame in self.frames(camera)] == list(range(6))

    def test_times_rise_strictly(self, camera: Camera) -> None:
        times = np.array([frame.time for frame in self.frames(camera)])
        assert (np.diff(times) > 0).all()

    def test_the_clock_is_never_behind_the_frame(self, camera: Camera) -> None:
        seen = 0
        for frame in camera:
            if frame is not None:
                assert camera.now() >= frame.time - 1e-9
                seen += 1
            if seen == 6:
                break
        assert seen == 6

    def test_every_frame_is_of_the_named_size_and_kind(self, camera: Camera) -> None:
        for frame in self.frames(camera):
            assert frame.size == camera.size == SIZE
            assert frame.image.dtype == np.uint8
            assert frame.image.shape[2] == 3

    def test_the_source_names_its_rate(self, camera: Camera) -> None:
        assert camera.fps == 25.0

    def test_a_frame_is_not_written_to_after_it_was_made(self, camera: Camera) -> None:
        kept: list[tuple[Frame, bytes]] = []
        for frame in camera:
            if frame is not None:
                kept.append((frame, frame.image.tobytes()))
            if len(kept) == 6:
                break
        assert all(frame.image.tobytes() == then for frame, then in kept)
        assert len({then for _, then in kept}) == 6

    def test_a_closed_camera_gives_no_more_frames(self, camera: Camera) -> None:
        frames = iter(camera)
        next(frames)
        camera.close()
        assert next(frames, None) is None

    def test_closing_twice_is_harmless(self, camera: Camera) -> None:
        camera.close()
        camera.close()


class TestLiveCameraKeepsTheContract(CameraContract):
    @pytest.fixture
    def camera(self, plug: Plug) -> Iterator[Camera]:
        levels = iter(range(1_000_000))
        plug.endless = lambda: shade(next(levels) % 250)
        camera = LiveCamera(0, SIZE, 30.0)
        yield camera
        plug.pull()
        camera.close()


class TestGeneratorKeepsTheContract(CameraContract):
    @pytest.fixture
    def camera(self) -> Camera:
        return Clip(((number / 25, shade(number)) for number in range(6)), 25.0, paced=False)

    def test_it_ends_with_its_pictures(self, camera: Camera) -> None:
        assert len(list(camera)) == 6


class TestFileKeepsTheContract(CameraContract):
    paced = False

    @pytest.fixture
    def camera(self, tmp_path: Path) -> Camera:
        path = tmp_path / "clip.mp4"
        with av.open(str(path), "w") as file:
            stream = file.add_stream("libx264", rate=Fraction(25))
            stream.width, stream.height = SIZE
            for number in range(6):
                file.mux(stream.encode(av.VideoFrame.from_ndarray(shade(20 + 30 * number), format="bgr24")))
            file.mux(stream.encode(None))
        return Clip(*read_video(path), paced=self.paced)

    def test_it_gives_the_files_pictures_in_order(self, camera: Camera) -> None:
        levels = [level(frame) for frame in camera]
        assert np.abs(np.array(levels) - np.arange(20, 200, 30)).max() <= 6  # the codec's own error


class TestPacedFileKeepsTheContract(TestFileKeepsTheContract):
    paced = True

    @pytest.fixture(autouse=True)
    def patient_clock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A clock that moves only when it is waited for: a busy machine makes no clip skip."""
        clock = SimpleNamespace(now=100.0)

        def sleep(seconds: float) -> None:
            clock.now += seconds

        monkeypatch.setattr("deadpan.app.clip.time", SimpleNamespace(perf_counter=lambda: clock.now, sleep=sleep))


def test_only_the_newest_frame_is_handed_over(plug: Plug, camera: LiveCamera) -> None:
    frames = iter(camera)
    assert level(next(frames)) == 0
    plug.see(*(shade(number) for number in range(1, 9)))
    plug.drained()
    newest = next(frames)
    assert level(newest) == 8
    assert newest is not None
    assert newest.index == 1  # what was skipped leaves no gap


def test_an_unplugged_camera_still_ticks(plug: Plug, camera: LiveCamera) -> None:
    frames = iter(camera)
    next(frames)
    plug.pull()
    assert [next(frames) for _ in range(5)] == [None] * 5


def test_a_camera_that_comes_back_is_reopened_and_goes_on_counting(plug: Plug, camera: LiveCamera) -> None:
    frames = iter(camera)
    before = next(frames)
    plug.pull()
    assert next(frames) is None
    plug.push()
    plug.see(shade(77))
    after = next(frame for frame in frames if frame is not None)
    assert before is not None
    assert level(after) == 77
    assert after.index == 1
    assert after.time > before.time
    assert plug.held == 1  # the dead one was released


def test_closing_releases_the_device(plug: Plug, camera: LiveCamera) -> None:
    assert plug.held == 1
    plug.endless = lambda: shade(1)
    camera.close()
    assert plug.held == 0
    camera.close()
    assert plug.held == 0


def test_reopening_backs_off_and_starts_anew_after_a_success(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY", (0.25, 4.0))
    waits: list[float] = []
    enough = threading.Event()

    class Impatient(threading.Event):
        """Notes how long it was to wait, and does not."""

        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            if len(waits) == 8:
                enough.set()
            return super().wait(0.001)

    replaced = SimpleNamespace(Event=Impatient, Condition=threading.Condition, Thread=threading.Thread)
    monkeypatch.setattr(module, "threading", replaced)
    plug.see(shade(0))
    camera = LiveCamera(0, SIZE, 30.0)
    plug.pull()
    assert enough.wait(PATIENCE)
    assert waits[:7] == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0]

    plug.push()
    plug.see(shade(5))
    frames = iter(camera)
    assert any(level(frame) == 5 for frame in frames if frame is not None)
    del waits[:]
    enough.clear()
    plug.pull()
    assert enough.wait(PATIENCE)
    assert waits[:3] == [0.25, 0.5, 1.0]
    camera.close()


def test_another_size_after_replugging_is_brought_to_the_sessions_size(plug: Plug, camera: LiveCamera) -> None:
    frames = iter(camera)
    next(frames)
    plug.pull()
    assert next(frames) is None
    plug.push()
    plug.see(shade(90, (320, 240)))
    after = next(frame for frame in islice(frames, 2000) if frame is not None)
    assert after.size == camera.size == SIZE
    assert level(after) == 90


def test_the_camera_decides_its_size(plug: Plug) -> None:
    plug.see(shade(1, (160, 120)))
    camera = LiveCamera(0, None, 30.0)
    assert camera.size == (160, 120)
    plug.pull()
    camera.close()


@pytest.mark.parametrize("shape", [(48, 64), (48, 64, 1), (48, 64, 3), (48, 64, 4)])
def test_grey_and_other_pictures_become_bgr(plug: Plug, shape: tuple[int, ...]) -> None:
    plug.see(np.full(shape, 123, np.uint8))
    camera = LiveCamera(0, SIZE, 30.0)
    frame = next(iter(camera))
    assert frame is not None
    assert frame.image.shape == (48, 64, 3)
    assert (frame.image == 123).all()
    plug.pull()
    camera.close()


@pytest.mark.parametrize("picture", [np.full((48, 64), 300 * 100, np.uint16), np.full((48, 64, 3), 0.4578, np.float32)])
def test_a_picture_of_finer_levels_keeps_its_brightness(plug: Plug, picture: np.ndarray[Any, Any]) -> None:
    """The lowest byte alone would be noise."""
    plug.see(picture)
    camera = LiveCamera(0, SIZE, 30.0)
    frame = next(iter(camera))
    assert frame is not None
    assert (frame.image == 116).all()
    plug.pull()
    camera.close()


def test_a_device_is_asked_for_compressed_pictures_of_the_wanted_size(plug: Plug, camera: LiveCamera) -> None:
    assert plug.asked == {
        cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"MJPG"),
        cv2.CAP_PROP_FRAME_WIDTH: 64,
        cv2.CAP_PROP_FRAME_HEIGHT: 48,
        cv2.CAP_PROP_FPS: 30.0,
    }


def test_a_stream_from_the_network_is_read_by_ffmpeg_and_asked_for_nothing(plug: Plug) -> None:
    plug.see(shade(0))
    camera = LiveCamera("rtsp://camera.example/1", SIZE, 30.0)
    assert plug.opened == [("rtsp://camera.example/1", cv2.CAP_FFMPEG)]
    assert plug.asked == {}
    plug.pull()
    camera.close()


@pytest.mark.parametrize("named", [0.0, 90_000.0, float("nan")])
def test_a_camera_that_names_no_rate_or_its_clocks_counts_as_giving_the_one_asked_for(named: float, plug: Plug) -> None:
    plug.fps = named
    plug.see(shade(0))
    camera = LiveCamera(0, SIZE, 30.0)
    assert camera.fps == 30.0
    plug.pull()
    camera.close()


def test_a_camera_without_a_first_picture_is_one_line_and_released(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PICTURE", 0.05)
    with pytest.raises(CameraError, match="opened, but gave no picture") as caught:
        LiveCamera(0, SIZE, 30.0)
    assert "\n" not in str(caught.value)
    plug.pull()
    with plug.moved:
        assert plug.moved.wait_for(lambda: plug.held == 0, PATIENCE)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (99, "no camera /dev/video99; cameras here: "),
        ("/dev/video98", "no camera /dev/video98; cameras here: "),
        ("/dev/null", "/dev/null: gives no pictures"),
        ("/dev", "/dev: not a camera"),
        (__file__, "test_camera.py: not a camera"),
        ("http://127.0.0.1:9/stream", "http://127.0.0.1:9/stream: no video there"),
    ],
)
def test_what_is_no_camera_is_refused_in_one_line(source: int | str, said: str) -> None:
    with pytest.raises(CameraError) as caught:
        LiveCamera(source, SIZE, 30.0)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_who_has_no_camera_is_led_to_what_needs_neither_camera_nor_virtual_camera() -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux lists its cameras")
    with pytest.raises(CameraError, match="or try `deadpan demo`"):
        LiveCamera(99, SIZE, 30.0)


def test_a_picture_of_another_shape_is_fitted_with_black_beside_it() -> None:
    """A face must not be squeezed: the landmarker knows no such faces."""
    fitted = module.fit(np.full((100, 50, 3), 200, np.uint8), (200, 100))
    assert fitted.shape == (100, 200, 3)
    assert (fitted[:, 75:125] == 200).all()
    assert not fitted[:, :75].any()
    assert not fitted[:, 125:].any()


def test_a_size_that_was_asked_for_is_what_frames_have(plug: Plug) -> None:
    plug.see(shade(7, (64, 48)))
    camera = LiveCamera("rtsp://there", (160, 120), 30.0)
    frame = next(iter(camera))
    assert frame is not None
    assert frame.size == camera.size == (160, 120)
    plug.pull()
    camera.close()
