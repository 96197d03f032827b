"""A picture of a person stays that picture: brought to a size, cut, framed, with its landmarks where they were."""

import cv2
import numpy as np
import pytest

from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.still import MARGIN, Still, find, follow
from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Image

EMPTY = np.full((480, 640, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def still(model: bytes) -> Still:
    """The portrait as it is."""
    return find("collins", portrait.photograph(), model)


def test_the_face_is_found_on_the_picture_itself(still: Still) -> None:
    assert still.image.shape == (512, 512, 3)
    assert 80 < still.face.width < 100
    np.testing.assert_allclose(still.face.landmarks.mean(axis=0), (222, 115), atol=12)


@pytest.mark.parametrize("width", [60.0, 220.0])
def test_a_scaled_face_is_as_wide_as_asked_for_and_found_where_its_landmarks_say(
    width: float, still: Still, model: bytes
) -> None:
    scaled = still.scaled(width)
    assert scaled.face.width == pytest.approx(width, rel=1e-4)
    again = find("again", scaled.image, model)
    apart = np.linalg.norm(again.face.landmarks - scaled.face.landmarks, axis=1)
    assert float(apart.mean()) < 0.03 * width


def test_a_framed_face_is_in_the_middle_with_room_to_move(still: Still) -> None:
    framed = still.scaled(220).framed((640, 480))
    assert framed.image.shape == (480 + 2 * MARGIN, 640 + 2 * MARGIN, 3)
    left, top, right, bottom = framed.face.box
    assert (left + right) / 2 == pytest.approx(320 + MARGIN, abs=1)
    assert (top + bottom) / 2 == pytest.approx(240 + MARGIN, abs=1)


def test_framing_changes_no_pixel_of_the_face(still: Still) -> None:
    scaled = still.scaled(220)
    framed = scaled.framed((640, 480))
    shift = (framed.face.landmarks - scaled.face.landmarks).mean(axis=0).round().astype(int)
    left, top, right, bottom = (int(edge) for edge in scaled.face.box)
    there = framed.image[top + shift[1] : bottom + shift[1], left + shift[0] : right + shift[0]]
    np.testing.assert_array_equal(there, scaled.image[top:bottom, left:right])


def test_a_column_of_the_picture_keeps_the_landmarks_on_the_face(still: Still) -> None:
    part = still.between((120, 330))
    np.testing.assert_array_equal(part.image, still.image[:, 120:330])
    np.testing.assert_allclose(part.face.landmarks, still.face.landmarks - (120, 0), atol=1e-3)


def test_of_two_faces_the_larger_is_taken_unless_one_is_named(still: Still, model: bytes) -> None:
    large, small = still.scaled(200), still.scaled(110)
    both = np.full((620, 1100, 3), 120, np.uint8)
    for each, left in ((large, 50), (small, 750)):
        x, y, right, bottom = (int(edge) for edge in each.face.box)
        cut = each.image[max(0, y - 40) : bottom + 40, x - 30 : right + 30]
        both[80 : 80 + cut.shape[0], left : left + cut.shape[1]] = cut
    assert find("two", both, model).face.width == pytest.approx(200, rel=0.1)
    near = find("two", both, model, near=(750 + 85, 80 + 110))
    assert near.face.width == pytest.approx(110, rel=0.1)


def test_a_picture_of_nobody_is_refused_in_one_line(model: bytes) -> None:
    with pytest.raises(DeadpanError, match=r"^wall\.png: no face was found on it; expected a picture of a person.*$"):
        find("wall.png", EMPTY, model)


def test_a_clip_is_followed_frame_by_frame_until_the_face_is_gone(posing: list[Image], model: bytes) -> None:
    empty = np.zeros_like(posing[0])
    stills = list(follow("clip", [*posing[:6], empty, *posing[6:9]], portrait.FPS, model))
    assert len(stills) == 6
    for each, picture in zip(stills, posing, strict=False):
        np.testing.assert_array_equal(each.image, picture)
    assert cv2.norm(stills[0].face.landmarks, stills[5].face.landmarks) > 0


def test_a_clip_without_a_face_at_its_start_is_refused_in_one_line(posing: list[Image], model: bytes) -> None:
    with pytest.raises(DeadpanError, match=r"^clip: no face was found at its start; expected a clip of a person.*$"):
        list(follow("clip", [EMPTY] * 3 + posing[:2], portrait.FPS, model))
