"""The last door: a protection that lies, or errs, does not get a frame out."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest

from deadpan.app.gate import Gate, vouched
from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.shutter import Shutter, shutter_picture
from deadpan.app.tally import Tally
from deadpan.calibration.synthetic.action_units import field as pulled
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.stickers import plan, sticker
from deadpan.stickers.compositing import lay, warp
from deadpan.stickers.placement import Placement
from deadpan.stickers.protection import Promise, Protected, StickerProtection
from deadpan.stickers.regions import BY_NAME, NAMES
from deadpan.stickers.skin import SIDE
from deadpan.stickers.still import SkinProtection

PLAN = plan.Plan(
    version=1,
    name="two regions",
    regions=("right_brow_outer", "mouth"),
    provenance=plan.Provenance(source="a test", measured=False),
)
COVERED = Promise(covered=PLAN.targets)
INDEX, TIME = 7, 1.5


@pytest.fixture
def frame(posing: list[Image]) -> Frame:
    return Frame(posing[0], INDEX, TIME, 0.0)


@pytest.fixture(scope="module")
def sighting(face: Face) -> Sighting:
    """Two faces on the frame: the real one, and one beside it."""
    beside = Face(face.landmarks + np.array([240, 60], np.float32), face.pose, face.track + 1)
    return Sighting(INDEX, (face, beside))


@pytest.fixture
def honest(frame: Frame, sighting: Sighting) -> Protected:
    """What the real protection makes of the frame."""
    protected = StickerProtection(PLAN, sticker.load("star")).apply(frame, sighting)
    assert protected is not None
    return protected


@pytest.fixture
def tally() -> Tally:
    return Tally()


def gate(frame: Frame, tally: Tally, *, show_empty: bool = False) -> Gate:
    return Gate(Shutter(*frame.size), tally, show_empty=show_empty)


def moved(place: Placement) -> Placement:
    """The same sticker half its size away: its edge is where its middle should be."""
    return replace(place, centre=(place.centre[0] + place.size[0] / 2, place.centre[1]))


def test_a_frame_with_every_face_covered_goes_out_as_it_is(
    frame: Frame, sighting: Sighting, honest: Protected, tally: Tally
) -> None:
    outgoing = gate(frame, tally).admit(frame, sighting, honest, COVERED)
    assert outgoing.image is honest.frame.image
    assert (outgoing.reason, outgoing.time) == (Reason.PROTECTED, TIME)
    assert tally.unvouched == 0


LIES = {
    "the raw image itself": lambda p, f: replace(p, frame=f),
    "made from the frame before": lambda p, f: replace(p, frame=replace(p.frame, index=INDEX - 1)),
    "of another shape": lambda p, f: replace(p, frame=replace(p.frame, image=p.frame.image[:-2].copy())),
    "no sticker at all": lambda p, f: replace(p, placements=()),
    "stickers elsewhere": lambda p, f: replace(p, placements=tuple(map(moved, p.placements))),
    "one sticker elsewhere": lambda p, f: replace(p, placements=(*p.placements[:-1], moved(p.placements[-1]))),
    "one of two faces": lambda p, f: replace(p, placements=tuple(x for x in p.placements if x.track == 0)),
    "one of two regions": lambda p, f: replace(
        p, placements=tuple(x for x in p.placements if x.region.name == "mouth")
    ),
    "a copy of the raw image": lambda p, f: replace(p, frame=replace(p.frame, image=f.image.copy())),
    "another sticker than it says": lambda p, f: replace(p, sticker=sticker.load("heart")),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lying_protection_gets_nothing_out_and_is_counted(
    lie: str, frame: Frame, sighting: Sighting, honest: Protected, tally: Tally
) -> None:
    told = LIES[lie](honest, frame)
    outgoing = gate(frame, tally).admit(frame, sighting, told, COVERED)
    assert outgoing.reason is Reason.SHUTTERED
    assert np.array_equal(outgoing.image, shutter_picture(*frame.size))
    assert tally.unvouched == 1


@pytest.mark.parametrize("lie", ["a view", "a copy"])
def test_the_raw_pixels_under_another_name_get_nothing_out(
    lie: str, frame: Frame, sighting: Sighting, honest: Protected, tally: Tally
) -> None:
    raw = frame.image[:] if lie == "a view" else frame.image.copy()
    told = replace(honest, frame=replace(honest.frame, image=raw))
    outgoing = gate(frame, tally).admit(frame, sighting, told, COVERED)
    assert outgoing.reason is Reason.SHUTTERED


@pytest.mark.parametrize(
    "doubt",
    [
        pytest.param(lambda s: replace(s, lost=1), id="a face is missing"),
        pytest.param(lambda s: replace(s, faces=()), id="no face was seen"),
        pytest.param(lambda s: replace(s, index=INDEX - 1), id="seen on the frame before"),
    ],
)
def test_a_doubtful_sighting_vouches_for_nothing(
    doubt: object, frame: Frame, sighting: Sighting, honest: Protected, tally: Tally
) -> None:
    assert callable(doubt)
    doubted = doubt(sighting)
    assert not vouched(frame, doubted, honest, COVERED)
    assert gate(frame, tally).admit(frame, doubted, honest, COVERED).reason is Reason.SHUTTERED
    assert tally.unvouched == 1


def test_a_region_that_nobody_covered_is_not_vouched_for(frame: Frame, sighting: Sighting, honest: Protected) -> None:
    assert vouched(frame, sighting, honest, COVERED)
    assert not vouched(frame, sighting, honest, Promise(covered=(*PLAN.targets, BY_NAME["chin"])))


def test_a_protection_that_holds_back_is_no_liar(frame: Frame, sighting: Sighting, tally: Tally) -> None:
    assert gate(frame, tally).admit(frame, sighting, None, COVERED).reason is Reason.SHUTTERED
    assert tally.unvouched == 0


def test_after_a_lie_the_last_honest_picture_stands_in(
    frame: Frame, sighting: Sighting, honest: Protected, tally: Tally
) -> None:
    door = gate(frame, tally)
    door.admit(frame, sighting, honest, COVERED)
    later = replace(frame, index=INDEX + 1, time=TIME + 0.04)
    outgoing: Outgoing = door.admit(later, replace(sighting, index=INDEX + 1), honest, COVERED)
    assert outgoing.reason is Reason.HELD
    assert outgoing.image is honest.frame.image


def wait_in_vain(door: Gate, frame: Frame, seen: Sighting) -> Outgoing:
    """What goes out after five more frames on which nobody is found, a second apart."""
    return [door.admit(replace(frame, time=TIME + after), seen, None, COVERED) for after in range(5)][-1]


@pytest.mark.parametrize("show_empty", [True, False])
def test_an_empty_room_is_shown_only_when_asked(frame: Frame, tally: Tally, show_empty: bool) -> None:
    outgoing = wait_in_vain(gate(frame, tally, show_empty=show_empty), frame, Sighting(INDEX, ()))
    assert outgoing.reason is (Reason.EMPTY if show_empty else Reason.SHUTTERED)
    assert np.array_equal(outgoing.image, frame.image) is show_empty


@pytest.mark.parametrize(
    "seen", [Sighting(INDEX, (), lost=1), Sighting(INDEX - 1, ())], ids=["a face is missing", "another frame"]
)
def test_a_room_that_may_not_be_empty_is_not_shown(frame: Frame, tally: Tally, seen: Sighting) -> None:
    outgoing = wait_in_vain(gate(frame, tally, show_empty=True), frame, seen)
    assert outgoing.reason is Reason.SHUTTERED


def test_a_face_that_is_not_protected_is_no_empty_room(frame: Frame, sighting: Sighting, tally: Tally) -> None:
    outgoing = wait_in_vain(gate(frame, tally, show_empty=True), frame, sighting)
    assert outgoing.reason is Reason.SHUTTERED


def test_once_the_room_was_empty_nobody_is_held_any_more(
    frame: Frame, sighting: Sighting, honest: Protected, tally: Tally
) -> None:
    door = gate(frame, tally, show_empty=True)
    door.admit(frame, sighting, honest, COVERED)
    assert wait_in_vain(door, frame, Sighting(INDEX, ())).reason is Reason.EMPTY
    assert door.admit(frame, sighting, None, COVERED).reason is Reason.SHUTTERED


def test_a_sticker_of_the_colour_of_what_it_covers_is_no_lie(frame: Frame, sighting: Sighting, tally: Tally) -> None:
    """A frame protected twice: under the second sticker lies the same first one."""
    protection = StickerProtection(PLAN, sticker.load("star"))
    once = protection.apply(frame, sighting)
    assert once is not None
    twice = protection.apply(once.frame, sighting)
    assert twice is not None
    assert gate(frame, tally).admit(once.frame, sighting, twice, COVERED).reason == Reason.PROTECTED
    assert tally.unvouched == 0


def test_an_empty_room_is_shown_after_a_second_and_some_frames_without_anybody(frame: Frame, tally: Tally) -> None:
    door = gate(frame, tally, show_empty=True)

    def reasons(times: list[float]) -> list[Reason]:
        return [
            door.admit(replace(frame, index=i, time=time), Sighting(i, ()), None, COVERED).reason
            for i, time in enumerate(times)
        ]

    shut, empty = Reason.SHUTTERED, Reason.EMPTY
    assert reasons([0.0, 0.4, 0.8, 0.99, 1.0, 1.1]) == [shut] * 4 + [empty] * 2
    door.restart()
    assert reasons([2.0, 4.0, 6.0, 8.0, 10.0]) == [shut] * 3 + [empty] * 2


# Skin that is bent instead.


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
            assert protected is not None
            moments.append(Moment(frame, seen, protected))
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
    "stickers instead": lambda now, _: checked(
        StickerProtection(PLAN, sticker.load("star")).apply(now.frame, now.sighting)
    ),
}


def checked(protected: Protected | None) -> Protected:
    assert protected is not None
    return protected


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


def outside(face: Face, track: int) -> Face:
    """The face, far beside the picture: nothing of it could be looked at."""
    return Face(face.landmarks + np.float32(5000), face.pose, track)


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


def test_stickers_beside_the_picture_vouch_for_nobody_in_it(frame: Frame, face: Face) -> None:
    away = Sighting(INDEX, (face, outside(face, 1)))
    assert vouched(frame, replace(away, faces=(face,)), checked(laid(frame, away)), COVERED)
    assert not vouched(frame, away, checked(laid(frame, away)), COVERED)


def laid(frame: Frame, sighting: Sighting) -> Protected | None:
    return StickerProtection(PLAN, sticker.load("star")).apply(frame, sighting)


SIDES = {"left": (-1, 0), "right": (1, 0), "above": (0, -1), "below": (0, 1)}


def beyond(face: Face, side: str, far: float) -> Sighting:
    """The face where its mouth's centre lies so many px outside a picture of 960 × 720."""
    edge = np.array(
        [{-1: -far, 0: 400, 1: size - 1 + far}[way] for way, size in zip(SIDES[side], (960, 720), strict=True)]
    )
    away = edge - np.rint(BY_NAME["mouth"].centre(face))
    return Sighting(INDEX, (Face(face.landmarks + away.astype(np.float32), face.pose, face.track),))


@pytest.mark.parametrize("far", [1, 6, 12])
@pytest.mark.parametrize("side", SIDES)
def test_a_region_is_covered_also_where_its_centre_lies_just_outside_the_picture(
    side: str, far: float, face: Face
) -> None:
    """A part of it is to be seen."""
    frame, seen, art = Frame(np.full((720, 960, 3), 90, np.uint8), INDEX, TIME, 0.0), beyond(face, side, far), "star"
    mouth = Promise(covered=(BY_NAME["mouth"],))
    lips = PLAN.model_copy(update={"regions": ("mouth",)})
    honest = checked(StickerProtection(lips, sticker.load(art)).apply(frame, seen))
    assert vouched(frame, seen, honest, mouth)
    raw = replace(honest.frame, image=frame.image.copy())
    assert not vouched(frame, seen, replace(honest, frame=raw), mouth), "it is told, but the picture is raw"
    assert not vouched(frame, seen, replace(honest, placements=(), frame=raw), mouth), "and it is not told"
    (told,) = honest.placements
    inside = np.array(told.centre) - np.array(SIDES[side]) * (far + 2)
    small = replace(told, centre=(float(inside[0]), float(inside[1])), size=(far + 6, far + 6))
    image = frame.image.copy()
    lay(image, *warp(honest.sticker, small, *frame.size))
    only = replace(honest, placements=(small,), frame=replace(honest.frame, image=image))
    assert not vouched(frame, seen, only, mouth), "it covers a place inside, and not the region"


@pytest.mark.parametrize("broken", [slice(None), 5, 10], ids=["all", "one", "the forehead"])
def test_a_face_that_is_nowhere_keeps_the_frame_from_going_out(
    broken: int | slice, moments: Moments, sighting: Sighting, honest: Protected, frame: Frame
) -> None:
    """Where a landmark is no number there is no place to look at, and a raw frame would pass."""
    landmarks = sighting.faces[0].landmarks.copy()
    landmarks[broken] = np.nan
    lost = replace(sighting, faces=(replace(sighting.faces[0], landmarks=landmarks), *sighting.faces[1:]))
    assert not vouched(frame, lost, honest, COVERED)
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


def test_a_promise_of_nothing_lets_nothing_out(
    frame: Frame, sighting: Sighting, honest: Protected, tally: Tally
) -> None:
    assert gate(frame, tally).admit(frame, sighting, honest, Promise()).reason is Reason.SHUTTERED
