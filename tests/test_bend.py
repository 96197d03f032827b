"""Bending moves what the field says and leaves everything else to the byte."""

import cv2
import numpy as np
import pytest

from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.stickers.bend import LEVELS, bend, bent_at, reach, way
from deadpan.stickers.field import SIDE, Affine, Field
from deadpan.stickers.protection import Bent
from deadpan.stickers.skin import OUT, Baseline, baseline


@pytest.fixture(scope="module")
def since(posing: list[Image], face: Face) -> Baseline:
    return baseline(posing[0], face)


def skin(*told: tuple[Field, Affine]) -> list[Bent]:
    """As many faces as there are fields."""
    return [Bent(track, field, place, ()) for track, (field, place) in enumerate(told)]


def pushed(since: Baseline, right: float, down: float) -> Field:
    """The whole face by so many px of the square."""
    return np.asarray(np.float32([right, down]) * since.fade[..., None], np.float32)


def test_nothing_to_bend_changes_no_byte(posing: list[Image], since: Baseline) -> None:
    same = bend(posing[0], skin((np.zeros((SIDE, SIDE, 2), np.float32), since.place)))
    assert same.tobytes() == posing[0].tobytes()
    assert not np.shares_memory(same, posing[0])


def test_only_the_face_and_its_rim_are_bent(posing: list[Image], face: Face, since: Baseline) -> None:
    before = posing[0].tobytes()
    bent = bend(posing[0], skin((pushed(since, 2, 1), since.place)))
    assert posing[0].tobytes() == before
    y, x = np.nonzero((bent != posing[0]).any(axis=2))
    left, top, right, bottom = face.box
    rim = OUT * face.width + 5
    assert left - rim <= x.min() and x.max() <= right + rim  # noqa: PT018
    assert top - rim <= y.min() and y.max() <= bottom + rim  # noqa: PT018
    assert len(x) > 0.3 * (right - left) * (bottom - top)


def test_what_is_seen_comes_from_where_the_field_points(posing: list[Image], face: Face, since: Baseline) -> None:
    scale = float(np.sqrt(np.linalg.det(since.place[:, :2])))
    right, down = np.linalg.inv(since.place[:, :2]) @ (4 * scale, -3 * scale)  # upright or not: in the picture
    bent = bend(posing[0], skin((pushed(since, 4 * scale, -3 * scale), since.place)))
    x, y = np.rint(face.landmarks[1]).astype(int)
    shift = np.rint((right, down)).astype(int)
    there = posing[0][y + shift[1] - 8 : y + shift[1] + 8, x + shift[0] - 8 : x + shift[0] + 8]
    here = bent[y - 8 : y + 8, x - 8 : x + 8]
    assert (
        np.abs(here.astype(int) - there).mean()
        < 4
        < np.abs(here.astype(int) - posing[0][y - 8 : y + 8, x - 8 : x + 8]).mean()
    )


@pytest.mark.parametrize("turn", [0, 30, 90])
def test_all_that_a_field_moves_is_bent_to_its_last_pixel(turn: float) -> None:
    """In bands or not: on noise every skipped pixel shows."""
    random = np.random.default_rng(turn)
    picture = random.integers(0, 256, (360, 480, 3)).astype(np.uint8)
    field = np.zeros((SIDE, SIDE, 2), np.float32)
    for x, y in random.integers(0, SIDE - 20, (3, 2)):
        field[y : y + 20, x : x + 20] = random.uniform(1, 2, 2)
    place = np.asarray(cv2.getRotationMatrix2D((240, 180), turn, 0.4), np.float64)
    place[:, 2] += SIDE / 2 - np.array([240, 180])
    across, down = way(field, place, slice(0, 360), slice(0, 480))
    at = np.mgrid[:360, :480].astype(np.float32)
    whole = cv2.remap(picture, at[1] + across, at[0] + down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    bent = bend(picture, skin((field, place)))
    assert (whole != picture).any(axis=2).mean() > 0.02
    # Two sums of the same numbers: a few samples lie another 1/32 px off.
    assert (bent != whole).any(axis=2).mean() < 0.001
    assert ((bent == picture).all(axis=2) <= (np.hypot(across, down) < 1 / 32)).all()


def test_a_face_half_out_of_the_picture_is_bent_as_far_as_it_is_seen(posing: list[Image], since: Baseline) -> None:
    for shift in ((-480, 0), (480, 0), (0, -360), (0, 360), (3000, 3000)):
        place = since.place.copy()
        place[:, 2] -= place[:, :2] @ shift
        bent = bend(posing[0], skin((pushed(since, 2, 1), place)))
        rows, columns = reach(posing[0], pushed(since, 2, 1), place)
        outside = np.ones(bent.shape[:2], bool)
        outside[rows, columns] = False
        assert (bent == posing[0])[outside].all()


def test_who_looks_again_at_some_places_sees_what_was_shown(posing: list[Image], face: Face, since: Baseline) -> None:
    field = pushed(since, 3, -2)
    bent = bend(posing[0], skin((field, since.place)))
    at = np.rint(face.landmarks[[1, 61, 105, 152]]).astype(int)
    shown = bent[at[:, 1], at[:, 0]].astype(int)
    assert np.abs(bent_at(posing[0], skin((field, since.place)), at) - shown).max() <= LEVELS
    assert np.abs(bent_at(posing[0], skin((-field, since.place)), at) - shown).max() > 2 * LEVELS


def beside(since: Baseline, right: float) -> Affine:
    """The square of a face that lies so many px farther right."""
    place = since.place.copy()
    place[:, 2] -= place[:, :2] @ (right, 0)
    return place


def test_skin_that_lies_in_two_faces_squares_is_moved_once(posing: list[Image], since: Baseline) -> None:
    """Both measure the same motion there; taken off twice, it would be seen the other way round."""
    field = pushed(since, 3, -2)
    once, twice = bend(posing[0], skin((field, since.place))), bend(posing[0], skin(*2 * [(field, since.place)]))
    assert np.abs(once.astype(int) - twice).max() <= LEVELS


def test_a_face_that_moves_nothing_takes_nothing_off_another(posing: list[Image], face: Face, since: Baseline) -> None:
    field, none = pushed(since, 3, -2), pushed(since, 0, 0)
    alone = bend(posing[0], skin((field, since.place)))
    assert bend(posing[0], skin((field, since.place), (none, beside(since, 60)))).tobytes() == alone.tobytes()
    weak = bend(posing[0], skin((field, since.place), (pushed(since, 0.1, 0.1), beside(since, 60))))
    x, y = np.rint(face.landmarks).astype(int).T
    assert np.abs(alone[y, x].astype(int) - weak[y, x]).max() <= LEVELS


def test_who_looks_again_where_three_faces_overlap_sees_what_was_shown(
    posing: list[Image], face: Face, since: Baseline
) -> None:
    """In whatever order they come; and farther off, each is bent as if it were alone."""
    fields = pushed(since, 3, -2), pushed(since, -1, 2), pushed(since, 2, 2)
    told = skin(*zip(fields, (since.place, beside(since, 120), beside(since, -90)), strict=True))
    shown = bend(posing[0], told)
    at = np.rint(face.landmarks).astype(int)
    seen = shown[at[:, 1], at[:, 0]].astype(int)
    assert np.abs(bent_at(posing[0], told, at) - seen).max() <= LEVELS
    for one in told:
        assert np.abs(bent_at(posing[0], [one], at) - seen).max() > 2 * LEVELS
    assert np.abs(bend(posing[0], told[::-1]).astype(int) - shown).max() <= LEVELS
    apart = skin((fields[0], since.place), (fields[1], beside(since, 1.5 * face.width)))
    both = bend(posing[0], apart)
    for one in apart:
        rows, columns = reach(posing[0], one.field, one.place)
        assert both[rows, columns].tobytes() == bend(posing[0], [one])[rows, columns].tobytes()
