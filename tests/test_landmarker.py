"""The landmarker finds 478 points a face in pixels, and its angles mean what `Face.pose` says."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from deadpan.models.face import CHIN, FOREHEAD, LEFT_SIDE, RIGHT_SIDE
from deadpan.models.frame import Image
from deadpan.models.landmarker import Found, Landmarker

NOSE = 1


@pytest.fixture(scope="module")
def landmarker(model: bytes) -> Iterator[Landmarker]:
    """One that looks at pictures singly."""
    with Landmarker(model, stream=False) as landmarker:
        yield landmarker


def rgb(bgr: Image) -> Image:
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def read(path: Path) -> Image:
    return rgb(np.asarray(cv2.imread(str(path)), np.uint8))


def alone(found: list[Found]) -> Found:
    (face,) = found
    return face


def nose_below_ears(face: Found) -> float:
    """How far the tip of the nose lies below the line between the sides of the face, shares of its height."""
    marks = face.landmarks
    down = marks[CHIN] - marks[FOREHEAD]
    return float((marks[NOSE] - (marks[RIGHT_SIDE] + marks[LEFT_SIDE]) / 2) @ down / (down @ down))


def test_a_face_has_478_points_in_pixels(landmarker: Landmarker, posing: list[Image]) -> None:
    face = alone(landmarker.find(rgb(posing[0]), 0.0))
    assert face.landmarks.shape == (478, 2)
    assert face.landmarks.dtype == np.float32
    assert 150 < face.side < 350
    right, left = face.landmarks[RIGHT_SIDE], face.landmarks[LEFT_SIDE]
    assert right[0] < face.centre[0] < left[0]
    assert face.landmarks[FOREHEAD][1] < face.centre[1] < face.landmarks[CHIN][1]


def test_a_part_of_a_picture_gives_the_same_points_in_its_own_pixels(
    landmarker: Landmarker, posing: list[Image]
) -> None:
    picture = rgb(posing[0])
    whole = alone(landmarker.find(picture, 0.0))
    left, top = (int(value) for value in whole.landmarks.min(axis=0) - 120)
    part = alone(landmarker.find(picture[max(0, top) :, max(0, left) :], 0.0))
    back = part.landmarks + np.array([max(0, left), max(0, top)])
    assert np.abs(back - whole.landmarks).mean() < 0.02 * whole.side


def test_a_picture_without_faces_has_none(landmarker: Landmarker, media: Path) -> None:
    assert landmarker.find(read(media / "free-mountain-vector-01.jpg"), 0.0) == []


def test_several_faces_are_found_at_once(landmarker: Landmarker, media: Path) -> None:
    found = landmarker.find(read(media / "multi_face.jpg"), 0.0)
    assert len(found) >= 2


@pytest.mark.parametrize("degrees", [-30, -15, 15, 30])
def test_roll_is_clockwise(degrees: int, landmarker: Landmarker, posing: list[Image]) -> None:
    picture = rgb(posing[0])
    upright = alone(landmarker.find(picture, 0.0))
    middle = tuple(float(value) for value in upright.centre)
    # OpenCV counts anticlockwise.
    turned = cv2.warpAffine(picture, cv2.getRotationMatrix2D(middle, -degrees, 1), (960, 720))
    rolled = alone(landmarker.find(np.asarray(turned, np.uint8), 0.0))
    assert rolled.pose[2] - upright.pose[2] == pytest.approx(degrees, abs=3)


def test_yaw_is_positive_towards_the_pictures_right(landmarker: Landmarker, media: Path) -> None:
    """This man looks to the picture's left: his nose is far to the left of the middle of his face."""
    picture = read(media / "45-m7-di-ph.jpg")
    left = alone(landmarker.find(picture, 0.0))
    assert left.landmarks[NOSE][0] < left.centre[0] - 0.2 * left.side
    assert left.pose[0] < -25
    right = alone(landmarker.find(np.ascontiguousarray(picture[:, ::-1]), 0.0))
    assert right.pose[0] == pytest.approx(-left.pose[0], abs=5)


def test_a_frontal_face_has_little_yaw_and_roll(landmarker: Landmarker, media: Path) -> None:
    yaw, _, roll = alone(landmarker.find(read(media / "0-f1-su-ph.jpg"), 0.0)).pose
    assert abs(yaw) < 5
    assert abs(roll) < 3


def test_pitch_is_positive_looking_down(landmarker: Landmarker, media: Path) -> None:
    """A nod carries the tip of the nose down past the ears: over a clip of one man the two go together."""
    clip = cv2.VideoCapture(str(media / "WolfgangLanger_Pexels.mp4"))
    pitches, noses = [], []
    for index in range(301):
        assert clip.grab()
        if index % 30 == 0:
            _, picture = clip.retrieve()
            for face in landmarker.find(rgb(np.asarray(cv2.resize(picture, (960, 540)), np.uint8)), 0.0):
                pitches.append(face.pose[1])
                noses.append(nose_below_ears(face))
    assert len(pitches) >= 8
    assert np.ptp(pitches) > 5, "he nods"
    assert np.corrcoef(pitches, noses)[0, 1] > 0.7


def test_the_passed_picture_is_only_read(landmarker: Landmarker, posing: list[Image]) -> None:
    picture = rgb(posing[0])
    before = picture.tobytes()
    landmarker.find(picture, 0.0)
    assert picture.tobytes() == before


def test_a_stream_follows_a_face_even_when_its_clock_stands_still(model: bytes, talking: list[Image]) -> None:
    """MediaPipe itself refuses a time that does not rise."""
    with Landmarker(model, stream=True) as landmarker:
        for time in (5.0, 5.0, 5.0001, 4.0):
            assert len(landmarker.find(rgb(talking[0]), time)) == 1


def test_starting_a_landmarker_writes_nothing(model: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with Landmarker(model, stream=True):
        pass
    written = capfd.readouterr()
    assert written.out == ""
    assert written.err == ""
