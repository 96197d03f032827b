"""The 14 regions lie where dlib's landmarks put them, and belong to the face: they scale, turn and move with it.

`test_regions.labels.json` holds dlib-68 landmarks (numbered from 0) that were set by hand on real faces, px.
"""

import json
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from deadpan.models.face import Face
from deadpan.models.frame import Frame
from deadpan.models.tracker import FaceTracker
from deadpan.stickers.regions import BY_NAME, NAMES, REGIONS, Region, centres, windows

TOLERANCE = 0.04
"""Shares of the face's width."""
LABELS = {
    picture: {int(number): np.array(point) for number, point in points.items()}
    for picture, points in json.loads(Path(__file__).with_suffix(".labels.json").read_text("utf-8")).items()
}


class Definition(NamedTuple):
    """A region as its source gives it, in dlib-68 landmarks and px on a face of 256 px."""

    landmarks: tuple[int, ...]
    drop: int
    half_window: tuple[int, int]
    action_units: set[int]


DEFINITIONS = {
    "right_brow_outer": Definition((17, 18), 0, (12, 10), {2}),
    "right_brow_inner": Definition((20,), 10, (15, 10), {1, 4}),
    "left_brow_inner": Definition((23,), 10, (15, 10), {1, 4}),
    "left_brow_outer": Definition((25, 26), 0, (12, 10), {2}),
    "right_eye": Definition((37, 38), 0, (47, 21), {5, 6, 7, 43, 45}),
    "glabella": Definition((21, 22), 19, (30, 19), {4, 9}),
    "left_eye": Definition((43, 44), 0, (47, 21), {5, 6, 7, 43, 45}),
    "right_cheek": Definition((1, 29), 10, (35, 30), {6, 11, 12}),
    "left_cheek": Definition((15, 29), 10, (35, 30), {6, 11, 12}),
    "right_lip_corner": Definition((60,), 0, (10, 12), {12, 14, 15, 20}),
    "philtrum": Definition((33, 51), 0, (30, 17), {9, 10}),
    "left_lip_corner": Definition((64,), 0, (10, 12), {12, 14, 15, 20}),
    "mouth": Definition((62, 66), 0, (47, 20), {23, 24, 25, 26, 28}),
    "chin": Definition((57, 8), 0, (35, 21), {17, 26}),
}


@pytest.fixture(scope="module")
def labelled(model: bytes, media: Path) -> dict[str, Face]:
    """The faces of the labelled pictures, as the landmarker sees them."""
    faces = {}
    for name in LABELS:
        picture = np.asarray(cv2.imread(str(media / name)), np.uint8)
        tracker = FaceTracker(model)
        (faces[name],) = tracker.track(Frame(picture, 0, 0.0, 0.0)).faces
        tracker.close()
    return faces


def moved(face: Face, scale: float, degrees: float, shift: tuple[float, float]) -> tuple[Face, NDArray[np.float64]]:
    """The face scaled, turned clockwise and shifted, and the (3, 2) matrix that did it to (x, y, 1)."""
    cos, sin = scale * np.cos(np.radians(degrees)), scale * np.sin(np.radians(degrees))
    matrix = np.array([[cos, sin], [-sin, cos], shift])
    return Face(follow(face.landmarks, matrix).astype(np.float32), face.pose, face.track), matrix


def follow(points: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return points.astype(float) @ matrix[:2] + matrix[2]


def test_the_labels_hold_three_faces_one_of_them_turned(labelled: dict[str, Face]) -> None:
    assert len(LABELS) >= 3
    assert max(abs(face.pose[0]) for face in labelled.values()) > 8


@pytest.mark.parametrize("name", DEFINITIONS)
@pytest.mark.parametrize("picture", LABELS)
def test_every_centre_lies_where_hand_set_landmarks_put_it(picture: str, name: str, labelled: dict[str, Face]) -> None:
    points, face, definition = LABELS[picture], labelled[picture], DEFINITIONS[name]
    # dlib has no landmark on the forehead: how far "down" is, and which way, only the mesh can tell.
    drop = face.down * definition.drop / 256 * face.height
    expected = np.mean([points[number] for number in definition.landmarks], axis=0) + drop
    width = float(np.linalg.norm(points[15] - points[1]))
    away = float(np.linalg.norm(BY_NAME[name].centre(face) - expected)) / width
    assert away <= TOLERANCE, f"{away:.1%} of the face's width from where it belongs"


def test_the_regions_are_fourteen_numbered_and_named_in_order() -> None:
    assert [region.number for region in REGIONS] == list(range(1, 15))
    assert tuple(DEFINITIONS) == NAMES == tuple(BY_NAME)
    assert [BY_NAME[region.name] for region in REGIONS] == list(REGIONS)


@pytest.mark.parametrize("region", REGIONS, ids=NAMES)
def test_each_region_holds_its_action_units(region: Region) -> None:
    assert set(region.action_units) == DEFINITIONS[region.name].action_units
    assert len(set(region.action_units)) == len(region.action_units)


@pytest.mark.parametrize("degrees", [0, 37, -90])
@pytest.mark.parametrize("region", REGIONS, ids=NAMES)
def test_a_window_has_its_size_along_the_heads_own_axes(region: Region, degrees: float, face: Face) -> None:
    turned, _ = moved(face, 1.0, degrees, (0.0, 0.0))
    half_width, half_height = DEFINITIONS[region.name].half_window
    top_left, top_right, bottom_right, bottom_left = region.corners(turned).astype(float)
    across = turned.left * 2 * half_width / 256 * turned.width
    down = turned.down * 2 * half_height / 256 * turned.height
    np.testing.assert_allclose(top_right - top_left, across, atol=1e-2)
    np.testing.assert_allclose(bottom_right - bottom_left, across, atol=1e-2)
    np.testing.assert_allclose(bottom_left - top_left, down, atol=1e-2)
    np.testing.assert_allclose((top_left + bottom_right) / 2, region.centre(turned), atol=1e-2)
    assert abs(across @ down) < 1e-2


@pytest.mark.parametrize(
    ("scale", "degrees", "shift"),
    [(1.0, 0.0, (31.5, -12.25)), (0.25, 0.0, (0.0, 0.0)), (1.0, 90.0, (700.0, 0.0)), (1.7, -33.0, (-250.0, 400.0))],
    ids=["moved", "smaller", "turned", "all at once"],
)
@pytest.mark.parametrize("region", REGIONS, ids=NAMES)
def test_a_region_scales_turns_and_moves_with_its_face(
    region: Region, scale: float, degrees: float, shift: tuple[float, float], face: Face
) -> None:
    other, matrix = moved(face, scale, degrees, shift)
    np.testing.assert_allclose(region.centre(other), follow(region.centre(face), matrix), atol=1e-2)
    np.testing.assert_allclose(region.corners(other), follow(region.corners(face), matrix), atol=1e-2)


def test_all_regions_at_once_lie_where_each_lies(face: Face) -> None:
    other, _ = moved(face, 1.3, 20.0, (-40.0, 15.0))
    np.testing.assert_allclose(centres(other), [region.centre(other) for region in REGIONS], atol=1e-2)
    np.testing.assert_allclose(windows(other), [region.corners(other) for region in REGIONS], atol=1e-2)


def test_the_persons_right_is_the_pictures_left(face: Face) -> None:
    for name in NAMES:
        if name.startswith("right_"):
            right, left = BY_NAME[name], BY_NAME[name.replace("right_", "left_")]
            assert right.centre(face)[0] + 0.1 * face.width < left.centre(face)[0]


def test_the_regions_lie_on_the_face_from_brow_to_chin(face: Face) -> None:
    heights = [float(BY_NAME[name].centre(face) @ face.down) for name in ("glabella", "philtrum", "mouth", "chin")]
    assert heights == sorted(heights)
    left, top, right, bottom = face.box
    for region in REGIONS:
        x, y = region.centre(face)
        assert left < x < right
        assert top < y < bottom
