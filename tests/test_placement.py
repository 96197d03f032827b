"""A sticker lies centred on its region, sized and turned with the face, and neither trembles nor trails behind."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from deadpan.calibration.synthetic import portrait
from deadpan.models.face import Face
from deadpan.models.frame import Frame, Image
from deadpan.models.tracker import FaceTracker
from deadpan.stickers.placement import FORGET, MOST_LAG, MOST_TURN, Placement, Steady, aim
from deadpan.stickers.regions import BY_NAME, NAMES, REGIONS, Region
from deadpan.stickers.seat import Seats

BROW = BY_NAME["right_brow_outer"]


def turned(face: Face, degrees: float) -> Face:
    """The face turned clockwise about (300, 300)."""
    matrix = cv2.getRotationMatrix2D((300, 300), -degrees, 1)
    landmarks = face.landmarks @ matrix[:, :2].T + matrix[:, 2]
    return Face(landmarks.astype(np.float32), face.pose, face.track)


def violent(frames: int, seed: int) -> list[Placement]:
    """Stickers thrown about at random: jumps, spins and sudden sizes, as no head can do."""
    random = np.random.default_rng(seed)
    places = []
    for _ in range(frames):
        x, y = random.uniform(0, 1280), random.uniform(0, 720)
        width, height = random.uniform(5, 120, 2)
        turn = random.uniform(-np.pi, np.pi)
        places.append(Placement(BROW, 0, (float(x), float(y)), (float(width), float(height)), float(turn)))
    return places


def settle(places: list[Placement], scale: float = 200.0, fps: float = 30.0) -> list[Placement]:
    steady = Steady()
    return [steady.settle(place, scale, index / fps) for index, place in enumerate(places)]


def numbers(place: Placement) -> NDArray[np.float64]:
    return np.array([*place.centre, *place.size, place.turn])


@pytest.mark.parametrize("k", [1, 2, 3.5, 4])
@pytest.mark.parametrize("region", REGIONS, ids=NAMES)
def test_a_sticker_is_k_tenths_of_the_face_and_centred_on_its_region(region: Region, k: float, face: Face) -> None:
    place = aim(face, region, k)
    assert place.size == pytest.approx((k * face.width / 10, k * face.height / 10))
    assert place.centre == pytest.approx(tuple(region.centre(face)))
    assert (place.region, place.track) == (region, face.track)


@pytest.mark.parametrize("degrees", [-120, -30, 15, 90])
def test_a_sticker_rolls_with_the_head(degrees: float, face: Face) -> None:
    upright, rolled = aim(face, BROW, 2), aim(turned(face, degrees), BROW, 2)
    difference = np.degrees(rolled.turn - upright.turn)
    assert (difference - degrees + 180) % 360 - 180 == pytest.approx(0, abs=0.01)
    assert rolled.size == pytest.approx(upright.size, rel=1e-4)


@pytest.mark.parametrize("degrees", [0, 40, -100])
def test_the_art_is_mapped_to_the_sticker_centre_to_centre_and_corner_to_corner(degrees: float, face: Face) -> None:
    place = aim(turned(face, degrees), BROW, 3)
    width, height = 64, 48
    matrix = place.affine(width, height)
    middle = matrix @ [(width - 1) / 2, (height - 1) / 2, 1]
    np.testing.assert_allclose(middle, place.centre, atol=1e-9)
    # A pixel's centre has whole coordinates, so the art reaches half a pixel beyond its first and last.
    edges = [(-0.5, -0.5), (width - 0.5, -0.5), (width - 0.5, height - 0.5), (-0.5, height - 0.5)]
    for (x, y), corner in zip(edges, place.corners(), strict=True):
        np.testing.assert_allclose(matrix @ [x, y, 1], corner, atol=1e-3)
    top_left, top_right, _, bottom_left = place.corners().astype(float)
    assert np.linalg.norm(top_right - top_left) == pytest.approx(place.size[0], rel=1e-4)
    assert np.linalg.norm(bottom_left - top_left) == pytest.approx(place.size[1], rel=1e-4)


def test_the_arts_upper_edge_is_nearer_the_forehead(face: Face) -> None:
    for degrees in (0, 60, 180):
        head = turned(face, degrees)
        top_left, top_right, _, bottom_left = aim(head, BROW, 2).corners()
        assert (bottom_left - top_left) @ head.down > 0.99 * aim(head, BROW, 2).size[1]
        assert (top_right - top_left) @ head.left > 0.99 * aim(head, BROW, 2).size[0]


@pytest.mark.parametrize("turn", [0.0, 0.7, -2.0])
def test_a_sticker_holds_what_lies_under_its_middle_quarter_and_nothing_else(turn: float) -> None:
    place = Placement(BROW, 0, (100.0, 80.0), (40.0, 24.0), turn)
    cos, sin = np.cos(turn), np.sin(turn)

    def at(x: float, y: float) -> NDArray[np.float32]:
        return np.array([100 + cos * x - sin * y, 80 + sin * x + cos * y], np.float32)

    assert place.holds(at(0, 0))
    for x, y in ((4.9, 0), (-4.9, 0), (0, 2.9), (0, -2.9), (4.9, -2.9)):
        assert place.holds(at(x, y))
    for x, y in ((5.1, 0), (-5.1, 0), (0, 3.1), (0, -3.1)):
        assert not place.holds(at(x, y))


def test_only_the_past_counts(face: Face) -> None:
    random = np.random.default_rng(3)
    places = [
        aim(Face(face.landmarks + random.normal(0, 4, 2).astype(np.float32), face.pose, 0), BROW, 2) for _ in range(40)
    ]
    whole = settle(places)
    for length in (1, 2, 20, 39):
        for got, expected in zip(settle(places[:length]), whole, strict=False):
            np.testing.assert_array_equal(numbers(got), numbers(expected))


@pytest.mark.parametrize("seed", range(5))
def test_whatever_the_head_does_the_sticker_holds_its_region(seed: int) -> None:
    places = violent(300, seed)
    for aimed, got in zip(places, settle(places), strict=True):
        lag = float(np.hypot(*np.subtract(got.centre, aimed.centre)))
        assert lag <= MOST_LAG * min(aimed.size) * (1 + 1e-6)
        assert got.holds(np.array(aimed.centre, np.float32))
        assert got.size[0] >= 0.9 * aimed.size[0] - 1e-9
        assert got.size[1] >= 0.9 * aimed.size[1] - 1e-9


def test_a_head_that_turns_through_the_left_does_not_spin_the_sticker_round() -> None:
    """From +179° to -179° is two degrees, not 358."""
    degrees = np.concatenate([np.linspace(150, 179, 15), np.linspace(-179, -150, 15)])
    places = [Placement(BROW, 0, (300.0, 300.0), (40.0, 40.0), float(np.radians(angle))) for angle in degrees]
    for aimed, got in zip(places, settle(places), strict=True):
        away = (got.turn - aimed.turn + np.pi) % (2 * np.pi) - np.pi
        assert abs(np.degrees(away)) < 20


@pytest.mark.parametrize("degrees", [75.0, -75.0, 179.0])
def test_a_bad_first_look_leaves_no_sticker_askew(degrees: float) -> None:
    aimed = Placement(BROW, 0, (300.0, 300.0), (40.0, 40.0), 3.1)
    askew = replace(aimed, turn=aimed.turn + float(np.radians(degrees)))
    for got in settle([askew, aimed, aimed])[1:]:
        away = (got.turn - aimed.turn + np.pi) % (2 * np.pi) - np.pi
        assert abs(away) <= MOST_TURN + 1e-9
    assert settle([aimed, aimed])[1].turn == pytest.approx(aimed.turn), "a steady one stays as it is"


def test_two_faces_and_two_regions_are_steadied_apart() -> None:
    places = [
        Placement(BROW, 0, (100.0, 100.0), (40.0, 40.0), 0.0),
        Placement(BROW, 1, (900.0, 100.0), (40.0, 40.0), 0.0),
        Placement(BY_NAME["chin"], 0, (100.0, 300.0), (40.0, 40.0), 0.0),
    ]
    steady = Steady()
    for index in range(3):
        for place in places:
            assert steady.settle(place, 200.0, index / 30).centre == pytest.approx(place.centre)


@pytest.mark.parametrize(("away", "remembered"), [(0.9 * FORGET, True), (1.1 * FORGET, False)])
def test_a_face_away_for_long_starts_afresh(away: float, remembered: bool) -> None:
    steady = Steady()
    steady.settle(Placement(BROW, 0, (100.0, 100.0), (40.0, 40.0), 0.0), 200.0, 0.0)
    steady.forget(away)
    got = steady.settle(Placement(BROW, 0, (101.0, 100.0), (40.0, 40.0), 0.0), 200.0, away)
    assert (got.centre[0] < 101.0) == remembered


def follow(tracker: FaceTracker, pictures: list[Image]) -> tuple[NDArray[np.float64], float]:
    """(3, frames, 14, 2) px: the centre of a sticker on each region as it is aimed, held to the head, and steadied in
    the end; and the sticker's smaller side."""
    seats, steady = Seats(), Steady()
    centres, side = [], 0.0
    for index, picture in enumerate(pictures):
        (face,) = tracker.track(Frame(picture, index, index / portrait.FPS, 0.0)).faces
        time = index / portrait.FPS
        aimed = [aim(face, region, 2) for region in REGIONS]
        held = seats.hold(face, aimed, time)
        steadied = [steady.settle(seat, face.width, time, place) for seat, place in zip(held, aimed, strict=True)]
        side = min(aimed[0].size)
        centres.append([[place.centre for place in places] for places in (aimed, held, steadied)])
    return np.array(centres).swapaxes(0, 1), side


def test_on_a_still_face_a_sticker_does_not_tremble(tracker: FaceTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 60 frames the last 45: the first half second is the filter's own settling."""
    monkeypatch.setattr(portrait, "NOISE", 0.0)
    _, still = next(portrait.pictures(1 / portrait.FPS))
    random = np.random.default_rng(1)
    pictures = [
        np.clip(np.rint(still + 2 * random.standard_normal(still.shape, np.float32)), 0, 255).astype(np.uint8)
        for _ in range(60)
    ]
    (aimed, _, steadied), _ = follow(tracker, pictures)

    def tremble(centres: NDArray[np.float64]) -> NDArray[np.float64]:
        """Px r.m.s. about the mean, a region each."""
        kept = centres[15:]
        return np.asarray(np.sqrt(((kept - kept.mean(axis=0)) ** 2).sum(axis=-1).mean(axis=0)))

    raw, smooth = tremble(aimed), tremble(steadied)
    print(f"tremble, px r.m.s.: raw {raw.mean():.3f} most {raw.max():.3f} brow {raw[0]:.3f};")
    print(f"steadied {smooth.mean():.3f} most {smooth.max():.3f} brow {smooth[0]:.3f}")
    assert raw.max() > 0.1, "no noise, no test"
    assert (smooth < 0.5 * raw).all()
    assert smooth.max() < 0.25


def test_on_a_moving_face_a_sticker_lags_little(tracker: FaceTracker, talking: list[Image]) -> None:
    (aimed, held, steadied), side = follow(tracker, talking)
    off = np.linalg.norm(steadied - aimed, axis=-1)
    lag = np.minimum(
        off, np.linalg.norm(steadied - held, axis=-1)
    )  # a smile takes a region off its seat for good reason
    print(f"lag, px: mean {lag.mean():.2f}, 95 % {np.percentile(lag, 95):.2f}, most {lag.max():.2f}, of {side:.0f} px")
    assert off.max() <= MOST_LAG * side * 1.15, "the face's size changes a little through the clip"
    assert lag.mean() < 0.05 * side
