"""Labelled clips become what the recognizers of clips look at, the same as the meter shows them."""

from dataclasses import replace

import numpy as np
import pytest

from deadpan.calibration.sources.aligning import align
from deadpan.calibration.sources.measuring import measure
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.still import find
from deadpan.calibration.synthetic.synthesis import Clip, Event, head_named
from deadpan.models.clips import Clips
from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.models.maps import LABELS
from deadpan.stickers.regions import REGIONS

SHOWN = (("negative", (17,)), ("positive", (6, 12)), ("surprise", (1, 2)))
ROWS = {"negative": (0.80, 1.0), "positive": (0.6, 0.85), "surprise": (0.0, 0.25)}
"""Where on the crop such a motion shows, shares of its height."""


@pytest.fixture(scope="module")
def samples(model: bytes) -> list[Sample]:
    still = find("collins", portrait.photograph(), model, near=(222, 115)).scaled(180).framed((480, 360))
    found = []
    for number, (label, units) in enumerate(SHOWN):
        event = Event(2, 8, 14, label, units, 0.02)
        head = head_named("quiet")
        clip = Clip(str(number), "collins", (still,), 16, (event,), head=head, size=(480, 360), seed=number)
        found.append(sample(list(clip.pictures()), number, label))
    return found


def sample(pictures: list[Image], number: int, label: str) -> Sample:
    return Sample(
        *(f"clip-{number}", f"p{number}", "synthetic", LABELS.index(label), label, "", 30.0, 2, 8, 14, 16, True),
        load=lambda first, last: pictures[first : last + 1],
    )


@pytest.fixture(scope="module")
def pairs(samples: list[Sample], model: bytes) -> Clips:
    return align(samples, model, (2, 112, 112, 3), "onset-apex").clips


def test_what_moved_is_where_onset_and_apex_differ(pairs: Clips) -> None:
    for pictures, (label, _) in zip(pairs.pictures.astype(float), SHOWN, strict=True):
        rows = np.abs(pictures[1] - pictures[0]).mean(axis=(1, 2))
        low, high = ROWS[label]
        inside = rows[int(112 * low) : int(112 * high)]
        assert inside.max() > 1.5 * np.delete(rows, np.arange(int(112 * low), int(112 * high))).max(), label


def test_order_names_and_labels_are_the_samples_own(pairs: Clips) -> None:
    assert (pairs.window, pairs.sample, len(pairs)) == ("onset-apex", (2, 112, 112, 3), 3)
    assert pairs.label.tolist() == [0, 1, 2]
    assert pairs.subjects == ("p0", "p1", "p2")
    only = pairs.only(np.array([2, 0]))
    assert (only.clip.tolist(), only.label.tolist()) == (["clip-2", "clip-0"], [2, 0])
    assert only.sha256 != pairs.sha256 == pairs.only(np.arange(3)).sha256


def test_the_face_lies_on_a_clip_as_on_its_motion_map(samples: list[Sample], model: bytes) -> None:
    maps = measure(samples, model)
    for shape, window in (((2, 112, 112, 3), "onset-apex"), ((4, 64, 64, 1), "frames")):
        found = align(samples, model, shape, window)
        assert found.landmarks.shape == (3, 478, 2)
        for i, landmarks in enumerate(found.landmarks):
            face = Face(landmarks, (0, 0, 0), 0)
            centres = np.stack([region.centre(face) for region in REGIONS])
            np.testing.assert_allclose(centres, maps.roi_center[i], atol=1e-5)
            np.testing.assert_allclose((face.width, face.height), maps.face_size[i], atol=1e-5)


def test_a_coded_apex_costs_the_pictures_up_to_it(samples: list[Sample], model: bytes) -> None:
    asked: list[tuple[int, int]] = []

    def load(first: int, last: int) -> list[Image]:
        asked.append((first, last))
        return samples[0].load(first, last)

    align([replace(samples[0], load=load)], model, (2, 64, 64, 1), "onset-apex")
    align([replace(samples[0], load=load)], model, (5, 64, 64, 1), "frames")
    assert asked == [(2, 8), (2, 14)]


def test_an_apex_that_nobody_coded_is_the_readings(samples: list[Sample], model: bytes) -> None:
    uncoded = replace(samples[0], apex=3, apex_coded=False)
    (found,) = align([uncoded], model, (2, 64, 64, 1), "onset-apex").clips.pictures
    coded = [replace(samples[0], apex=at) for at in (7, 8, 9)]
    near = [align([each], model, (2, 64, 64, 1), "onset-apex").clips.pictures[0] for each in coded]
    assert any(np.array_equal(found, each) for each in near)


def test_a_clip_without_a_face_does_not_stop_the_rest(samples: list[Sample], model: bytes) -> None:
    blank = replace(samples[0], name="blank", load=lambda first, last: [np.zeros((360, 480, 3), np.uint8)] * 13)
    skipped: list[Skipped] = []
    assert len(align([blank, samples[1]], model, (2, 64, 64, 1), "onset-apex", skip=skipped.append).clips) == 1
    assert str(skipped[0]) == "synthetic blank: no face was found at its onset, picture 2"
    with pytest.raises(BadSource, match="none of 1 samples could be aligned"):
        align([blank], model, (2, 64, 64, 1), "onset-apex")
