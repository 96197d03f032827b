"""The whole product on a real virtual camera: ffmpeg → /dev/video10 → deadpan → /dev/video11 → OpenCV and Chromium."""

import base64
import contextlib
import functools
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from deadpan.app.outgoing import Outgoing, Reason, SinkError
from deadpan.app.shutter import shutter_picture
from deadpan.app.virtual_camera import VirtualCamera, find
from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.stickers import plan as plans
from deadpan.stickers.regions import BY_NAME

IN, OUT = "/dev/video10", "/dev/video11"
SIZE = (1280, 720)
PLAN = "paper"
"""One region, so that what is hidden and what is not lie apart."""
BITS, BLOCK = 8, 32
"""The frame number burnt into the source's upper left corner: black or white squares, the lowest bit first."""

pytestmark = [
    pytest.mark.vcam,
    pytest.mark.skipif(
        not (Path(IN).exists() and Path(OUT).exists()),
        reason=f"needs v4l2loopback devices {IN} and {OUT} (see CONTRIBUTING: the virtual-camera lab)",
    ),
]


class Source:
    """A numbered clip of a real face, and what the landmarker says about each of its frames."""

    def __init__(self, path: Path, pictures: list[Image], model: bytes) -> None:
        self.path = path
        self.landmarker = Landmarker(model, stream=False)
        self._write(path, pictures)
        capture = cv2.VideoCapture(str(path))
        self.pictures = [np.asarray(capture.read()[1], np.uint8) for _ in pictures]

    @staticmethod
    def _write(path: Path, pictures: list[Image]) -> None:
        with av.open(str(path), "w") as file:
            stream = file.add_stream("libx264", rate=15, options={"preset": "ultrafast", "crf": "10"})
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
            for number, picture in enumerate(pictures):
                marked = picture.copy()
                for bit in range(BITS):
                    level = 235 if number >> bit & 1 else 16
                    marked[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = level
                file.mux(stream.encode(av.VideoFrame.from_ndarray(marked, format="bgr24")))
            file.mux(stream.encode(None))

    @functools.cache  # noqa: B019  (lives as long as the module's tests)
    def face(self, number: int) -> Face:
        """The one face on a source frame, from the landmarker run on that very frame."""
        rgb = np.asarray(cv2.cvtColor(self.pictures[number], cv2.COLOR_BGR2RGB), np.uint8)
        (found,) = self.landmarker.find(rgb, 0.0)
        return Face(found.landmarks, found.pose, 0)

    def number(self, picture: Image) -> int:
        """The frame number that a picture (720 rows) carries."""
        centres = [int((bit + 0.5) * BLOCK) for bit in range(BITS)]
        levels = [picture[8 : BLOCK - 8, x - 8 : x + 8].mean() for x in centres]
        return sum((level > 128) << bit for bit, level in enumerate(levels))

    def covered(self, picture: Image) -> float:
        """Share of the region's pixels that differ from the source frame whose number the picture carries."""
        number = self.number(picture)
        mask = np.zeros(picture.shape[:2], np.uint8)
        (region,) = plans.load(PLAN).targets
        cv2.fillConvexPoly(mask, np.rint(region.corners(self.face(number))).astype(np.int32), 1)
        difference = cv2.absdiff(picture, self.pictures[number]).max(axis=2)
        return float((difference[mask > 0] > 25).mean())

    def near(self, picture: Image) -> float:
        """Mean difference from the source, in levels, of the pixels of the face."""
        number = self.number(picture)
        mask = np.zeros(picture.shape[:2], np.uint8)
        cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(self.face(number).landmarks).astype(np.int32)), 1)
        return float(cv2.absdiff(picture, self.pictures[number])[mask > 0].mean())

    def far(self, picture: Image) -> float:
        """Mean difference from the source, in levels, of the pixels farther than a face's width from the face."""
        number = self.number(picture)
        left, top, right, bottom = self.face(number).box
        grow = self.face(number).width / 2
        mask = np.ones(picture.shape[:2], bool)
        mask[max(0, int(top - grow)) : int(bottom + grow), max(0, int(left - grow)) : int(right + grow)] = False
        return float(cv2.absdiff(picture, self.pictures[number])[mask].mean())


def is_shutter(picture: Image) -> bool:
    """Whether a received picture is the shutter's."""
    return float(cv2.absdiff(picture, shutter_picture(*SIZE)).mean()) < 4


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, talking: list[Image], model: bytes) -> Iterator[Source]:
    """The talking face forwards and backwards, so that it can be played round and round."""
    large = [np.asarray(cv2.resize(each, SIZE, interpolation=cv2.INTER_CUBIC), np.uint8) for each in talking[::2]]
    source = Source(tmp_path_factory.mktemp("source") / "numbered.mp4", large + large[::-1], model)
    yield source
    source.landmarker.close()


@contextlib.contextmanager
def feeding(source: Source) -> Iterator[None]:
    """Ffmpeg is the webcam: it plays the source into /dev/video10."""
    play = ["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", str(source.path)]
    process = subprocess.Popen([*play, "-pix_fmt", "yuv420p", "-f", "v4l2", IN], stdin=subprocess.DEVNULL)
    try:
        time.sleep(2)
        assert process.poll() is None
        yield
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def running(folder: Path, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`deadpan run` from the fed camera to the virtual one; waits until it sends."""
    command = [sys.executable, "-m", "deadpan.app.commands.main", "run", IN, "--json", str(folder / "run.json")]
    command += [] if "--protection" in options else ["--plan", PLAN]
    with (folder / "run.log").open("wb") as log:
        process = subprocess.Popen([*command, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 90
            while b"Choose the camera" not in (folder / "run.log").read_bytes():
                assert process.poll() is None, (folder / "run.log").read_text()
                assert time.monotonic() < deadline, "deadpan did not start sending"
                time.sleep(0.5)
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the run are kept for people to look at: VCAM_OUT, or a temporary folder."""
    kept = os.environ.get("VCAM_OUT")
    return Path(kept) if kept else tmp_path_factory.mktemp("out")


def frames(seconds: float) -> Iterator[Image]:
    """What an OpenCV reader of the virtual camera gets, for at most `seconds`; ends when nothing comes any more."""
    capture = cv2.VideoCapture(OUT, cv2.CAP_V4L2)
    assert capture.isOpened()
    try:
        end, missed = time.monotonic() + seconds, 0
        while time.monotonic() < end and missed < 5:
            good, picture = capture.read()  # waits for a second
            missed = 0 if good else missed + 1
            if good:
                yield np.asarray(picture, np.uint8)
    finally:
        capture.release()


def test_a_reader_of_the_virtual_camera_never_sees_an_unprotected_face(source: Source, folder: Path) -> None:
    """The laws of the whole product in one run: start, 100 frames and more, a camera cut and restored, the end.

    A recognizer watches beside it, whose panel is for the preview only: whoever reads the camera sees no trace of it.
    """
    protected: list[Image] = []
    shuttered = after = 0
    with running_with_feed(source, folder, "--meter") as (process, feed):
        for index, picture in enumerate(frames(240)):
            assert picture.shape == (720, 1280, 3)
            if is_shutter(picture):
                shuttered += 1
            else:
                protected.append(picture)
                after += feed.restored
            if len(protected) >= 130 and not feed.cut:
                feed.stop()
                shuttered = 0
            if feed.cut and not feed.restored and shuttered >= 10:
                feed.start()
            if after >= 40:
                break
            assert index < 3000
        assert feed.restored
        assert after >= 40, "the camera came back, the picture did not"
        process.send_signal(signal.SIGTERM)
        last = None
        for picture in frames(20):
            last = picture
            if not is_shutter(picture):
                protected.append(picture)
        assert last is not None
        assert is_shutter(last), "the shutter must be what stays on screen"
        assert process.wait(30) == 0
    for number, index in enumerate(np.linspace(0, len(protected) - 1, 10).astype(int)):
        cv2.imwrite(str(folder / f"opencv-{number}.png"), protected[index])
    shares = [source.covered(picture) for picture in protected]
    assert len(shares) >= 100
    assert min(shares) >= 0.9, f"frame {int(np.argmin(shares))} shows the region"
    assert max(source.far(picture) for picture in protected) < 4
    assert len({source.number(picture) for picture in protected}) >= 30, "a still picture is not a call"
    told = json.loads((folder / "run.json").read_text())
    counted = told["frames"]
    assert counted["unvouched"] == 0
    assert counted["errors"] == 0
    assert counted["out"] == sum(counted[name] for name in ("protected", "held", "shuttered"))
    assert told["success"]["recognizer"] == "motion"
    assert told["success"]["errors"] == 0, told["success"]["last_error"]
    assert told["success"]["skipped_frames"] < counted["in"], "the meter looked at some"


def test_a_reader_sees_a_face_that_is_bent_and_the_room_as_it_is(source: Source, folder: Path) -> None:
    """Under still nothing is pasted; where the machine is slow the picture is a smaller one, but never the camera's."""
    shown: list[Image] = []
    with feeding(source), running(folder, "--protection", "still") as process:
        for index, picture in enumerate(frames(240)):
            shown += [] if is_shutter(picture) else [picture]
            if len(shown) >= 80:
                break
            assert index < 2000
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    for number, index in enumerate(np.linspace(0, len(shown) - 1, 4).astype(int)):
        cv2.imwrite(str(folder / f"still-{number}.png"), shown[index])
    told = json.loads((folder / "run.json").read_text())
    print(told["frames"], told["latency_ms"])
    assert told["protection"] == "still"
    assert told["frames"]["unvouched"] == told["frames"]["errors"] == 0
    near, far = np.array([(source.near(picture), source.far(picture)) for picture in shown]).T
    print(f"grey levels off the source: face {near.min():.2f} to {near.max():.2f}, room up to {far.max():.2f}")
    assert (near > 1.2 * far).all()
    assert max(far) < 6
    assert len({source.number(picture) for picture in shown}) >= 20, "a still picture is not a call"


class Feed:
    """The webcam's plug."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._open = contextlib.ExitStack()
        self.cut = self.restored = False

    def start(self) -> None:
        """Plug it in."""
        self._open.enter_context(feeding(self._source))
        self.restored = self.cut

    def stop(self) -> None:
        """Pull it out."""
        self._open.close()
        self.cut = True


@contextlib.contextmanager
def running_with_feed(source: Source, folder: Path, *options: str) -> Iterator[tuple["subprocess.Popen[bytes]", Feed]]:
    """`deadpan run` on a webcam that can be unplugged."""
    feed = Feed(source)
    feed.start()
    try:
        with running(folder, *options) as process:
            yield process, feed
    finally:
        feed.stop()


PAGE = """<!doctype html><title>call</title>
<style>body{margin:12px;background:#222;color:#eee;font:16px sans-serif}video{width:480px;margin-right:8px}</style>
<p>Camera Out, as the browser sees it | as the other end of the call receives it</p>
<video id=mine muted playsinline></video><video id=theirs muted playsinline></video>
<script>
const wait = ms => new Promise(done => setTimeout(done, ms));
async function call() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const out = devices.find(device => device.label.includes('Camera Out'));
  if (!out) throw new Error('no Camera Out among ' + devices.map(device => device.label));
  const stream = await navigator.mediaDevices.getUserMedia(
    {video: {deviceId: {exact: out.deviceId}, width: 1280, height: 720}});
  mine.srcObject = stream; await mine.play();
  const here = new RTCPeerConnection(), there = new RTCPeerConnection();
  here.onicecandidate = event => event.candidate && there.addIceCandidate(event.candidate);
  there.onicecandidate = event => event.candidate && here.addIceCandidate(event.candidate);
  there.ontrack = event => { theirs.srcObject = event.streams[0]; theirs.play(); };
  stream.getTracks().forEach(track => here.addTrack(track, stream));
  await here.setLocalDescription(await here.createOffer());
  await there.setRemoteDescription(here.localDescription);
  await there.setLocalDescription(await there.createAnswer());
  await here.setRemoteDescription(there.localDescription);
}
function shot(video) {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  canvas.getContext('2d').drawImage(video, 0, 0);
  return canvas.toDataURL('image/png');
}
async function presented(video, ms) {
  let count = 0, counting = true;
  const next = () => { count += 1; if (counting) video.requestVideoFrameCallback(next); };
  video.requestVideoFrameCallback(next);
  await wait(ms); counting = false;
  return count;
}
</script>"""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The call's page on http://localhost, where browsers allow cameras."""
    (folder / "call.html").write_text(PAGE)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    handler = functools.partial(Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_address[1]}/call.html"
    finally:
        server.shutdown()
        server.server_close()


CHROMIUM = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
]


def test_a_browser_call_opens_the_virtual_camera_and_the_other_end_receives_it(
    source: Source, folder: Path, tmp_path: Path
) -> None:
    """getUserMedia plays "Camera Out" and an RTCPeerConnection carries it; both ends see the protected face."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or pytest.skip("needs chromium")
    with running_with_feed(source, tmp_path), served(tmp_path) as address, playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, chromium_sandbox=False, args=CHROMIUM, timeout=90_000
        )
        page = browser.new_page(viewport={"width": 1020, "height": 360}, permissions=["camera"])
        page.set_default_timeout(90_000)
        page.goto(address)
        page.evaluate("call()")
        page.wait_for_function("theirs.videoWidth > 0 && theirs.currentTime > 3")
        mine, theirs = (page.evaluate(f"presented({video}, 4000)") for video in ("mine", "theirs"))
        shots = {}
        for name in ("mine", "theirs"):
            data = base64.b64decode(page.evaluate(f"shot({name})").split(",")[1])
            picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            assert picture is not None
            shots[name] = np.asarray(cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA), np.uint8)
            (folder / f"chromium-{name}.png").write_bytes(data)
        page.screenshot(path=str(folder / "chromium.png"))
        browser.close()
    assert mine >= 4, f"{mine} frames presented in 4 s"
    assert theirs >= 4, f"{theirs} frames received in 4 s"
    for name, picture in shots.items():
        assert not is_shutter(picture), name
        assert source.covered(picture) >= 0.8, f"{name} shows the region"
        assert source.far(picture) < 12, name


def test_a_killed_process_leaves_no_raw_frame_behind(source: Source, folder: Path, tmp_path: Path) -> None:
    """SIGKILL leaves no time for anything: what a reader still gets was protected or is the shutter."""
    seen: list[Image] = []
    with running_with_feed(source, tmp_path) as (process, _):
        for picture in frames(30):
            seen.append(picture)
            if len(seen) == 20:
                process.kill()
    assert len(seen) >= 20
    assert all(is_shutter(picture) or source.covered(picture) >= 0.9 for picture in seen)


def test_a_device_in_use_is_refused_in_one_line() -> None:
    """Also the camera that is read from, and a device that is none."""
    first = VirtualCamera(OUT, SIZE, 30)
    try:
        with pytest.raises(SinkError, match="in use by another program"):
            VirtualCamera(OUT, SIZE, 30)
    finally:
        first.close()
    with pytest.raises(SinkError, match="is the camera that is read from"):
        VirtualCamera(OUT, SIZE, 30, source="11")
    with pytest.raises(SinkError, match="modprobe v4l2loopback"):
        VirtualCamera("/dev/null", SIZE, 30)


def test_auto_takes_a_virtual_camera_other_than_the_one_that_is_read() -> None:
    """Both devices here are v4l2loopback ones."""
    assert find(IN) == OUT
    assert find(OUT) == IN


def test_a_new_session_shows_nothing_of_an_earlier_one_and_ends_with_the_shutter() -> None:
    """Neither the device nor its buffers keep a picture for the next call."""

    def flat(level: int) -> Outgoing:
        return Outgoing(np.full((720, 1280, 3), level, np.uint8), Reason.PROTECTED, 0.0)

    earlier = VirtualCamera(OUT, SIZE, 30)
    for _ in range(8):
        earlier.send(flat(255))
    earlier.close()
    camera = VirtualCamera(OUT, SIZE, 30)
    stop = threading.Event()

    def call() -> None:
        while not stop.wait(0.05):
            camera.send(flat(60))

    caller = threading.Thread(target=call)
    caller.start()
    seen = []
    for picture in frames(30):
        seen.append(picture)
        if len(seen) == 10:
            stop.set()
            caller.join()
            camera.close()
    assert len(seen) >= 11
    assert all(is_shutter(picture) or abs(float(picture.mean()) - 60) < 4 for picture in seen)
    assert is_shutter(seen[-1])


def test_a_failing_write_is_noticed() -> None:
    """pyvirtualcam would print it and go on."""
    camera = VirtualCamera(OUT, SIZE, 30)
    assert camera._descriptor is not None
    os.close(camera._descriptor)
    with pytest.raises(SinkError, match="cannot be written any more"):
        camera.send(Outgoing(np.zeros((720, 1280, 3), np.uint8), Reason.SHUTTERED, 0.0))
    with contextlib.suppress(Exception):
        camera.close()


def test_a_full_disk_ends_the_recording_in_one_line_and_leaves_nothing(source: Source, tmp_path: Path) -> None:
    """On a real file system that is full."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)], check=True)
    try:
        command = [
            sys.executable,
            "-m",
            "deadpan.app.commands.main",
            "run",
            str(source.path),
            "--plan",
            PLAN,
            "--record",
        ]
        done = subprocess.run([*command, str(disk / "out.mp4")], capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert "No space left" in done.stderr
        assert "Traceback" not in done.stderr
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_the_region_under_test_is_the_plan_s() -> None:
    """The tests above look at the one region that the plan they run with names."""
    assert plans.load(PLAN).targets == (BY_NAME["right_brow_outer"],)
