"""Reading: the same pictures give the same map, and nothing comes from elsewhere."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.synthesis import Clip, Event, head_named
from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.reading import ATTENTIVE, around, read


@pytest.fixture(scope="module")
def landmarker(model: bytes) -> Iterator[Landmarker]:
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        yield landmarker


@pytest.fixture(scope="module")
def smile(model: bytes) -> list[Image]:
    """24 pictures of a swaying head, a smile of 2 % in them whose apex is the tenth."""
    event = Event(3, 10, 17, "positive", (6, 12), 0.02)
    still = portrait.clip(1, model).stills[0]
    return list(Clip("test", "collins", (still,), 24, (event,), head=head_named("sitting"), seed=1).pictures())


def test_a_smile_is_read_at_its_apex_with_its_corners_up(smile: list[Image], landmarker: Landmarker) -> None:
    reading = read(smile, landmarker)
    assert reading is not None
    assert abs(reading.apex - 10) <= 2
    upward = 255 - reading.motion[..., 1].astype(int)
    corners = upward[18:22, 6:11].max(), upward[18:22, 17:22].max()
    brows = upward[2:6].mean()
    assert min(corners) > brows + 60


def test_the_same_pictures_always_give_the_same_reading(smile: list[Image], landmarker: Landmarker) -> None:
    first = read(smile, landmarker)
    read([each[:, ::-1].copy() for each in smile], landmarker)  # something else between
    again = read([each.copy() for each in smile], landmarker)
    assert first is not None
    assert again is not None
    assert (first.motion == again.motion).all()
    assert (first.apex, first.activity) == (again.apex, again.activity)


def test_a_still_face_reads_as_hardly_any_activity(smile: list[Image], landmarker: Landmarker) -> None:
    reading, moving = read(smile[:4], landmarker), read(smile, landmarker)
    assert reading is not None
    assert moving is not None
    assert reading.activity < 0.25 * moving.activity


def test_pictures_without_a_face_cannot_be_read(smile: list[Image], landmarker: Landmarker) -> None:
    empty = np.full_like(smile[0], 90)
    assert read([empty] * 8, landmarker) is None
    assert read([*smile[:8], *[empty] * 16], landmarker) is None
    assert read(smile[:1], landmarker) is None
    assert read([], landmarker) is None


@pytest.mark.parametrize("gone", [0, 5, 10])
def test_one_picture_without_a_face_does_not_stop_whoever_reads(
    gone: int, smile: list[Image], landmarker: Landmarker
) -> None:
    """Or a protection would succeed by a flicker."""
    pictures = [*smile]
    pictures[gone] = cv2.GaussianBlur(smile[gone], (0, 0), 40)
    reading = read(pictures, landmarker)
    assert reading is not None
    assert reading.onset > 0 or gone > 0


def test_the_onset_is_found_on_the_pictures_themselves(smile: list[Image], landmarker: Landmarker) -> None:
    reading = read(smile, landmarker)
    assert reading is not None
    assert 2 <= reading.onset < reading.apex
    assert reading.onset <= 8


def test_the_cut_out_holds_the_face_and_stays_while_it_fits(face: Face, posing: list[Image]) -> None:
    size = posing[0].shape[1], posing[0].shape[0]
    left, top, side = window = around(face, size, None)
    assert 0 <= left <= left + side <= size[0]
    assert 0 <= top <= top + side <= size[1]
    assert left < face.box[0] < face.box[2] < left + side
    moved = Face(face.landmarks + np.float32(6), face.pose, face.track)
    assert around(moved, size, window) == window
    away = Face(face.landmarks + np.float32(150), face.pose, face.track)
    assert around(away, size, window) != window
    matrix = cv2.getRotationMatrix2D((480, 360), 0, 0.4)
    small = Face((face.landmarks @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32), face.pose, face.track)
    assert around(small, size, window)[2] < side


def test_the_cut_out_lies_in_the_picture_when_that_gets_smaller_in_mid_stream(face: Face) -> None:
    """As on a slow machine: the last cut-out would hold the face, and reach far beyond the picture."""
    shape = (face.landmarks - face.landmarks.min(axis=0)) / np.ptp(face.landmarks, axis=0).max()
    large = Face(np.asarray(620 * shape + 50, np.float32), face.pose, face.track)
    window = around(large, (1280, 720), None)
    assert window == (0, 0, 720)
    left, top, side = around(Face(large.landmarks / 2, face.pose, face.track), (640, 360), window)
    assert left + side <= 640
    assert top + side <= 360
