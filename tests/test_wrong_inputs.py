"""Every wrong input is one line that helps, and leaves nothing behind."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import platformdirs
import pytest
from conftest import Call, film
from networks import model

from deadpan.models import own


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
    "a comparison that goes nowhere": ("run {clip} --compare", "--compare: is for a recording; give --record FILE"),
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
    file = data / "grey.onnx"
    file.write_bytes(model())
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


def test_a_size_of_nothing_is_refused_by_name(deadpan: Call, bench: Bench) -> None:
    assert "--size 00x00" in deadpan(*words("run {clip} --record {work}/out.mp4 --size 00x00", bench)).err
