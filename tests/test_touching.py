"""Two heads that touch, or half hide each other: both are protected, and neither can be raw."""

import functools
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from gated import PLAN, checked, gate, touching

from deadpan.app.gate import vouched
from deadpan.app.outgoing import Reason
from deadpan.app.tally import Tally
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.stickers import sticker
from deadpan.stickers.bend import bend
from deadpan.stickers.combination import make
from deadpan.stickers.field import SIDE
from deadpan.stickers.protection import Promise, Protected
from deadpan.stickers.regions import BY_NAME, NAMES

MODES = ("stickers", "freeze", "decoy", "still", "stickers+still")
Moment = tuple[Frame, Sighting, Protected | None, Promise]


def made(posing: list[Image], face: Face, mode: str, apart: float) -> list[Moment]:
    """Three frames of a portrait that stirs, beside itself; a few ms apart, so that landmarks and picture still fit."""
    protection = make(mode, PLAN, sticker.load("star"), seed=3)
    moments = []
    for number, picture in enumerate(posing[:3]):
        image, faces = touching(picture, face, apart)
        frame, sighting = Frame(image, number, number / 100, 0.0), Sighting(number, faces)
        moments.append((frame, sighting, protection.apply(frame, sighting), protection.promise))
    return moments


Moments = Callable[[str, float], list[Moment]]


@pytest.fixture(scope="module")
def moments(posing: list[Image], face: Face) -> Moments:
    """Made once for all tests: none of them changes a picture."""
    return functools.cache(functools.partial(made, posing, face))


@pytest.mark.parametrize("apart", [1.0, 0.85, 0.6])
@pytest.mark.parametrize("mode", MODES)
def test_heads_that_touch_go_out_under_every_mode(mode: str, apart: float, moments: Moments) -> None:
    shown, tally = moments(mode, apart), Tally()
    door = gate(shown[0][0], tally)
    for frame, sighting, protected, promise in shown:
        goes = Reason.SHUTTERED if mode == "freeze" and frame.index == 0 else Reason.PROTECTED
        assert door.admit(frame, sighting, protected, promise).reason is goes
    assert tally.unvouched == 0


@pytest.mark.parametrize("mode", ["freeze", "decoy", "still"])
@pytest.mark.parametrize("which", [0, 1])
def test_no_region_of_either_may_be_raw(mode: str, which: int, moments: Moments) -> None:
    """Its window is pasted back from the camera's frame, under which the other face's field has a part as well."""
    frame, sighting, done, promise = moments(mode, 0.85)[-1]
    protected = checked(done)
    assert vouched(frame, sighting, protected, promise)
    for name in NAMES:
        image = protected.frame.image.copy()
        corners = np.rint(BY_NAME[name].corners(sighting.faces[which])).astype(np.int32)
        window = cv2.fillConvexPoly(np.zeros(image.shape[:2], np.uint8), corners, 1) > 0
        image[window] = frame.image[window]
        raw = replace(protected, frame=replace(protected.frame, image=image))
        assert not vouched(frame, sighting, raw, promise), name


@pytest.mark.parametrize("mode", ["freeze", "decoy", "still"])
@pytest.mark.parametrize("which", [0, 1])
def test_neither_is_let_out_with_the_other_s_field_alone(mode: str, which: int, moments: Moments) -> None:
    """All is told, the picture is bent by the one's field, and the other face is raw."""
    frame, sighting, done, promise = moments(mode, 0.85)[-1]
    protected = checked(done)
    alone = make(mode, PLAN, sticker.load("star"), seed=3)
    for earlier, seen, *_ in moments(mode, 0.85):
        one = alone.apply(earlier, replace(seen, faces=(seen.faces[which],)))
    raw = replace(protected, frame=checked(one).frame)
    assert not vouched(frame, sighting, raw, promise)
    assert not vouched(frame, sighting, replace(raw, bent=checked(one).bent), promise)


@pytest.mark.parametrize("mode", ["freeze", "decoy", "still"])
def test_fields_that_undo_each_other_are_no_excuse_for_a_raw_picture(mode: str, moments: Moments) -> None:
    """Each of them says enough, and together they say that nothing was to be moved."""
    frame, sighting, done, promise = moments(mode, 0.6)[-1]
    raw, scale = replace(frame, image=frame.image.copy()), SIDE / frame.size[0]
    whole, much = np.array([[scale, 0, 0], [0, scale, 0]]), np.ones((SIDE, SIDE, 2), np.float32)
    one, other = (
        replace(each, place=whole, field=by * much) for each, by in zip(checked(done).bent, (1, -1), strict=True)
    )
    told = replace(checked(done), frame=raw)
    assert not vouched(frame, sighting, replace(told, bent=(one, other)), promise)
    # It is the picture that is missing: bent as one of them says, it would go out.
    shown = bend(frame.image, [one])
    both = one, replace(one, track=other.track)
    assert vouched(frame, sighting, replace(told, frame=replace(raw, image=shown), bent=both), promise)
