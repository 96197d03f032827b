"""Stories of `deadpan run`, as a person would live them."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import Call, film, read
from figures import assert_figures, assert_success

from deadpan.app.commands import run
from deadpan.app.outgoing import Outgoing
from deadpan.models.frame import Image
from deadpan.stickers.regions import NAMES

SIZE = (480, 360)
FRAMES = 10
"""Of the clip."""


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

    before, after = read(clip), read(out)
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
    assert read(out)[0].shape == (240, 320, 3)


def test_a_clip_can_be_compared_with_itself_protected(deadpan: Call, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    said = deadpan("run", clip, "--record", out, "--compare", "--protection", "sticker")
    assert said.code == 0, said.err
    (picture, *others), (clean, *_) = read(out), read(clip)
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
    for clean, hidden in zip(read(clip)[first:], read(out)[first:], strict=True):
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


def test_a_recording_of_a_metered_clip_is_that_of_one_without(deadpan: Call, clip: Path, tmp_path: Path) -> None:
    plain, metered, figures = tmp_path / "plain.mp4", tmp_path / "metered.mp4", tmp_path / "figures.json"
    same = ("--protection", "stickers")  # still never shows the same picture twice
    assert deadpan("run", clip, "--record", plain, *same).code == 0
    said = deadpan("run", clip, "--record", metered, "--meter", "--json", figures, *same)
    assert said.code == 0, said.err
    assert_success(json.loads(figures.read_text("utf-8"))["success"])
    for one, other in zip(read(plain), read(metered), strict=True):
        assert np.abs(one.astype(int) - other).mean() < 1.5  # no two encodings are alike to the last bit
    assert sorted(each.name for each in tmp_path.iterdir()) == ["figures.json", "metered.mp4", "plain.mp4"]
