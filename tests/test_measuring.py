"""From clips to maps: what moved is on the map, the regions lie on the face, one bad clip does not stop the rest."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from deadpan.calibration.median_face import CENTRES, SIZE
from deadpan.calibration.sources.cutout import CutOut, see
from deadpan.calibration.sources.measuring import apex, geometry, measure, store
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.still import Still, find
from deadpan.calibration.synthetic.synthesis import Clip, Event, head_named
from deadpan.models import maps
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.motion import CROP, crop
from deadpan.models.reading import ATTENTIVE, read
from deadpan.stickers.regions import NAMES, REGIONS

PUBLIC = dict(zip(NAMES, CENTRES, strict=True))
SHOWN = (
    ("positive", (6, 12), "right_lip_corner"),
    ("surprise", (1, 2), "right_brow_inner"),
    ("negative", (17,), "chin"),
)


def sample(
    clip: Clip, number: int, *, coded: bool = True, load: Callable[[int, int], list[Image]] | None = None
) -> Sample:
    pictures = list(clip.pictures())
    (event,) = clip.events
    return Sample(
        name=f"clip-{number}",
        subject=clip.subject,
        dataset="synthetic",
        label=maps.LABELS.index(event.label),
        emotion=event.label,
        action_units="",
        fps=clip.fps,
        onset=event.onset,
        apex=event.apex if coded else (event.onset + event.offset) // 2,
        offset=event.offset,
        length=clip.length,
        apex_coded=coded,
        load=load or (lambda first, last: pictures[first : last + 1]),
    )


def clip(still: Still, number: int, apex: int = 8) -> Clip:
    label, units, _ = SHOWN[number]
    event = Event(2, apex, 14, label, units, 0.02)
    head = head_named("quiet")
    return Clip(f"{number}", "collins", (still,), 16, (event,), head=head, size=(480, 360), seed=number)


@pytest.fixture(scope="module")
def still(model: bytes) -> Still:
    return find("collins", portrait.photograph(), model, near=(222, 115)).scaled(180).framed((480, 360))


@pytest.fixture(scope="module")
def samples(still: Still) -> list[Sample]:
    return [sample(clip(still, number), number) for number in range(3)]


@pytest.fixture(scope="module")
def measured(samples: list[Sample], model: bytes) -> maps.Maps:
    return measure(samples, model)


def test_what_moved_is_where_the_map_is_bright(measured: maps.Maps) -> None:
    for row, (_, _, region) in enumerate(SHOWN):
        x, y = (measured.roi_center[row, NAMES.index(region)] * 28).astype(int)
        upward = 255 - measured.motion[row, ..., 1].astype(int)
        there = upward[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3].max()
        assert there > np.median(upward) + 60, region


def test_order_names_and_labels_are_the_samples_own(measured: maps.Maps, samples: list[Sample]) -> None:
    assert measured.clip.tolist() == [each.name for each in samples]
    assert measured.label.tolist() == [each.label for each in samples]
    assert set(measured.subject.tolist()) == {"collins"}
    assert set(measured.dataset.tolist()) == {"synthetic"}


def test_maps_that_were_stored_load_as_they_were(measured: maps.Maps, tmp_path: Path) -> None:
    store(measured, tmp_path / "own.npz")
    loaded = maps.load(tmp_path / "own.npz")
    assert loaded.sha256 == measured.sha256
    np.testing.assert_array_equal(loaded.roi_center, measured.roi_center)
    np.testing.assert_array_equal(loaded.face_size, measured.face_size)


def test_a_coded_apex_costs_two_pictures(samples: list[Sample], model: bytes) -> None:
    asked: list[tuple[int, int]] = []

    def load(first: int, last: int) -> list[Image]:
        asked.append((first, last))
        return samples[0].load(first, last)

    measure([replace(samples[0], load=load)], model)
    assert asked == [(2, 2), (8, 8)]


def test_an_apex_that_nobody_coded_is_found_by_the_reading(still: Still, model: bytes) -> None:
    """The middle, which the convention takes, lies three pictures after it."""
    early = sample(clip(still, 0, apex=5), 0, coded=False)
    assert early.apex == 8
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        cut = CutOut.find(early.load(2, 2)[0], landmarker)
        assert cut is not None
        number, picture = apex(early, cut, landmarker)
    assert abs(number - 5) <= 1
    np.testing.assert_array_equal(picture, early.load(number, number)[0])
    own = measure([early], model).motion
    np.testing.assert_array_equal(own, measure([replace(early, apex=number, apex_coded=True)], model).motion)
    assert (own != measure([replace(early, apex_coded=True)], model).motion).any()


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of what moves down or up."""
    return float(np.corrcoef(one[..., 1].ravel(), other[..., 1].ravel())[0, 1])


def test_the_map_is_what_the_live_reading_gives(samples: list[Sample], measured: maps.Maps, model: bytes) -> None:
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        reading = read(samples[0].load(2, 8), landmarker)
    assert reading is not None
    assert alike(reading.motion, measured.motion[0]) > 0.9


def test_grey_and_fast_pictures_are_measured_too(samples: list[Sample], measured: maps.Maps, model: bytes) -> None:
    """200 a second, as CASME II and SAMM have: each picture of the clip several times."""

    def load(first: int, last: int) -> list[Image]:
        chosen = [samples[0].load(number // 6, number // 6)[0] for number in range(first, last + 1)]
        return [np.asarray(cv2.cvtColor(cv2.cvtColor(each, 6), cv2.COLOR_GRAY2BGR), np.uint8) for each in chosen]

    fast = replace(samples[0], fps=180.0, onset=12, apex=60, offset=84, length=96, apex_coded=False, load=load)
    assert alike(measure([fast], model).motion[0], measured.motion[0]) > 0.8


def test_one_bad_clip_is_one_line_and_the_rest_is_measured(samples: list[Sample], model: bytes) -> None:
    def broken(first: int, last: int) -> list[Image]:
        raise BadSource(f"img{first}.jpg: not a picture")

    empty = np.full((360, 480, 3), 90, np.uint8)
    bad = [
        replace(samples[0], name="broken", load=broken),
        replace(samples[0], name="nobody", load=lambda first, last: [empty] * (last - first + 1)),
        replace(samples[0], name="gone", load=lambda first, last: samples[0].load(2, 2) if first == 2 else [empty]),
        replace(
            samples[0], name="sizes", load=lambda first, last: samples[0].load(2, 2) if first == 2 else [empty[:99]]
        ),
        replace(samples[0], name="frozen", load=lambda first, last: samples[0].load(2, 2)),
    ]
    skipped: list[Skipped] = []
    steps: list[tuple[int, int]] = []
    got = measure([*bad, samples[1]], model, lambda *step: steps.append(step), skipped.append)
    assert got.clip.tolist() == ["clip-1"]
    assert steps == [(number, 6) for number in range(7)]
    assert [each.where for each in skipped] == [f"synthetic {each.name}" for each in bad]
    whys = [
        "img2.jpg: not a picture",
        "no face was found at its onset",
        "no face was found at its apex",
        "its pictures are of 2 sizes: 480 × 360 and 480 × 99 px",
        "nothing moves",
    ]
    for each, why in zip(skipped, whys, strict=True):
        assert why in each.why
        assert "\n" not in str(each)
    with pytest.raises(BadSource, match="none of 5 samples could be measured"):
        measure(bad, model)


def test_a_regions_centre_lands_on_the_mapped_place(still: Still) -> None:
    """Told by the crop itself: a white dot on a region's centre is where `geometry` says."""
    centres, _ = geometry(still.face)
    for region, (x, y) in zip(REGIONS, centres, strict=True):
        picture = np.zeros_like(still.image)
        dot = tuple(round(float(each) * 16) for each in region.centre(still.face))
        cv2.circle(picture, dot, 4 * 16, (255, 255, 255), -1, cv2.LINE_AA, 4)
        seen = crop(picture, still.face.landmarks, still.face.landmarks).astype(float)
        inside = 0.02 < x < 0.98 and 0.02 < y < 0.98
        assert seen.sum() > 0 or not inside, region.name
        if inside:
            at = np.arange(CROP) + 0.5
            middle = seen.sum(axis=0) @ at / seen.sum() / CROP, seen.sum(axis=1) @ at / seen.sum() / CROP
            np.testing.assert_allclose(middle, (x, y), atol=0.004, err_msg=region.name)


def test_regions_lie_where_the_public_maps_have_them(people: list[Still]) -> None:
    """Nine real faces: on their mean within .055 of the crop of the public medians; each, turned or smiling, in .12."""
    centres, sizes = zip(*(geometry(still.face) for still in people), strict=True)
    off = np.stack(centres) - np.array([PUBLIC[name] for name in NAMES])
    print(f"mean {np.abs(off.mean(axis=0)).max():.3f}, each {np.abs(off).max():.3f}, size {np.mean(sizes, axis=0)}")
    assert np.abs(off.mean(axis=0)).max() < 0.055
    assert np.abs(off).max() < 0.12
    np.testing.assert_allclose(np.mean(sizes, axis=0), SIZE, rtol=0.08)


@pytest.mark.parametrize("narrower", [0.0, -0.2])
def test_a_face_that_fills_its_picture_is_found_where_it_is(still: Still, narrower: float, model: bytes) -> None:
    left, top, right, bottom = still.face.box
    grow = narrower * (bottom - top) / 2
    rows, columns = slice(int(top - grow), int(bottom + grow)), slice(int(left - grow), int(right + grow))
    tight = still.image[rows, columns]
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        cut = CutOut.find(tight, landmarker)
        assert cut is not None
        face = see(cut.of(tight), landmarker)
    assert face is not None
    shift = np.array([cut.left + columns.start, cut.top + rows.start])
    for region in REGIONS:
        off = region.centre(face) + shift - region.centre(still.face)
        assert np.linalg.norm(off) < 0.06 * still.face.width, region.name


def test_a_face_too_small_for_the_whole_picture_is_found(still: Still, model: bytes) -> None:
    """Some of CASME is 1280 × 720 px with faces of about 150 px, not all of which are seen in the whole picture."""
    small = still.scaled(90)
    picture = np.full((720, 1280, 3), 90, np.uint8)
    height, width = small.image.shape[:2]
    picture[200 : 200 + height, 700 : 700 + width] = small.image
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        assert see(picture, landmarker) is None
        cut = CutOut.find(picture, landmarker)
        assert cut is not None
        face = see(cut.of(picture), landmarker)
    assert face is not None
    away = face.landmarks + np.float32([cut.left, cut.top]) - small.face.landmarks - np.float32([700, 200])
    assert np.linalg.norm(away, axis=1).mean() < 0.05 * small.face.width
