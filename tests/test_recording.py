"""The recording, with its real codec: what was sent comes back, and a file is whole or not there at all."""

import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from deadpan.app.outgoing import Outgoing, Reason, SinkError
from deadpan.app.recording import BEHIND, Recording
from deadpan.models.frame import Image

SIZE = (64, 48)
PATIENCE = 20.0
"""Seconds after which a test gives up waiting for what should have happened at once."""


def outgoing(level: int, time: float, size: tuple[int, int] = SIZE) -> Outgoing:
    return Outgoing(np.full((size[1], size[0], 3), level, np.uint8), Reason.PROTECTED, time)


def record(path: Path, pictures: Sequence[Outgoing], fps: float = 25.0) -> None:
    height, width = pictures[0].image.shape[:2]
    recording = Recording(path, (width, height), fps, drop=False)
    for picture in pictures:
        recording.send(picture)
    recording.close()


def decode(path: Path) -> tuple[list[float], list[Image]]:
    """Times in seconds, and pictures."""
    with av.open(str(path)) as file:
        frames = list(file.decode(video=0))
    return [float(frame.time) for frame in frames], [frame.to_ndarray(format="bgr24") for frame in frames]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".MP4"])
def test_what_was_sent_comes_back_in_order_and_in_time(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    gaps = np.cumsum([0, 0.04, 0.04, 0.3, 0.04, 0.033, 0.04, 1.0, 0.04, 0.04])  # a camera is not a metronome
    sent = [outgoing(20 + 20 * number, 50.0 + time) for number, time in enumerate(gaps)]
    record(path, sent)
    times, pictures = decode(path)
    assert times == pytest.approx(gaps, abs=0.002)
    assert {picture.shape for picture in pictures} == {(48, 64, 3)}
    levels = np.array([picture.mean() for picture in pictures])
    assert np.abs(levels - [picture.image.mean() for picture in sent]).max() <= 6


def test_a_recorded_face_looks_as_it_was_sent(tmp_path: Path, posing: list[Image]) -> None:
    path = tmp_path / "out.mp4"
    sent = [Outgoing(picture, Reason.PROTECTED, number / 30) for number, picture in enumerate(posing[:5])]
    record(path, sent, 30.0)
    _, pictures = decode(path)
    assert len(pictures) == 5
    for picture, original in zip(pictures, sent, strict=True):
        assert cv2.PSNR(picture, original.image) > 30


def test_times_rise_strictly_though_a_held_picture_carries_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    record(path, [outgoing(40, time) for time in (5.0, 5.04, 5.04, 5.04, 5.0, 5.2)])
    times, _ = decode(path)
    assert len(times) == 6
    assert (np.diff(times) > 0).all()
    assert times[-1] == pytest.approx(0.2, abs=0.002)


def test_a_producer_faster_than_the_codec_loses_nothing_when_it_may_wait(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    record(path, [outgoing(number, number / 25) for number in range(4 * BEHIND)])
    assert len(decode(path)[0]) == 4 * BEHIND


def test_the_file_appears_under_its_name_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    recording = Recording(path, SIZE, 25.0, drop=False)
    for number in range(5):
        recording.send(outgoing(40 * number, number / 25))
        assert not path.exists()
    recording.close()
    assert [each.name for each in tmp_path.iterdir()] == ["out.mp4"]
    assert len(decode(path)[0]) == 5


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    recording = Recording(path, SIZE, 25.0, drop=False)
    recording.send(outgoing(40, 0.0))
    recording.close()
    whole = path.read_bytes()
    recording.close()
    assert path.read_bytes() == whole


def test_a_new_recording_takes_the_place_of_an_old_one(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"old")
    record(path, [outgoing(40, 0.0)])
    assert len(decode(path)[0]) == 1


def test_a_recording_of_nothing_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "out.mp4", SIZE, 25.0, drop=False)
    with pytest.raises(SinkError, match=r"failed \(no picture came\); nothing was kept"):
        recording.close()
    assert list(tmp_path.iterdir()) == []


def test_a_live_recording_drops_what_it_cannot_keep_up_with_and_never_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, free = threading.Event(), threading.Event()
    stamp = Recording._stamp

    def slow(self: Recording, time: float) -> int:
        stuck.set()
        assert free.wait(PATIENCE)
        return stamp(self, time)

    monkeypatch.setattr(Recording, "_stamp", slow)
    path = tmp_path / "out.mp4"
    recording = Recording(path, SIZE, 25.0, drop=True)
    recording.send(outgoing(40, 0.0))
    assert stuck.wait(PATIENCE)  # the codec hangs with the first picture in its hands

    def send() -> None:
        for number in range(1, BEHIND + 8):
            recording.send(outgoing(40, number / 25))

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    sender.join(PATIENCE)
    blocked = sender.is_alive()
    free.set()
    assert not blocked
    assert recording.dropped == 7
    recording.close()
    assert len(decode(path)[0]) == 1 + BEHIND


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        ("out.avi", SIZE, "cannot record to .avi; expected .mp4, .mov, .mkv"),
        ("out", SIZE, "cannot record to a name without suffix"),
        ("folder.mp4", SIZE, "a folder; expected a file's name"),
        ("missing/out.mp4", SIZE, "there is no folder"),
        ("out.mp4", (65, 48), "65x48; video needs even sizes: add --size 64x48"),
        ("out.mp4", (64, 49), "64x49; video needs even sizes: add --size 64x48"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_one_line(
    tmp_path: Path, name: str, size: tuple[int, int], said: str
) -> None:
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(SinkError) as caught:
        Recording(tmp_path / name, size, 25.0, drop=False)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [each.name for each in tmp_path.rglob("*")] == ["folder.mp4"]


ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
import numpy as np
import deadpan.app
from deadpan.app.outgoing import Outgoing, Reason, SinkError
from deadpan.app.recording import Recording

path, frames, room = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
noise = np.random.default_rng(0)
recording = Recording(path, (320, 240), 30.0, drop=False)
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
at = "send"
try:
    for number in range(frames):
        recording.send(Outgoing(noise.integers(0, 255, (240, 320, 3), np.uint8), Reason.SHUTTERED, number / 30))
    at = "close"
    recording.close()
except SinkError as error:
    print(at, error, sep="|")
recording.close()
"""
"""Noise does not compress, and a process that may write only so many bytes to a file meets a disk that is full."""


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize(
    ("frames", "room"),
    [
        pytest.param(300, 60_000, id="while recording"),
        pytest.param(5, 20_000, id="while closing"),
        pytest.param(5, 10, id="at the first byte"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="a process's file size cannot be limited on Windows")
def test_a_full_disk_is_one_line_and_leaves_only_what_was_there(
    tmp_path: Path, suffix: str, frames: int, room: int
) -> None:
    path = tmp_path / f"out{suffix}"
    path.write_bytes(b"an earlier recording")
    command = [sys.executable, "-c", ON_A_FULL_DISK, str(path), str(frames), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    (line,) = done.stdout.splitlines()
    at, said = line.split("|")
    if suffix == ".mp4":  # Matroska is written in large pieces: there, the disk is first touched at the end
        assert at == ("send" if frames == 300 else "close")
    assert said == f"{path}: the recording failed (File too large); nothing was kept of it"
    assert done.stderr == ""
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == b"an earlier recording"


@pytest.mark.parametrize("drop", [True, False])
def test_a_codec_that_fails_in_its_own_way_hangs_nobody(
    tmp_path: Path, drop: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyAV has errors that are neither OSError nor ValueError."""
    recording = Recording(tmp_path / "out.mp4", SIZE, 25.0, drop=drop)

    def fail(_: float) -> int:
        raise MemoryError("the codec is broken")

    def call() -> None:
        for index in range(100):
            recording.send(outgoing(100, index / 25))
        recording.close()

    monkeypatch.setattr(recording, "_stamp", fail)
    with pytest.raises(SinkError, match="the codec is broken"):
        call()
    assert list(tmp_path.iterdir()) == []
