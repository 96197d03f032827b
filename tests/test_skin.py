"""How skin is followed: less the head's motion, finely, and with a say on where it cannot be."""

import cv2
import numpy as np
import pytest

from deadpan.calibration.synthetic.action_units import field as pulled
from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.models.motion import similarity
from deadpan.stickers.field import SIDE
from deadpan.stickers.skin import EDGE, OUT, OUTLINE, Baseline, Moved, baseline, move


@pytest.fixture(scope="module")
def since(posing: list[Image], face: Face) -> Baseline:
    return baseline(posing[0], face)


def laid(picture: Image, face: Face, matrix: np.ndarray) -> tuple[Image, Face]:
    """The picture and its face, moved by an affine map."""
    height, width = picture.shape[:2]
    image = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    landmarks = np.asarray(face.landmarks @ matrix[:, :2].T + matrix[:, 2], np.float32)
    return np.asarray(image, np.uint8), Face(landmarks, face.pose, face.track)


def pulling(picture: Image, face: Face, units: tuple[int, ...], amplitude: float) -> tuple[Image, np.ndarray]:
    """The picture with those action units shown, and how far each pixel's skin has come, px."""
    height, width = picture.shape[:2]
    moved = pulled(face, (width, height), units) * np.float32(amplitude * face.width)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(cv2.remap(picture, x - moved[..., 0], y - moved[..., 1], cv2.INTER_CUBIC), np.uint8), moved


def followed(picture: Image, face: Face, since: Baseline) -> Moved:
    return move(picture, similarity(face.landmarks, since.face.landmarks), since)


def on_face(field: np.ndarray, since: Baseline) -> np.ndarray:
    return field[since.fade == 1]


@pytest.mark.parametrize(("turn", "scale", "shift"), [(0, 1, (6, -4)), (3, 1.03, (-8, 3)), (-5, 0.95, (2, 9))])
def test_the_heads_motion_is_not_the_skins(
    turn: float, scale: float, shift: tuple[float, float], posing: list[Image], face: Face, since: Baseline
) -> None:
    matrix = cv2.getRotationMatrix2D(tuple(map(float, face.landmarks.mean(axis=0))), turn, scale)
    matrix[:, 2] += shift
    moved = followed(*laid(posing[0], face, matrix), since)
    assert float(np.percentile(np.linalg.norm(on_face(moved.field, since), axis=-1), 95)) < 0.003 * since.width
    back = moved.place[:, :2] @ matrix[:, :2]
    assert np.abs(back - since.place[:, :2]).max() < 0.002


def test_what_wrong_landmarks_add_is_taken_for_the_heads(posing: list[Image], face: Face, since: Baseline) -> None:
    """Landmarks tremble; the skin is followed by the skin."""
    off = Face(face.landmarks + np.float32(0.01 * face.width), face.pose, face.track)
    moved = followed(posing[0], off, since)
    assert float(np.linalg.norm(on_face(moved.field, since), axis=-1).max()) < 0.002 * since.width
    apart = moved.place - since.place
    assert np.abs(face.landmarks @ apart[:, :2].T + apart[:, 2]).max() < 0.05


@pytest.mark.parametrize("units", [(4,), (12,), (1, 2), (17,)])
def test_skin_is_found_where_it_went(units: tuple[int, ...], posing: list[Image], face: Face, since: Baseline) -> None:
    image, truth = pulling(posing[0], face, units, 0.02)
    field = followed(image, face, since).field
    size = SIDE, SIDE
    true = cv2.warpAffine(truth, since.place, size) @ since.place[:, :2].T.astype(np.float32)
    a, b = on_face(field, since).ravel(), on_face(true, since).ravel()
    assert 0.75 < float(a @ b / (b @ b)) < 1.1
    assert float(np.corrcoef(a, b)[0, 1]) > 0.9


def test_a_covered_place_is_not_found_again(posing: list[Image], face: Face, since: Baseline) -> None:
    image = posing[0].copy()
    x, y = np.rint(face.landmarks[[385, 387]].mean(axis=0)).astype(int)
    reach = round(0.12 * face.width)
    image[y - reach : y + reach, x - reach : x + reach] = (90, 120, 60)
    sure = followed(image, face, since).sure
    there = np.rint(since.landmarks[[385, 387]].mean(axis=0)).astype(int)
    mouth = np.rint(since.landmarks[[13, 14]].mean(axis=0)).astype(int)
    assert float(sure[there[1], there[0]]) < 0.2
    assert float(sure[mouth[1], mouth[0]]) > 0.9


def test_the_baselines_light_may_change(posing: list[Image], face: Face, since: Baseline) -> None:
    brighter = np.clip(posing[0] * 1.08 + 6, 0, 255).astype(np.uint8)
    moved = followed(brighter, face, since)
    assert float(np.percentile(np.linalg.norm(on_face(moved.field, since), axis=-1), 95)) < 0.003 * since.width
    assert float(on_face(moved.sure, since).mean()) > 0.95


def test_all_of_the_face_is_held_and_what_is_far_from_it_stays(since: Baseline) -> None:
    """The temples and the jaw as well: what they keep of their motion is stretched to full range by whoever reads."""
    assert float(since.fade[[0, -1]].max()) == float(since.fade[:, [0, -1]].max()) == 0.0
    outline = since.landmarks[list(OUTLINE)]
    middle = outline.mean(axis=0)
    away = (outline - middle) / np.linalg.norm(outline - middle, axis=1, keepdims=True)

    def at(share: float) -> np.ndarray:
        x, y = np.rint(outline + share * since.width * away).astype(int).T
        return np.asarray(since.fade[y, x])

    assert float(at(-EDGE).min()) == 1.0
    assert float(at(0.0).min()) > 0.9
    assert float(at(OUT + EDGE).max()) == 0.0


def test_faces_of_any_shape_are_searched_one_after_the_other(posing: list[Image], face: Face) -> None:
    """OpenCV's search ends the process when one of them looks for a larger picture after a smaller one."""
    axes = np.stack([face.left, face.down])
    middle = face.landmarks.mean(axis=0)
    for across, down in ((0.5, 1.0), (1.0, 0.6), (1.0, 1.0), (0.2, 1.0), (1.2, 1.0)):
        upright = (face.landmarks - middle) @ axes.T * np.float32([across, down])
        other = Face(np.asarray(upright @ axes + middle, np.float32), face.pose, face.track)
        since = baseline(posing[0], other)
        assert all(part.stop - part.start >= SIDE // 2 for part in since.part)
        assert np.isfinite(followed(posing[0], other, since).field).all()


def test_where_nothing_is_looked_at_the_skin_goes_on_as_beside_it(posing: list[Image], face: Face) -> None:
    """A later baseline's field may reach a little farther than this one's."""
    since = baseline(posing[0], face)
    image, _ = pulling(posing[0], face, (12,), 0.02)
    moved = followed(image, face, since)
    (top, bottom), (left, right) = ((part.start, part.stop - 1) for part in since.part)
    assert min(top, left) > 0
    assert max(bottom, right) < SIDE - 1
    for values in (moved.field, moved.sure):
        assert (values[:top] == values[top]).all()
        assert (values[bottom:] == values[bottom]).all()
        assert (values[:, :left] == values[:, left : left + 1]).all()
        assert (values[:, right:] == values[:, right : right + 1]).all()
