"""Stickers on stills: laid by the live code, answered by the real recognizer, counted over pictures."""

from pathlib import Path

import numpy as np
import pytest
from photos import Photo

from deadpan.calibration.sources.source import BadSource, Skipped
from deadpan.calibration.synthetic.still import Still
from deadpan.calibration.tables import shift
from deadpan.calibration.tables.shift import Shift
from deadpan.models import fer2013
from deadpan.models.fer2013 import LABELS
from deadpan.models.landmarker import Landmarker
from deadpan.models.reading import ATTENTIVE
from deadpan.stickers import plan as plans
from deadpan.stickers import sticker as stickers
from deadpan.stickers.protection import StickerProtection

pytest.importorskip("h5py")
pytest.importorskip("onnx")
PLAN = plans.load("paper")


@pytest.fixture(scope="module")
def photos(people: list[Still]) -> list[Photo]:
    fer2013.fetch()
    return [Photo(Path(each.name), 0, each.image) for each in people]


@pytest.fixture(scope="module")
def found(photos: list[Photo], model: bytes) -> Shift:
    return shift.measure(photos[:3], model, stickers.load("smiley"), PLAN, "the paper's", draws=2)


def test_without_a_sticker_nothing_changes(found: Shift) -> None:
    clean = found.ways[0]
    assert (clean.changed.value, clean.changed.high, clean.nobody) == (0, 0, 0)
    assert clean.kept.value > 1 / len(LABELS)


def test_probabilities_of_every_way_sum_to_the_share_in_which_a_face_is_found(found: Shift) -> None:
    for way in found.ways:
        assert sum(each.value for each in way.probabilities) == pytest.approx(1 - way.nobody, abs=1e-5)
        assert all(each.low <= each.value <= each.high for each in (*way.probabilities, way.kept, way.changed))


def test_the_difference_is_that_of_the_two_ways(found: Shift) -> None:
    _, random, causal = found.ways
    assert found.difference.value == pytest.approx(causal.changed.value - random.changed.value)
    assert (random.draws, causal.draws, found.pictures) == (2, 1, 3)


def test_the_same_seed_gives_the_same_figures_whatever_was_measured_before(
    found: Shift, photos: list[Photo], model: bytes
) -> None:
    again = shift.measure(photos[:3], model, stickers.load("smiley"), PLAN, "the paper's", draws=2)
    assert repr(again) == repr(found)


def test_a_sticker_lies_on_the_region_of_the_plan_and_elsewhere_at_random(photos: list[Photo], model: bytes) -> None:
    image = photos[0].read()
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        protection = StickerProtection(PLAN, stickers.load("smiley"))
        clean, one, two, causal = shift.laid(image, landmarker, protection, 2, np.random.default_rng(0))
        again = shift.laid(image, landmarker, protection, 2, np.random.default_rng(1))
    where = [np.argwhere((each != clean).any(axis=2)).mean(axis=0) for each in (one, two, causal)]
    assert min(np.linalg.norm(where[a] - where[b]) for a, b in ((0, 1), (0, 2), (1, 2))) > 5
    assert where[2][0] < clean.shape[0] / 2 > where[2][1], "the person's right brow: above the middle, on its left"
    np.testing.assert_array_equal(causal, again[-1])


def test_pictures_that_cannot_be_used_are_told_of_and_none_at_all_is_an_error(
    photos: list[Photo], model: bytes
) -> None:
    blank = Photo(Path("wall"), 0, np.full((90, 90, 3), 120, np.uint8))
    skipped: list[Skipped] = []
    few = [blank, Photo(Path("cut"), 0, None), photos[0]]
    found = shift.measure(few, model, stickers.load("heart"), PLAN, "", draws=1, skip=skipped.append)
    assert (found.pictures, found.skipped) == (1, 2)
    assert [each.why for each in skipped] == ["no face was found on it", "not a picture that can be read"]
    with pytest.raises(BadSource, match="none of 1 pictures shows a face"):
        shift.measure([blank], model, stickers.load("heart"), PLAN, "", draws=1)


def test_a_picture_on_which_no_face_is_found_any_more_counts_as_changed_and_says_nothing() -> None:
    clean = np.full((2, 1, len(LABELS)), 0.1, np.float32)
    clean[:, :, 3] = 0.4
    hidden = clean.copy()
    hidden[1] = 0
    way = shift._way("causal place", hidden, clean, shift._weights(2, 0))
    assert (way.changed.value, way.nobody) == (0.5, 0.5)
    assert way.kept.value == pytest.approx(0.2)
