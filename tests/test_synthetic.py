"""What `deadpan synth` writes is read back: every event, its very pictures, and nothing outside the folder."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deadpan.calibration.coding import save
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.calibration.sources.synthetic import Synthetic
from deadpan.calibration.synthetic.benchmark import build
from deadpan.calibration.synthetic.still import Still
from deadpan.calibration.synthetic.synthesis import Clip, Event
from deadpan.models.face import Face
from deadpan.models.frame import Image

FRAMES = 90


def numbered(number: int) -> Image:
    """Its tens on the right, its ones on the left, in shades that a codec keeps apart."""
    image = np.full((32, 64, 3), 20 + 20 * (number % 10), np.uint8)
    image[:, 32:] = 20 + 20 * (number // 10)
    return image


def number_of(image: Image) -> int:
    ones, tens = (round((float(half.mean()) - 20) / 20) for half in (image[8:24, 8:24], image[8:24, 40:56]))
    return 10 * tens + ones


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of three events and one of one; each frame shows its number."""
    folder = tmp_path_factory.mktemp("synth")
    pictures = [numbered(number) for number in range(FRAMES)]
    events = [{"onset": 5, "apex": 9, "offset": 14, "label": "surprise", "action_units": [1, 2]}]
    events.append({"onset": 60, "apex": 66, "offset": 70, "label": "other", "action_units": [6, 4]})
    events.append({"onset": 80, "apex": 84, "offset": 89, "label": "negative", "action_units": [4]})
    clips = []
    for name, shown in (("long", events), ("short", events[:1])):
        save(folder / f"{name}.mp4", pictures, 30)
        clip = {"name": name, "subject": "mia", "fps": 30, "frames": FRAMES, "file": f"{name}.mp4", "events": shown}
        clips.append(clip)
    (folder / "truth.json").write_text(json.dumps({"clips": clips}))
    return folder


def read(root: Path) -> tuple[list[Sample], list[str]]:
    skipped: list[Skipped] = []
    return list(Synthetic(root).samples(skipped.append)), [str(each) for each in skipped]


def test_each_event_is_a_sample(written: Path) -> None:
    samples, skipped = read(written)
    assert [(each.name, each.onset, each.apex, each.offset, each.label, each.action_units) for each in samples] == [
        ("long-1", 5, 9, 14, 2, "1+2"),
        ("long-3", 80, 84, 89, 0, "4"),
        ("short", 5, 9, 14, 2, "1+2"),
    ]
    assert {(each.subject, each.dataset, each.fps, each.length, each.apex_coded) for each in samples} == {
        ("synthetic-mia", "synthetic", 30, FRAMES, True)
    }
    assert skipped == ["truth.json, clip 1, event 2: label other: none of negative, positive, surprise"]


@pytest.mark.parametrize(("first", "last"), [(0, 0), (5, 14), (43, 43), (84, 89)])
def test_the_pictures_are_those_that_were_asked_for(written: Path, first: int, last: int) -> None:
    pictures = read(written)[0][0].load(first, last)
    assert [number_of(each) for each in pictures] == list(range(first, last + 1))


def test_what_the_generator_writes_is_what_is_read(face: Face, posing: list[Any], tmp_path: Path) -> None:
    still = Still("astronaut", posing[0], face)
    event = Event(10, 14, 18, "positive", (6, 12), 0.02)
    clip = Clip("one", "astronaut", (still,), 24, (event,), size=(320, 240))
    build([clip], tmp_path)
    (sample,) = read(tmp_path)[0]
    assert (sample.onset, sample.apex, sample.offset, sample.length, sample.label) == (10, 14, 18, 24, 1)
    assert (sample.emotion, sample.action_units, sample.subject) == ("positive", "6+12", "synthetic-astronaut")
    (apex,) = sample.load(sample.apex, sample.apex)
    off = [float(np.abs(apex.astype(int) - picture).mean()) for picture in clip.pictures()]
    assert int(np.argmin(off)) == sample.apex


def test_a_clip_that_is_not_as_it_should_be_is_one_line(written: Path, tmp_path: Path) -> None:
    good = json.loads((written / "truth.json").read_text())["clips"][1]
    event = good["events"][0]
    wrong: list[Any] = [
        good | {"file": "../long.mp4"},
        good | {"file": "absent.mp4"},
        good | {"frames": "90"},
        good | {"events": [event | {"apex": 20}]},
        good | {"events": [event | {"offset": 90}]},
        "a clip",
        good,
    ]
    (tmp_path / "short.mp4").write_bytes((written / "short.mp4").read_bytes())
    (tmp_path / "truth.json").write_text(json.dumps({"clips": wrong}))
    samples, skipped = read(tmp_path)
    assert [each.name for each in samples] == ["short"]
    assert skipped == [
        "truth.json, clip 1: file is '../long.mp4', expected the name of a file beside truth.json",
        "truth.json, clip 2: no file absent.mp4",
        "truth.json, clip 3: frames: Input should be a valid integer",
        "truth.json, clip 4, event 1: onset, apex and offset are 5, 20, 14 of 90 frames, expected them in this order",
        "truth.json, clip 5, event 1: onset, apex and offset are 5, 9, 90 of 90 frames, expected them in this order",
        skipped[5],
    ]
    assert skipped[5].startswith("truth.json, clip 6: clip: Input should be")


def test_a_damaged_video_names_its_file(written: Path, tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_bytes((written / "truth.json").read_bytes())
    whole = (written / "long.mp4").read_bytes()
    for content in (b"", b"hello", whole[: len(whole) // 2]):
        for name in ("long.mp4", "short.mp4"):
            (tmp_path / name).write_bytes(content)
        with pytest.raises(BadSource, match=r"long\.mp4: "):
            read(tmp_path)[0][1].load(80, 89)


def test_a_wrong_root_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"no truth\.json that can be read \(No such file .*; found nothing"):
        read(tmp_path)
    for content, said in (
        ("{", "not JSON"),
        ("[]", "no list called clips"),
        ('{"clips": []}', "no event that can be used in 0 clips"),
        ("[" * 100_000, "not JSON"),
    ):
        (tmp_path / "truth.json").write_text(content)
        with pytest.raises(BadSource, match=f"truth.json: {said}"):
            read(tmp_path)
