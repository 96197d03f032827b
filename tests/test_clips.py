"""Clips made ready: read once, looked at once, and the same as each victim would have had them made."""

import stat
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trees

from deadpan.calibration.grid import clips
from deadpan.calibration.grid.clips import Ready, Seen, ready
from deadpan.calibration.sources.aligning import align
from deadpan.calibration.sources.measuring import measure
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.maps import LABELS

LOOKS = (((2, 48, 48, 3), "onset-apex"), ((5, 32, 32, 1), "frames"), ((3, 32, 32, 3), "frames"))


@pytest.fixture(scope="module")
def samples(model: bytes) -> list[Sample]:
    found = []
    for (person, label), pictures in list(trees.shown(model).items())[1:4]:
        at = trees.ONSET, trees.APEX, trees.OFFSET, trees.LENGTH, True
        found.append(
            Sample(
                *(f"{person}-{label}", f"p{person}", "synthetic", LABELS.index(label), label, "", 30.0, *at),
                load=lambda first, last, pictures=pictures: list(pictures[first : last + 1]),  # type: ignore[misc]
            )
        )
    return found


@pytest.fixture(scope="module")
def made(samples: list[Sample], model: bytes, tmp_path_factory: pytest.TempPathFactory) -> Ready:
    return ready(samples, model, LOOKS, tmp_path_factory.mktemp("ready"))


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_is_what_it_would_be_alone(made: Ready, samples: list[Sample], model: bytes, look) -> None:  # type: ignore[no-untyped-def]
    alone = align(samples, model, *look)
    assert made.looks[look].clips.sha256 == alone.clips.sha256
    assert made.looks[look].clips.clip.tolist() == alone.clips.clip.tolist()
    np.testing.assert_array_equal(made.looks[look].landmarks, alone.landmarks)


def test_the_maps_are_what_they_would_be_alone(made: Ready, samples: list[Sample], model: bytes) -> None:
    alone = measure(samples, model)
    assert made.maps.sha256 == alone.sha256
    np.testing.assert_array_equal(made.maps.roi_center, alone.roi_center)


def test_a_picture_is_read_once_and_its_face_looked_for_once(
    samples: list[Sample], model: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Counter[tuple[str, int]] = Counter()
    seen: Counter[bytes] = Counter()

    def counted(sample: Sample) -> Sample:
        def load(first: int, last: int) -> list[Image]:
            read.update((sample.name, number) for number in range(first, last + 1))
            return sample.load(first, last)

        return replace(sample, load=load)

    def find(self: Landmarker, rgb: Image, time: float) -> object:
        seen[rgb.tobytes()] += 1
        return whole(self, rgb, time)

    whole = Landmarker.find
    monkeypatch.setattr(Landmarker, "find", find)
    counting = [counted(each) for each in samples]
    ready(counting, model, LOOKS, tmp_path)
    # The onsets of three, here of all, tell one data set from another.
    numbers = range(trees.ONSET, trees.OFFSET + 1)
    assert read == {(each.name, number): 1 + (number == trees.ONSET) for each in samples for number in numbers}
    assert set(seen.values()) == {1}

    read.clear()
    seen.clear()
    ready(counting, model, LOOKS, tmp_path)
    assert {number for _, number in read} == {trees.ONSET}
    assert not seen


def files(folder: Path) -> dict[str, int]:
    """What is kept, and when it was written."""
    return {str(each.relative_to(folder)): each.stat().st_mtime_ns for each in folder.rglob("*.npz")}


def test_another_look_does_not_cost_those_that_are_there(
    samples: list[Sample], model: bytes, tmp_path: Path, made: Ready
) -> None:
    ready(samples, model, LOOKS[:1], tmp_path)
    before = files(tmp_path)
    found = ready(samples, model, LOOKS, tmp_path)
    assert list(found.looks) == list(LOOKS)
    assert before.items() <= files(tmp_path).items()
    assert len(files(tmp_path)) == len(samples) * (len(LOOKS) + 1)


def test_a_run_that_is_stopped_goes_on_after_the_last_clip_that_was_done(
    samples: list[Sample], model: bytes, tmp_path: Path, made: Ready
) -> None:
    def stop(done: int, of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ready(samples, model, LOOKS, tmp_path, stop)
    before = files(tmp_path)
    assert len(before) == 2 * (len(LOOKS) + 1)
    told: list[int] = []
    found = ready(samples, model, LOOKS, tmp_path, lambda done, of: told.append(done))
    assert told == [2, 3]
    assert before.items() <= files(tmp_path).items()
    assert found.maps.sha256 == made.maps.sha256
    assert {look: each.clips.sha256 for look, each in found.looks.items()} == {
        look: each.clips.sha256 for look, each in made.looks.items()
    }


@pytest.mark.skipif(sys.platform == "win32", reason="who may read what is said otherwise there")
def test_the_faces_that_are_kept_are_for_their_user_alone(samples: list[Sample], model: bytes, tmp_path: Path) -> None:
    ready(samples[:1], model, LOOKS[:1], tmp_path / "clips")
    (kept,) = (tmp_path / "clips").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700


@pytest.mark.parametrize("left", [0, 1000, -1])
def test_what_is_damaged_is_made_again_and_nothing_else(
    samples: list[Sample], model: bytes, tmp_path: Path, left: int, made: Ready
) -> None:
    ready(samples, model, LOOKS[:1], tmp_path)
    before = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*.npz"))}
    damaged = max(before, key=lambda path: len(before[path]))
    # Cut off; or one bit in the middle of the pictures is another.
    content = bytearray(before[damaged])
    content[len(content) // 2] ^= left < 0
    damaged.write_bytes(content if left < 0 else content[:left])
    told: list[int] = []
    found = ready(samples, model, LOOKS[:1], tmp_path, lambda done, of: told.append(done))
    assert told == [2, 3]
    assert found.looks[LOOKS[0]].clips.sha256 == made.looks[LOOKS[0]].clips.sha256
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("seen", [(np.arange(30, dtype=np.uint8), np.ones((2, 3), np.float32)), "no face"])
def test_one_wrong_bit_never_gives_another_clip_nor_a_reason(seen: Seen, tmp_path: Path) -> None:
    """Wherever it lies: in the pictures, or in what says where they are."""
    clips._write(path := tmp_path / "0.npz", seen)
    content = path.read_bytes()
    for at in range(len(content)):
        for bit in (1, 8, 32, 128):
            wrong = bytearray(content)
            wrong[at] ^= bit
            path.write_bytes(wrong)
            found = clips._read(path, "frames")
            assert found is None or type(found) is type(seen)
            if found is not None:
                np.testing.assert_equal(found, seen)


def test_other_pictures_under_the_same_names_are_other_clips(
    samples: list[Sample], model: bytes, tmp_path: Path, made: Ready
) -> None:
    ready(samples, model, LOOKS[:1], tmp_path)
    first, *others = samples
    brighter = replace(first, load=lambda *at: [np.clip(each, 0, 200) for each in first.load(*at)])
    found = ready([brighter, *others], model, LOOKS[:1], tmp_path)
    assert found.looks[LOOKS[0]].clips.sha256 != made.looks[LOOKS[0]].clips.sha256


def test_one_clip_without_a_face_does_not_stop_the_rest(samples: list[Sample], model: bytes, tmp_path: Path) -> None:
    blank = replace(samples[0], name="blank", load=lambda *at: [np.zeros_like(each) for each in samples[0].load(*at)])
    for looked in ([0, 1, 2, 3], []):
        skipped: list[Skipped] = []
        told: list[int] = []
        mixed = [blank, *samples[1:]]
        found = ready(mixed, model, LOOKS, tmp_path, lambda done, of, told=told: told.append(done), skipped.append)  # type: ignore[misc]
        assert [each.where for each in skipped] == ["synthetic blank"]
        assert {len(each.clips) for each in found.looks.values()} == {len(found.maps)} == {2}
        assert told == looked, "that there is no face is kept, too"
    with pytest.raises(BadSource, match="none of 1 samples can be seen"):
        ready([blank], model, LOOKS, tmp_path)


def test_a_clip_that_cannot_be_read_is_tried_again_the_next_time(
    samples: list[Sample], model: bytes, tmp_path: Path
) -> None:
    there = [False]

    def load(first: int, last: int) -> list[Image]:
        if not there[0]:
            raise BadSource("img3.jpg: not a picture")
        return samples[1].load(first, last)

    mixed = [samples[0], replace(samples[1], load=load), *3 * [samples[2]]]
    skipped: list[Skipped] = []
    found = ready(mixed, model, LOOKS[:1], tmp_path, skip=skipped.append)
    assert [each.why for each in skipped] == ["img3.jpg: not a picture"]
    assert len(found.maps) == 4
    there[0] = True
    assert len(ready(mixed, model, LOOKS[:1], tmp_path).maps) == 5
    there[0] = False
    assert len(ready(mixed[1:], model, LOOKS[:1], tmp_path).maps) == 3, "the first is no other than the rest"
