"""Clips made ready: read once, looked at once, and the same as each victim would have had them made."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trees

from deadpan.calibration.grid.clips import Ready, ready, spread
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


def test_another_look_does_not_cost_those_that_are_there(
    samples: list[Sample], model: bytes, tmp_path: Path, made: Ready
) -> None:
    ready(samples, model, LOOKS[:1], tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    found = ready(samples, model, LOOKS, tmp_path)
    assert list(found.looks) == list(LOOKS)
    assert before.items() <= {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}.items()
    damaged = max(tmp_path.iterdir(), key=lambda path: path.stat().st_size)
    damaged.write_bytes(damaged.read_bytes()[:1000])
    assert {look: each.clips.sha256 for look, each in ready(samples, model, LOOKS, tmp_path).looks.items()} == {
        look: each.clips.sha256 for look, each in made.looks.items()
    }


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
    told: list[Skipped] = []
    found = ready([blank, *samples[1:]], model, LOOKS, tmp_path, skip=told.append)
    assert [each.where for each in told] == ["synthetic blank"]
    assert {len(each.clips) for each in found.looks.values()} == {len(found.maps)} == {2}
    with pytest.raises(BadSource, match="none of 1 samples can be seen"):
        ready([blank], model, LOOKS, tmp_path)


def test_a_few_clips_are_spread_over_people_and_classes() -> None:
    label, subject = np.arange(60) % 3, np.repeat([f"p{i}" for i in range(4)], 15).tolist()
    for most in (1, 4, 12, 24, 59, 60, 99):
        rows = spread(label.tolist(), subject, most)
        assert rows == sorted(set(rows))
        assert len(rows) == min(most, 60)
        each = Counter((subject[row], int(label[row])) for row in rows)
        assert max(each.values()) - min(each.values() if len(each) == 12 else [0]) <= 1
    assert spread(label.tolist(), subject, None) == list(range(60))
    assert spread(label.tolist(), subject, 12, 1) != spread(label.tolist(), subject, 12, 0)
