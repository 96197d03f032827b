"""The last door before skin that is bent: what lies about it, or leaves some of it raw, does not get out."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
from gated import COVERED, INDEX, PLAN, TIME, checked, covered, gate, outside, two

from deadpan.app.gate import vouched
from deadpan.app.outgoing import Reason
from deadpan.app.tally import Tally
from deadpan.calibration.synthetic.action_units import field as pulled
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.stickers import sticker
from deadpan.stickers.field import SIDE
from deadpan.stickers.protection import Protected
from deadpan.stickers.regions import BY_NAME, NAMES
from deadpan.stickers.still import SkinProtection


@pytest.fixture(scope="module")
def sighting(face: Face) -> Sighting:
    return two(face)


@pytest.fixture
def tally() -> Tally:
    return Tally()


def bending(freeze: float, decoy: float) -> SkinProtection:
    return SkinProtection(PLAN, sticker.load("star"), freeze, decoy, seed=3)


@dataclass(frozen=True)
class Moment:
    """One frame, who is on it, and what a protection that bends skin made of it."""

    frame: Frame
    sighting: Sighting
    protected: Protected


def made(posing: list[Image], sighting: Sighting, freeze: float, decoy: float) -> list[Moment]:
    """Three frames, a hundredth of a second apart, so that landmarks and picture still fit; not a session's first.

    Brows and lip corners have moved a little since the first.
    """
    protection, moments = bending(freeze, decoy), []
    random = np.random.default_rng(0)
    height, width = posing[0].shape[:2]
    face = sighting.faces[0]
    moved = pulled(face, (width, height), (1, 2, 12)) * np.float32(0.004 * face.width)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    raised = cv2.remap(posing[0], x - moved[..., 0], y - moved[..., 1], cv2.INTER_CUBIC)
    for number in range(-1, 3):
        shown = posing[0] if number < 0 else raised
        noisy = np.clip(shown + random.normal(0, 3, shown.shape), 0, 255).astype(np.uint8)
        frame, seen = Frame(noisy, INDEX + number, TIME + number / 100, 0.0), replace(sighting, index=INDEX + number)
        protected = protection.apply(frame, seen)
        if number >= 0:
            moments.append(Moment(frame, seen, checked(protected)))
    return moments


Moments = Callable[[float, float], list[Moment]]


@pytest.fixture(scope="module")
def moments(posing: list[Image], sighting: Sighting) -> Moments:
    """Of a freeze and a decoy, made once for all tests: none of them changes a picture."""
    return functools.cache(functools.partial(made, posing, sighting))


MODES = pytest.mark.parametrize(("freeze", "decoy"), [(1, 0), (0, 1), (1, 0.5)], ids=["freeze", "decoy", "still"])


@MODES
def test_bent_frames_go_out(freeze: float, decoy: float, moments: Moments, sighting: Sighting, tally: Tally) -> None:
    shown = moments(freeze, decoy)
    door, promise = gate(shown[0].frame, tally), bending(freeze, decoy).promise
    for each in shown:
        outgoing = door.admit(each.frame, each.sighting, each.protected, promise)
        assert outgoing.reason is Reason.PROTECTED
        assert outgoing.image is each.protected.frame.image
    assert tally.unvouched == 0


def unbent(frame: Frame, protected: Protected) -> Protected:
    """The raw pixels under the frame's number."""
    return replace(protected, frame=replace(protected.frame, image=frame.image.copy()))


def half(protected: Protected, frame: Frame, sighting: Sighting) -> Protected:
    """The second face is as the camera saw it, and it is told that both are bent."""
    left, top, right, bottom = (round(value) for value in sighting.faces[1].box)
    image = protected.frame.image.copy()
    image[top:bottom, left:right] = frame.image[top:bottom, left:right]
    return replace(protected, frame=replace(protected.frame, image=image))


def untold(protected: Protected) -> Protected:
    return replace(protected, bent=tuple(replace(each, field=np.zeros_like(each.field)) for each in protected.bent))


def beside(protected: Protected) -> Protected:
    """It is told that much is bent, ten thousand px away."""
    away, much = np.array([[0, 0, 1e4], [0, 0, 0]]), np.full((SIDE, SIDE, 2), 3, np.float32)
    return replace(protected, bent=tuple(replace(b, field=much, place=b.place + away) for b in protected.bent))


BENDING_LIES: dict[str, Callable[[Moment, Moment], Protected]] = {
    "the raw pixels, told as bent": lambda now, _: unbent(now.frame, now.protected),
    "the raw pixels, told as such": lambda now, _: untold(unbent(now.frame, now.protected)),
    "a field of almost nothing": lambda now, _: replace(
        unbent(now.frame, now.protected),
        bent=tuple(replace(each, field=each.field * np.float32(1e-4)) for each in now.protected.bent),
    ),
    "one face of two is raw": lambda now, _: half(now.protected, now.frame, now.sighting),
    "one face of two is not told": lambda now, _: replace(now.protected, bent=now.protected.bent[:1]),
    "one face is told twice": lambda now, _: replace(now.protected, bent=(now.protected.bent[0],) * 2),
    "another field than was used": lambda now, _: replace(
        now.protected, bent=tuple(replace(each, field=-each.field) for each in now.protected.bent)
    ),
    "a field of no numbers": lambda now, _: replace(
        now.protected, bent=tuple(replace(each, field=each.field * np.float32("nan")) for each in now.protected.bent)
    ),
    "a raw copy, its field beside the face": lambda now, _: beside(unbent(now.frame, now.protected)),
    "a field beside the face": lambda now, _: beside(now.protected),
    "a place of half the size": lambda now, _: replace(
        now.protected, bent=tuple(replace(each, place=each.place / 2) for each in now.protected.bent)
    ),
    "a place that is none": lambda now, _: replace(
        now.protected, bent=tuple(replace(each, place=np.zeros((2, 3))) for each in now.protected.bent)
    ),
    "an older frame, bent": lambda now, old: replace(
        old.protected, frame=replace(old.protected.frame, index=now.frame.index, time=now.frame.time)
    ),
    "an older frame's field": lambda now, old: replace(now.protected, bent=old.protected.bent),
    "stickers instead": lambda now, _: covered(now.frame, now.sighting),
}


@pytest.mark.parametrize("lie", BENDING_LIES)
def test_a_protection_that_lies_about_bending_gets_nothing_out(
    lie: str, moments: Moments, sighting: Sighting, tally: Tally
) -> None:
    _, old, now = moments(1, 0.5)
    door, promise = gate(now.frame, tally), bending(1, 0.5).promise
    assert door.admit(old.frame, old.sighting, old.protected, promise).reason is Reason.PROTECTED
    outgoing = door.admit(now.frame, now.sighting, BENDING_LIES[lie](now, old), promise)
    assert outgoing.reason is Reason.HELD
    assert outgoing.image is old.protected.frame.image
    assert tally.unvouched == 1


@MODES
@pytest.mark.parametrize("name", NAMES)
def test_one_raw_region_keeps_the_frame_from_going_out(
    name: str, freeze: float, decoy: float, moments: Moments, sighting: Sighting
) -> None:
    """Its window is pasted back from the camera's frame; all else is as it should be."""
    *_, now = moments(freeze, decoy)
    image = now.protected.frame.image.copy()
    corners = np.rint(BY_NAME[name].corners(sighting.faces[0])).astype(np.int32)
    window = cv2.fillConvexPoly(np.zeros(image.shape[:2], np.uint8), corners, 1) > 0
    image[window] = now.frame.image[window]
    raw = replace(now.protected, frame=replace(now.protected.frame, image=image))
    promise = bending(freeze, decoy).promise
    assert vouched(now.frame, now.sighting, now.protected, promise)
    assert not vouched(now.frame, now.sighting, raw, promise)


@MODES
def test_a_face_that_is_said_to_lie_outside_the_picture_may_be_anywhere_in_it(
    freeze: float, decoy: float, posing: list[Image], face: Face, tally: Tally
) -> None:
    """A tracker that errs would else air everybody at once, where an empty room has to wait."""
    door, promise = gate(Frame(posing[0], 0, 0.0, 0.0), tally, show_empty=True), bending(freeze, decoy).promise
    protection = bending(freeze, decoy)
    for number, faces in enumerate([(outside(face, 0),)] * 3 + [(face, outside(face, 1))] * 3):
        frame, seen = Frame(posing[number], number, number / 30, 0.0), Sighting(number, faces)
        assert door.admit(frame, seen, protection.apply(frame, seen), promise).reason is Reason.SHUTTERED


@pytest.mark.parametrize("broken", [slice(None), 5, 10], ids=["all", "one", "the forehead"])
def test_a_face_that_is_nowhere_keeps_the_frame_from_going_out(
    broken: int | slice, moments: Moments, sighting: Sighting, posing: list[Image]
) -> None:
    """Where a landmark is no number there is no place to look at, and a raw frame would pass."""
    landmarks = sighting.faces[0].landmarks.copy()
    landmarks[broken] = np.nan
    lost = replace(sighting, faces=(replace(sighting.faces[0], landmarks=landmarks), *sighting.faces[1:]))
    frame = Frame(posing[0], INDEX, TIME, 0.0)
    assert not vouched(frame, lost, covered(frame, sighting), COVERED)
    for freeze, decoy in ((1, 0), (0, 1), (1, 0.5)):
        shown = moments(freeze, decoy)[0]
        faces = replace(shown.sighting, faces=lost.faces)
        assert not vouched(shown.frame, faces, shown.protected, bending(freeze, decoy).promise)
        nowhere = tuple(replace(each, place=np.full((2, 3), np.nan)) for each in shown.protected.bent)
        told = replace(unbent(shown.frame, shown.protected), bent=nowhere)
        assert not vouched(shown.frame, faces, told, bending(freeze, decoy).promise)
        assert not vouched(shown.frame, shown.sighting, told, bending(freeze, decoy).promise)


@pytest.mark.parametrize(("freeze", "decoy"), [(0, 0.1), (0.1, 0.05), (1, 0)], ids=["decoy", "still", "freeze"])
def test_a_raw_frame_is_told_from_one_that_is_hardly_bent(
    freeze: float, decoy: float, moments: Moments, sighting: Sighting
) -> None:
    """The true field told over the raw pixels, at the least strength that there is: no pixel differs by much."""
    *_, now = moments(freeze, decoy)
    promise = bending(freeze, decoy).promise
    assert vouched(now.frame, now.sighting, now.protected, promise)
    assert not vouched(now.frame, now.sighting, unbent(now.frame, now.protected), promise)


def test_a_face_that_is_not_bent_is_a_raw_face_after_a_restart_as_well(
    moments: Moments, sighting: Sighting, tally: Tally
) -> None:
    """The viewer has seen the pictures before it, and can compare."""
    first, second, _ = moments(1, 0)
    door, promise = gate(first.frame, tally), bending(1, 0).promise
    for each in (first, second):
        door.restart()
        raw = untold(unbent(each.frame, each.protected))
        assert door.admit(each.frame, each.sighting, raw, promise).reason is Reason.SHUTTERED


@pytest.mark.parametrize("decoy", [0, 0.5], ids=["freeze", "still"])
def test_on_a_face_s_first_frame_nothing_is_held(decoy: float, posing: list[Image], sighting: Sighting) -> None:
    frame = Frame(posing[0], INDEX, TIME, 0.0)
    done = bending(1, decoy).apply(frame, sighting)
    if decoy:
        assert done is not None
        assert [bent.let_go for bent in done.bent] == [NAMES, NAMES]
    else:
        assert done is None


def test_with_a_decoy_not_even_the_first_frame_may_be_raw(moments: Moments, sighting: Sighting, tally: Tally) -> None:
    first, *_ = moments(1, 0.5)
    lie = untold(unbent(first.frame, first.protected))
    door = gate(first.frame, tally)
    assert door.admit(first.frame, first.sighting, lie, bending(1, 0.5).promise).reason is Reason.SHUTTERED


def test_who_promised_stickers_does_not_get_bent_skin_out(moments: Moments, sighting: Sighting, tally: Tally) -> None:
    first, *_ = moments(1, 0.5)
    door = gate(first.frame, tally)
    assert door.admit(first.frame, first.sighting, first.protected, COVERED).reason is Reason.SHUTTERED
