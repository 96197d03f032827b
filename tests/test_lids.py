"""Blinks and glances are told from the landmarks of lids and irises; what brows and cheeks do is neither."""

import numpy as np
import pytest

from deadpan.models.face import Face
from deadpan.models.frame import Frame, Image
from deadpan.models.tracker import FaceTracker
from deadpan.stickers.lids import ELSEWHERE, SHUT, other_look

UPPER, LOWER, IRISES = (159, 386), (145, 374), (468, 473)
CORNERS = ((33, 133), (362, 263))


def moved(face: Face, points: tuple[int, ...], right: float = 0.0, down: float = 0.0) -> Face:
    """The face with some landmarks moved along the picture's axes, px."""
    landmarks = face.landmarks.copy()
    landmarks[list(points)] += np.array([right, down], np.float32)
    return Face(landmarks, face.pose, face.track)


def gap(face: Face, eye: int) -> float:
    return float(np.linalg.norm(face.landmarks[UPPER[eye]] - face.landmarks[LOWER[eye]]))


def eye_width(face: Face) -> float:
    one, other = CORNERS[0]
    return float(np.linalg.norm(face.landmarks[one] - face.landmarks[other]))


@pytest.mark.parametrize("eye", [0, 1])
def test_lids_that_close_are_another_look_and_lids_that_tighten_are_not(eye: int, face: Face) -> None:
    assert other_look(moved(face, UPPER[eye : eye + 1], down=(1.1 - SHUT) * gap(face, eye)), face)
    assert not other_look(moved(face, UPPER[eye : eye + 1], down=0.2 * gap(face, eye)), face)


def test_opening_is_as_different_as_closing(face: Face) -> None:
    shut = moved(face, UPPER, down=0.5 * gap(face, 0))
    assert other_look(shut, face)
    assert other_look(face, shut)


def test_irises_that_move_are_another_look(face: Face) -> None:
    assert other_look(moved(face, IRISES, right=1.2 * ELSEWHERE * eye_width(face)), face)
    assert not other_look(moved(face, IRISES, right=0.6 * ELSEWHERE * eye_width(face)), face)


@pytest.mark.parametrize("degrees", [-25, 0, 40])
def test_a_head_that_moves_and_tilts_looks_the_same_way(degrees: float, face: Face) -> None:
    turn = np.radians(degrees)
    matrix = 0.7 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    there = Face(np.asarray(face.landmarks @ matrix.T + [40, -20], np.float32), face.pose, face.track)
    assert not other_look(there, face)


def test_on_a_real_face_a_blink_is_seen_and_a_smile_is_not_one(tracker: FaceTracker, talking: list[Image]) -> None:
    """He smiles from frame 17 on and blinks at 27."""
    faces = [tracker.track(Frame(picture, i, i / 30, 0.0)).faces[0] for i, picture in enumerate(talking[:32])]
    looks = [other_look(face, faces[0]) for face in faces]
    assert not any(looks[:25])
    assert looks[27]
