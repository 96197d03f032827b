"""Clips of a face: which pictures, and that the head's own motion is not in them."""

import cv2
import numpy as np
import pytest

from deadpan.models import alignment
from deadpan.models.alignment import clip_of, lay, misfit, moments, rank_weights, shown
from deadpan.models.description import describe
from deadpan.models.face import Face, Points
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.motion import ANCHORS
from deadpan.models.reading import ATTENTIVE, read
from deadpan.models.recognizer import Recognizer

TURNED = np.add(cv2.getRotationMatrix2D((480, 300), 2.0, 1.01), [[0, 0, 5.3], [0, 0, -3.6]])
"""A head that sits: it rolls, comes nearer and shifts between two pictures."""


def moved(picture: Image) -> Image:
    size = picture.shape[1], picture.shape[0]
    return np.asarray(cv2.warpAffine(picture, TURNED, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def carried(landmarks: Points) -> Points:
    return np.asarray(landmarks @ TURNED[:, :2].T + TURNED[:, 2], np.float32)


def far(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference, grey levels."""
    return float(np.abs(one.astype(float) - other).mean())


def test_onset_and_apex_or_pictures_evenly_from_onset_to_offset() -> None:
    assert moments("onset-apex", 2, 3, 9, 20) == (3, 9)
    assert moments("frames", 5, 10, 12, 30) == (10, 15, 20, 25, 30)
    assert moments("frames", 5, 7, 8, 9) == (7, 8, 8, 8, 9)  # too few: some twice, in order
    assert moments("frames", 18, 0, 3, 16)[::17] == (0, 16)


def test_what_cannot_be_made_of_a_face_is_said() -> None:
    for window, sample in (("onset-apex", (2, 224, 224, 3)), ("frames", (18, 64, 64, 1)), ("frames", (2, 9, 9, 3))):
        assert misfit(window, sample) == ""
    for window, sample in (
        *(("onset-apex", (3, 64, 64, 1)), ("frames", (1, 64, 64, 1)), ("frame", (2, 64, 64, 1))),
        *(("frames", (2, 64, 32, 1)), ("frames", (2, 64, 64, 2))),
    ):
        assert "expected" in misfit(window, sample)


def test_rank_weights_are_the_sums_of_bilen() -> None:
    assert rank_weights(2).tolist() == [-0.5, 0.5]
    for depth in (3, 16):
        wanted = [sum((2 * i - depth - 1) / i for i in range(t, depth + 1)) for t in range(1, depth + 1)]
        np.testing.assert_allclose(rank_weights(depth), wanted, atol=1e-12)
        assert abs(rank_weights(depth).sum()) < 1e-9  # what does not change is not in the image
        assert rank_weights(depth)[0] < 0 < rank_weights(depth)[-1]


@pytest.mark.parametrize("side", [64, 112, 224])
def test_the_face_lies_as_on_the_motion_maps(posing: list[Image], face: Face, side: int) -> None:
    """Found by marking the landmarks themselves on the picture."""
    for points, place in ANCHORS[:2]:
        marked = np.zeros_like(posing[0])
        x, y = face.landmarks[list(points)].mean(axis=0)
        cv2.circle(marked, (round(float(x)), round(float(y))), 4, (255, 255, 255), -1)
        laid = lay([marked] * 2, [face.landmarks] * 2, (2, side, side, 1))[0, ..., 0].astype(float)
        rows, columns = np.indices(laid.shape)
        centre = (laid * columns).sum() / laid.sum() + 0.5, (laid * rows).sum() / laid.sum() + 0.5
        np.testing.assert_allclose(np.array(centre) / side, place, atol=0.03)


def test_colours_are_red_first_and_grey_is_grey(posing: list[Image], face: Face) -> None:
    pictures, faces = [posing[0]] * 2, [face.landmarks] * 2
    coloured, grey = lay(pictures, faces, (2, 112, 112, 3)), lay(pictures, faces, (2, 112, 112, 1))
    assert coloured.dtype == grey.dtype == np.uint8
    assert coloured[..., 0].mean() > coloured[..., 2].mean() + 10  # skin
    expected = cv2.cvtColor(coloured[0], cv2.COLOR_RGB2GRAY)
    assert far(grey[0, ..., 0], expected) < 1


def test_the_heads_own_motion_is_not_in_the_clip(posing: list[Image], face: Face) -> None:
    first, second = posing[0], moved(posing[0])
    sample = (2, 112, 112, 1)
    still = lay([first, second], [face.landmarks, carried(face.landmarks)], sample)
    left = lay([first, second], [face.landmarks, face.landmarks], sample)
    assert far(*still) < 1.5
    assert far(*left) < 2 * far(*still)  # even from landmarks that did not follow: the flow finds it


def test_what_landmarks_miss_is_taken_off(posing: list[Image], face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures, off = [posing[0], posing[0].copy()], np.array([1.5, -1.0], np.float32)
    faces = [face.landmarks, face.landmarks + off]
    steadied = far(*lay(pictures, faces, (2, 112, 112, 1)))
    monkeypatch.setattr(alignment, "affine_part", np.zeros_like)
    assert steadied < far(*lay(pictures, faces, (2, 112, 112, 1))) / 3


def test_a_face_is_needed_on_half_of_the_pictures(posing: list[Image], model: bytes) -> None:
    nothing = np.zeros_like(posing[0])
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        assert clip_of([nothing] * 4, landmarker, (4, 64, 64, 1)) is None
        assert clip_of([posing[0], nothing, nothing, nothing], landmarker, (4, 64, 64, 1)) is None
        assert clip_of([posing[0], nothing, posing[0], nothing], landmarker, (4, 64, 64, 1)) is not None


def test_a_recognizer_is_shown_what_its_kind_looks_at(posing: list[Image], model: bytes) -> None:
    pictures = posing[:8]
    motion = Recognizer.load("motion", "cpu")
    clip = Recognizer.__new__(Recognizer)
    clip.kind, clip.window, clip.sample = "clip", "frames", (4, 64, 64, 1)
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        reading = read(pictures, landmarker)
        assert reading is not None
        map_shown = shown(motion, reading, pictures, landmarker)
        assert map_shown is reading.motion
        wanted = moments("frames", 4, reading.onset, reading.apex, 7)
        np.testing.assert_array_equal(
            shown(clip, reading, pictures, landmarker),
            clip_of([pictures[number] for number in wanted], landmarker, clip.sample),
        )


def test_a_description_says_what_a_clip_is() -> None:
    assert describe(b"x", "mine", "clip", ("a", "b")).window == "frames"
    assert describe(b"x", "mine", "clip", ("a", "b"), "onset-apex").window == "onset-apex"
