"""A file or a generator played as a camera; what all cameras have in common is in `test_camera.py`."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from deadpan.app.camera import CameraError
from deadpan.app.clip import Clip, read_video
from deadpan.models.frame import Image

SIZE = (64, 48)


def shade(level: int) -> Image:
    return np.full((SIZE[1], SIZE[0], 3), level, np.uint8)


def timed(count: int, fps: float) -> Iterator[tuple[float, Image]]:
    return ((number / fps, shade(number)) for number in range(count))


def film(path: Path, levels: range, fps: int, kind: str | None = None) -> Path:
    """A real video file whose n-th picture has the n-th of `levels`."""
    with av.open(str(path), "w", format=kind) as file:
        stream = file.add_stream("libx264", rate=Fraction(fps))
        stream.width, stream.height = SIZE
        for level in levels:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(shade(level), format="bgr24")))
        file.mux(stream.encode(None))
    return path


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clip's clock in the test's hand: sleeping moves it, and so may the test."""
    hand = SimpleNamespace(now=100.0, slept=[])

    def sleep(seconds: float) -> None:
        hand.slept.append(seconds)
        hand.now += seconds

    monkeypatch.setattr("deadpan.app.clip.time", SimpleNamespace(perf_counter=lambda: hand.now, sleep=sleep))
    return hand


def test_a_paced_clip_plays_at_its_own_rate(clock: SimpleNamespace) -> None:
    shown = []
    for frame in Clip(timed(10, 25.0), 25.0, paced=True):
        assert frame is not None
        shown.append(clock.now - 100.0)
        clock.now += 0.01  # what the loop takes for a frame
    assert shown == pytest.approx(np.arange(10) / 25)


def test_a_paced_clip_skips_pictures_when_the_loop_is_late(clock: SimpleNamespace) -> None:
    levels, lags = [], []
    for frame in Clip(timed(100, 25.0), 25.0, paced=True):
        assert frame is not None
        assert frame.index == len(levels)
        levels.append(int(frame.image[0, 0, 0]))
        lags.append(clock.now - 100.0 - frame.time)
        clock.now += 0.2  # five frames' worth
    assert 18 <= len(levels) <= 25
    assert max(lags) <= 1.5 / 25 + 1e-9
    assert (np.diff(levels) > 0).all()


def test_an_unpaced_clip_waits_for_nobody_and_skips_nothing(clock: SimpleNamespace) -> None:
    levels = []
    for frame in Clip(timed(50, 25.0), 25.0, paced=False):
        assert frame is not None
        levels.append(int(frame.image[0, 0, 0]))
        clock.now += 1.0
    assert levels == list(range(50))
    assert clock.slept == []


def test_an_unpaced_clips_clock_is_the_frames_own_time() -> None:
    clip = Clip(timed(5, 25.0), 25.0, paced=False)
    assert all(frame is not None and clip.now() == frame.time for frame in clip)


def test_capture_time_is_when_the_picture_was_due(clock: SimpleNamespace) -> None:
    """Latency is measured from it: the wait for the picture's turn is not the loop's doing."""
    captured = [frame.captured for frame in Clip(timed(5, 25.0), 25.0, paced=True) if frame is not None]
    assert captured == pytest.approx(100.0 + np.arange(5) / 25)


def test_a_clip_without_pictures_is_refused() -> None:
    with pytest.raises(CameraError, match="holds no picture"):
        Clip([], 25.0, paced=False)


def test_a_file_keeps_its_rate_and_its_times(tmp_path: Path) -> None:
    pictures, fps = read_video(film(tmp_path / "clip.mp4", range(20, 120, 10), 24))
    assert fps == 24.0
    assert [time for time, _ in pictures] == pytest.approx(np.arange(10) / 24, abs=0.002)


def test_a_file_is_scaled_only_when_asked(tmp_path: Path) -> None:
    path = film(tmp_path / "clip.mp4", range(100, 103), 25)
    (_, own), *_ = read_video(path)[0]
    (_, scaled), *_ = read_video(path, (32, 24))[0]
    assert own.shape == (48, 64, 3)
    assert scaled.shape == (24, 32, 3)
    assert abs(scaled.mean() - own.mean()) < 1


def test_a_file_cut_short_gives_what_can_be_read(tmp_path: Path) -> None:
    path = film(tmp_path / "clip.mkv", range(10, 210, 5), 25)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    count = len(list(read_video(path)[0]))
    assert 1 <= count <= 40


def test_a_file_without_times_is_played_at_its_nominal_rate(tmp_path: Path) -> None:
    pictures, fps = read_video(film(tmp_path / "bare.h264", range(20, 120, 10), 25, "h264"))
    assert [time for time, _ in pictures] == pytest.approx(np.arange(10) / fps, abs=0.002)


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "no such file or camera"), (b"", "not a video"), (b"good morning\n" * 50, "not a video")],
)
def test_what_is_no_video_is_refused_in_one_line(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "talk.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CameraError, match=said) as caught:
        read_video(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_directory_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="a directory; expected a video file"):
        read_video(tmp_path)


def test_a_closed_clip_lets_go_of_its_pictures() -> None:
    ended = []

    def pictures() -> Iterator[tuple[float, Image]]:
        try:
            yield from timed(100, 25.0)
        finally:
            ended.append(True)

    clip = Clip(pictures(), 25.0, paced=False)
    next(iter(clip))
    clip.close()
    assert ended == [True]


def test_a_paced_clip_that_cannot_be_decoded_in_time_plays_slowly(clock: SimpleNamespace) -> None:
    """Nobody may be left in front of a still picture, nor Ctrl-C unheard."""

    def slow() -> Iterator[tuple[float, Image]]:
        for time, picture in timed(60, 30.0):
            clock.now += 0.05
            yield time, picture

    given = [frame for frame in Clip(slow(), 30.0, paced=True) if frame is not None]
    assert len(given) >= 20
