"""The last door: a protection that lies, or errs, does not get a frame out."""

from dataclasses import replace

import numpy as np
import pytest
from gated import COVERED, INDEX, PLAN, TIME, covered, gate, outside, two

from deadpan.app.gate import Gate, vouched
from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.shutter import shutter_picture
from deadpan.app.tally import Tally
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.stickers import sticker
from deadpan.stickers.compositing import lay, warp
from deadpan.stickers.placement import Placement
from deadpan.stickers.protection import Promise, Protected
from deadpan.stickers.regions import BY_NAME


@pytest.fixture
def frame(posing: list[Image]) -> Frame:
    return Frame(posing[0], INDEX, TIME, 0.0)


@pytest.fixture(scope="module")
def sighting(face: Face) -> Sighting:
    return two(face)


@pytest.fixture
def honest(frame: Frame, sighting: Sighting) -> Protected:
    return covered(frame, sighting)


@pytest.fixture
def tally() -> Tally:
    return Tally()


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
    once = covered(frame, sighting)
    twice = covered(once.frame, sighting)
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


def test_stickers_beside_the_picture_vouch_for_nobody_in_it(frame: Frame, face: Face) -> None:
    away = Sighting(INDEX, (face, outside(face, 1)))
    assert vouched(frame, replace(away, faces=(face,)), covered(frame, away), COVERED)
    assert not vouched(frame, away, covered(frame, away), COVERED)


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
    frame, seen = Frame(np.full((720, 960, 3), 90, np.uint8), INDEX, TIME, 0.0), beyond(face, side, far)
    mouth = Promise(covered=(BY_NAME["mouth"],))
    lips = PLAN.model_copy(update={"regions": ("mouth",)})
    honest = covered(frame, seen, lips)
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


def test_a_promise_of_nothing_lets_nothing_out(
    frame: Frame, sighting: Sighting, honest: Protected, tally: Tally
) -> None:
    assert gate(frame, tally).admit(frame, sighting, honest, Promise()).reason is Reason.SHUTTERED
