"""Freeze, decoy and still on a whole picture: what moved is not seen, and only what is sure goes out."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from deadpan.calibration.synthetic.action_units import field as pulled
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.motion import crop, flow, frontal
from deadpan.stickers import plan, sticker
from deadpan.stickers.bend import LEVELS, bent_at
from deadpan.stickers.regions import REGIONS
from deadpan.stickers.still import SkinProtection, decoy, freeze, still

Shown = tuple[Frame, Sighting]
UNITS = ((4,), (12,), (1, 2))
APEX = 6


def protection(freezing: float = 1.0, decoying: float = 0.0) -> SkinProtection:
    return SkinProtection(plan.load("paper"), sticker.load("star"), freezing, decoying, seed=1)


def acting(picture: Image, face: Face, units: tuple[int, ...], amplitude: float) -> Iterator[Shown]:
    """A still person who shows action units from the second frame on, most on frame `APEX`, with a camera's noise."""
    height, width = picture.shape[:2]
    moved = pulled(face, (width, height), units) * np.float32(amplitude * face.width)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    random = np.random.default_rng(0)
    for index in range(APEX + 1):
        share = np.float32(0.5 - 0.5 * np.cos(np.pi * index / APEX))
        image = cv2.remap(picture, x - share * moved[..., 0], y - share * moved[..., 1], cv2.INTER_CUBIC)
        image = np.clip(image + random.normal(0, 2, image.shape), 0, 255).astype(np.uint8)
        yield Frame(image, index, index / 30, 0.0), Sighting(index, (face,))


def read_off(first: Image, last: Image, truth: np.ndarray, face: Face) -> float:
    """How much of the true motion somebody sees who aligns the pictures and takes the head's motion off: about 1."""
    seen = flow(crop(first, face.landmarks, face.landmarks), crop(last, face.landmarks, face.landmarks))
    matrix = frontal(face.landmarks)
    true = cv2.warpAffine(truth, matrix, seen.shape[1::-1]) @ matrix[:, :2].T.astype(np.float32)
    return float((seen * true).sum() / (true * true).sum())


def shifted(face: Face, right: float, down: float, track: int) -> Face:
    return Face(face.landmarks + np.array([right, down], np.float32), face.pose, track)


@pytest.fixture
def frame(posing: list[Image]) -> Frame:
    return Frame(posing[0], 0, 0.0, 12.5)


@pytest.mark.parametrize("units", UNITS)
def test_a_micro_expression_cannot_be_read_any_more(units: tuple[int, ...], posing: list[Image], face: Face) -> None:
    height, width = posing[0].shape[:2]
    truth = pulled(face, (width, height), units) * np.float32(0.02 * face.width)
    protected, shown = protection(), acting(posing[0], face, units, 0.02)
    assert protected.apply(*next(shown)) is None, "of the first frame there is no earlier one to hold it to"
    before, after = [], []
    for frame, sighting in shown:
        done = protected.apply(frame, sighting)
        assert done is not None
        before.append(frame.image)
        after.append(done.frame.image)
    assert read_off(before[0], before[-1], truth, face) > 0.6
    assert abs(read_off(after[0], after[-1], truth, face)) < 0.15


@pytest.mark.parametrize("apart", [0.1, 0.3])
@pytest.mark.parametrize("decoying", [0.0, 0.6], ids=["freeze", "still"])
def test_skin_that_two_faces_lay_claim_to_is_held_once(
    apart: float, decoying: float, posing: list[Image], face: Face
) -> None:
    """A head half behind another, or one that is found twice: what is taken off twice can be read as well as before."""
    height, width = posing[0].shape[:2]
    truth = pulled(face, (width, height), (1, 2)) * np.float32(0.02 * face.width)
    protected, after = protection(1.0, decoying), []
    for frame, sighting in acting(posing[0], face, (1, 2), 0.02):
        faces = face, shifted(face, apart * face.width, 0, track=1)
        done = protected.apply(frame, replace(sighting, faces=faces))
        after += [] if done is None else [done.frame.image]
    assert abs(read_off(after[0], after[-1], truth, face)) < 0.15


def test_what_is_held_stays_held_when_the_picture_gets_smaller(posing: list[Image], face: Face) -> None:
    """As on a slow machine: the size changes in the middle of a micro-expression."""
    height, width = posing[0].shape[:2]
    truth = pulled(face, (width, height), (12,)) * np.float32(0.02 * face.width)
    protected, shown, after = protection(), acting(posing[0], face, (12,), 0.02), []
    protected.apply(*next(shown))
    for frame, sighting in shown:
        seen, whole = frame, (face,)
        if frame.index > APEX // 2:
            seen = replace(frame, image=np.asarray(cv2.resize(frame.image, None, fx=0.5, fy=0.5), np.uint8))
            whole = (Face(face.landmarks / 2, face.pose, face.track),)
        done = protected.apply(seen, replace(sighting, faces=whole))
        assert done is not None
        after.append(cv2.resize(done.frame.image, (width, height)))
    assert abs(read_off(after[0], after[-1], truth, face)) < 0.2


def test_the_decoy_alone_does_not_hide_it_but_stirs_the_face(posing: list[Image], face: Face) -> None:
    """What the README must say of it."""
    height, width = posing[0].shape[:2]
    truth = pulled(face, (width, height), (12,)) * np.float32(0.02 * face.width)
    read = []
    for seed in range(4):
        protected = SkinProtection(plan.load("paper"), sticker.load("star"), 0.0, 0.4, seed)
        done = [protected.apply(*shown) for shown in acting(posing[0], face, (12,), 0.02)]
        assert done[0] is not None
        assert done[-1] is not None
        read.append(read_off(done[0].frame.image, done[-1].frame.image, truth, face))
    assert float(np.mean(read)) > 0.3
    assert float(np.std(read)) > 0.01


def test_strength_is_the_share_that_is_taken_off(posing: list[Image], face: Face) -> None:
    shown = list(acting(posing[0], face, (12,), 0.02))
    fields = []
    for strength in (0.0, 0.5, 1.0):
        protected = protection(strength)
        done = [protected.apply(*each) for each in shown][-1]
        assert done is not None
        fields.append(done.bent[0].field)
    assert not fields[0].any()
    assert np.allclose(2 * fields[1], fields[2], atol=1e-4)


def test_without_strength_the_picture_is_the_cameras(frame: Frame, face: Face) -> None:
    done = protection(0.0, 0.0).apply(frame, Sighting(0, (face,)))
    assert done is not None
    assert done.frame.image.tobytes() == frame.image.tobytes()
    assert not np.shares_memory(done.frame.image, frame.image)


@pytest.mark.parametrize("which", ["no face", "a lost face", "an earlier frame's faces", "a later frame's faces"])
def test_what_cannot_be_vouched_for_is_not_given(which: str, frame: Frame, face: Face) -> None:
    sighting = {
        "no face": Sighting(0, ()),
        "a lost face": Sighting(0, (face,), lost=1),
        "an earlier frame's faces": Sighting(-1, (face,)),
        "a later frame's faces": Sighting(1, (face,)),
    }[which]
    assert protection(1.0, 0.4).apply(frame, sighting) is None
    assert protection(1.0, 0.4).apply(frame, Sighting(0, (face,))) is not None


def test_the_clean_frame_stays_clean_and_its_number_and_times_are_kept(posing: list[Image], face: Face) -> None:
    frame = Frame(posing[0], 7, 3.5, 12.25)
    before = frame.image.tobytes()
    done = protection(1.0, 0.4).apply(frame, Sighting(7, (face,)))
    assert done is not None
    assert frame.image.tobytes() == before != done.frame.image.tobytes()
    assert (done.frame.index, done.frame.time, done.frame.captured) == (7, 3.5, 12.25)


def test_two_faces_are_bent_each(frame: Frame, face: Face) -> None:
    two = (face, shifted(face, -250, 40, track=1))
    done = protection(1.0, 0.4).apply(frame, Sighting(0, two))
    assert done is not None
    assert [bent.track for bent in done.bent] == [face.track, 1]
    # Of one seed, which only tests give.
    np.testing.assert_allclose(done.bent[0].field, done.bent[1].field, atol=0.01)
    left = two[1].box
    changed = (done.frame.image != frame.image).any(axis=2)
    assert changed[round(left[1]) : round(left[3]), round(left[0]) : round(left[2])].mean() > 0.2


def test_whoever_looks_again_finds_what_was_told(posing: list[Image], face: Face) -> None:
    protected = protection(1.0, 0.5)
    for frame, sighting in acting(posing[0], face, (4,), 0.02):
        done = protected.apply(frame, sighting)
        assert done is not None
        at = np.rint([region.centre(face) for region in REGIONS]).astype(int)
        shown = done.frame.image[at[:, 1], at[:, 0]].astype(int)
        assert np.abs(bent_at(frame.image, done.bent, at) - shown).max() <= LEVELS


def test_only_the_past_counts(posing: list[Image], face: Face) -> None:
    shown = list(acting(posing[0], face, (12,), 0.02))

    def run(length: int) -> list[bytes]:
        protected = protection(1.0, 0.4)
        done = [protected.apply(*each) for each in shown[:length]]
        return [each.frame.image.tobytes() for each in done if each is not None]

    whole = run(len(shown))
    assert len(whole) == len(shown)
    assert run(1) == whole[:1]
    assert run(4) == whole[:4]


def test_after_a_restart_the_past_is_forgotten(posing: list[Image], face: Face) -> None:
    shown = list(acting(posing[0], face, (12,), 0.02))
    protected = protection(1.0, 0.4)
    for each in shown[:-1]:
        protected.apply(*each)
    protected.restart()
    again, fresh = protected.apply(*shown[-1]), protection(1.0, 0.4).apply(*shown[-1])
    assert again is not None
    assert fresh is not None
    assert again.frame.image.tobytes() == fresh.frame.image.tobytes()


def test_what_is_let_go_is_told(posing: list[Image], face: Face) -> None:
    """A leak can hide there, so whoever lets frames out counts it."""
    protected, shown = protection(), acting(posing[0], face, (17,), 0.02)
    protected.apply(*next(shown))
    told = []
    for frame, sighting in shown:
        done = protected.apply(frame, sighting)
        assert done is not None
        told += done.bent[0].let_go
    assert len(told) < (APEX + 1) * len(REGIONS) / 4
    covered = posing[0].copy()
    left, top, right, bottom = (round(value) for value in face.box)
    covered[(top + bottom) // 2 : bottom, left:right] = 128
    done = protected.apply(Frame(covered, 99, 0.3, 0.0), Sighting(99, (face,)))
    assert done is not None
    assert {"mouth", "chin"} <= set(done.bent[0].let_go)


def test_a_new_baseline_does_not_show(posing: list[Image], face: Face) -> None:
    """Once a second it is taken anew, and the skin must not jump then."""
    protected, tops = protection(), []
    random = np.random.default_rng(0)
    for index in range(40):
        noisy = np.clip(posing[0] + random.normal(0, 2, posing[0].shape), 0, 255).astype(np.uint8)
        done = protected.apply(Frame(noisy, index, index / 30, 0.0), Sighting(index, (face,)))
        tops += [] if done is None else [done.bent[0].field]
    assert len(tops) == 39
    assert float(np.abs(np.diff(tops, axis=0)).max()) < 0.01 * face.width


def test_the_three_modes_are_these(frame: Frame, face: Face) -> None:
    made = [each(plan.load("paper"), sticker.load("star")) for each in (freeze, decoy, still)]
    done = [each.apply(frame, Sighting(0, (face,))) for each in made]
    assert done[0] is None  # nothing has moved yet
    strong, weak = (float(np.abs(each.bent[0].field).max()) for each in done if each is not None)
    assert strong > weak > 0


@pytest.mark.parametrize("shape", [(0, 0), (0, 1), (1, 0), (np.nan, 1)], ids=["a dot", "a line", "a bar", "nowhere"])
def test_a_face_without_a_shape_is_no_error_and_is_forgotten(
    shape: tuple[float, float], posing: list[Image], face: Face
) -> None:
    """An error on each of its frames would end the call."""
    middle = face.landmarks.mean(axis=0)
    broken = Face(np.asarray((face.landmarks - middle) * shape + middle, np.float32), face.pose, face.track)
    for protecting in (protection(), protection(0.0, 1.0), protection(1.0, 0.5)):
        for index, seen in enumerate((face, face, broken, broken, face, face)):
            shown = Frame(posing[0], index, index / 30, 0.0)
            done = protecting.apply(shown, Sighting(index, (seen,)))
            if seen is face:
                assert (done is None) == (index == 0 and protecting.name == "freeze")
            elif shape not in ((0, 1), (1, 0)):
                assert done is None
