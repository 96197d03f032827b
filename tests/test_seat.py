"""A sticker's seat goes with the head, and with the expression hardly at all."""

import numpy as np
import pytest
from numpy.typing import NDArray

from deadpan.models.face import Face
from deadpan.stickers.placement import FORGET, Placement, aim
from deadpan.stickers.regions import BY_NAME, REGIONS
from deadpan.stickers.seat import PACE, Seats

FPS = 30.0
BROW = BY_NAME["right_brow_outer"]


def moved(face: Face, degrees: float = 0.0, scale: float = 1.0, shift: tuple[float, float] = (0.0, 0.0)) -> Face:
    """The head rolled, nearer and elsewhere."""
    cos, sin = scale * np.cos(np.radians(degrees)), scale * np.sin(np.radians(degrees))
    landmarks = face.landmarks @ np.array([[cos, sin], [-sin, cos]]) + shift
    return Face(landmarks.astype(np.float32), face.pose, face.track)


def raised(face: Face, share: float) -> Face:
    """The right brow raised by a share of the face's width."""
    landmarks = face.landmarks.copy()
    brow = [*BROW.landmarks, 46, 52, 53, 55, 63, 65, 66, 107]
    landmarks[brow] -= face.down * np.float32(share * face.width)
    return Face(landmarks, face.pose, face.track)


def centres(faces: list[Face]) -> NDArray[np.float64]:
    """(n, 2) px: where the brow's sticker sits on each."""
    seats = Seats()
    return np.array([seats.hold(face, [aim(face, BROW, 2)], i / FPS)[0].centre for i, face in enumerate(faces)])


def test_a_head_that_moves_takes_its_seats_along(face: Face) -> None:
    seats = Seats()
    for index in range(20):
        head = moved(face, 2.0 * index, 1 + 0.01 * index, (5.0 * index, -3.0 * index))
        aimed = [aim(head, region, 2) for region in REGIONS]
        for held, wanted in zip(seats.hold(head, aimed, index / FPS), aimed, strict=True):
            np.testing.assert_allclose(held.centre, wanted.centre, atol=0.05)
            np.testing.assert_allclose(held.size, wanted.size, rtol=1e-3)
            assert held.turn == pytest.approx(wanted.turn, abs=1e-3)


def test_a_micro_expression_hardly_moves_the_seat(face: Face) -> None:
    phases = np.concatenate([np.zeros(5), np.sin(np.linspace(0, np.pi, 12)), np.zeros(5)])
    faces = [raised(face, 0.02 * phase) for phase in phases]
    region = np.linalg.norm([BROW.centre(each) - BROW.centre(face) for each in faces], axis=1)
    seat = np.linalg.norm(centres(faces) - BROW.centre(face), axis=1)
    assert region.max() == pytest.approx(0.02 * face.width, rel=0.05)
    assert seat.max() < 0.2 * region.max()


def test_what_stays_moved_is_followed(face: Face) -> None:
    faces = [raised(face, 0.02)] * round(4 * PACE * FPS)
    path = centres([face, *faces])
    left = np.linalg.norm(path - BROW.centre(faces[0]), axis=1)
    assert left[1] > 0.9 * left[0]
    assert left[-1] < 0.05 * left[0]


def test_only_the_past_counts(face: Face) -> None:
    random = np.random.default_rng(1)
    faces = [raised(moved(face, *random.normal(0, 1, 1)), random.uniform(0, 0.03)) for _ in range(30)]
    whole = centres(faces)
    for length in (1, 2, 29):
        np.testing.assert_array_equal(centres(faces[:length]), whole[:length])


@pytest.mark.parametrize(("away", "remembered"), [(0.9 * FORGET, True), (1.1 * FORGET, False)])
def test_a_face_away_for_long_starts_afresh(face: Face, away: float, remembered: bool) -> None:
    seats = Seats()
    seats.hold(face, [aim(face, BROW, 2)], 0.0)
    seats.forget(away)
    other = raised(face, 0.03)
    (held,) = seats.hold(other, [aim(other, BROW, 2)], away)
    off = float(np.linalg.norm(np.subtract(held.centre, BROW.centre(other))))
    assert (off > 0.001 * face.width) == remembered


def test_a_clock_that_runs_backwards_moves_no_seat(face: Face) -> None:
    seats, other = Seats(), raised(face, 0.03)
    (before,) = seats.hold(face, [aim(face, BROW, 2)], 5.0)
    (after,) = seats.hold(other, [aim(other, BROW, 2)], 0.0)
    assert np.linalg.norm(np.subtract(after.centre, before.centre)) < 0.005 * face.width


def test_two_faces_sit_apart(face: Face) -> None:
    seats, other = Seats(), Face(face.landmarks + np.float32(400), face.pose, face.track + 1)

    def held(each: Face) -> Placement:
        return seats.hold(each, [aim(each, BROW, 2)], 0.1)[0]

    held(face)
    assert held(other).centre == pytest.approx(aim(other, BROW, 2).centre, abs=0.05)
    assert held(face).centre == pytest.approx(aim(face, BROW, 2).centre, abs=0.05)
