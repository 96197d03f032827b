"""Facial motion: a known displacement comes back as a map, and the head's own motion does not."""

import cv2
import numpy as np
import pytest

from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.models.motion import ANCHORS, CROP, GRID, affine_part, crop, encode, flow, frontal, similarity, strain

WIDE = 1.85
"""Px of the crop to one hundredth of the face's width."""


def bump(at: tuple[float, float], across: float = 0.0, down: float = 0.0, reach: float = 0.11) -> np.ndarray:
    """(CROP, CROP, 2) float32: a smooth displacement around a place (shares of the crop), px of the crop."""
    x, y = np.meshgrid(np.arange(CROP) / CROP, np.arange(CROP) / CROP)
    height = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * reach**2))
    return np.dstack([across * height, down * height]).astype(np.float32)


def displaced(image: Image, field: np.ndarray, landmarks: np.ndarray) -> Image:
    """`image` with the crop's `field` applied to the face in it, by fixed-point inversion of the forward field."""
    place = frontal(landmarks)
    back = np.linalg.inv(place[:, :2])
    y, x = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float32)
    there = np.stack([x, y], axis=-1)
    source = there.copy()
    for _ in range(12):
        at = source @ place[:, :2].T + place[:, 2]
        inside = [np.ascontiguousarray(at[..., i], np.float32) for i in (0, 1)]
        moved = cv2.remap(field, *inside, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        source = (there - moved @ back.T).astype(np.float32)
    return np.asarray(cv2.remap(image, source[..., 0], source[..., 1], cv2.INTER_CUBIC), np.uint8)


def turned(image: Image, landmarks: np.ndarray) -> tuple[Image, np.ndarray]:
    """The picture and its landmarks after a head's motion: 7 px, 3 degrees, 2 per cent."""
    x, y = (float(value) for value in landmarks.mean(axis=0))
    matrix = cv2.getRotationMatrix2D((x, y), -3, 1.02)
    matrix[:, 2] += (6.0, -4.0)
    moved = cv2.warpAffine(image, matrix, image.shape[1::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    points = landmarks @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(moved, np.uint8), points.astype(np.float32)


@pytest.fixture
def image(posing: list[Image]) -> Image:
    return posing[0]


def test_a_face_lies_in_the_crop_where_the_public_maps_have_theirs(face: Face) -> None:
    place = frontal(face.landmarks)
    for landmarks, wanted in ANCHORS:
        at = place[:, :2] @ face.landmarks[list(landmarks)].mean(axis=0) + place[:, 2]
        assert np.abs((at + 0.5) / CROP - wanted).max() < 0.07, landmarks


def test_the_crop_undoes_the_heads_tilt_and_size(image: Image, face: Face) -> None:
    rotated, marks = turned(image, face.landmarks)
    upright = crop(image, face.landmarks, face.landmarks)
    again = crop(rotated, marks, face.landmarks)
    assert np.abs(again.astype(int) - upright).mean() < 3
    straight = crop(rotated, face.landmarks, face.landmarks)
    assert np.abs(straight.astype(int) - upright).mean() > 10


def test_similarity_follows_the_many_and_not_the_few(face: Face) -> None:
    reference = face.landmarks
    angle, scale = np.radians(4), 1.03
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = reference @ np.linalg.inv(turn).T + 5
    moved[:60] += 12  # an eighth of the points went elsewhere
    got = similarity(moved.astype(np.float32), reference)
    assert np.allclose(got[:, :2], turn, atol=0.002)


@pytest.mark.parametrize(
    ("at", "across", "down"),
    [((0.24, 0.17), 0.0, -4.0), ((0.32, 0.72), -3.0, -2.0), ((0.5, 0.9), 0.0, -3.0), ((0.74, 0.18), -2.0, 3.0)],
    ids=["brow up", "smile", "chin up", "brow down and in"],
)
def test_a_known_displacement_comes_back(
    image: Image, face: Face, at: tuple[float, float], across: float, down: float
) -> None:
    wanted = bump(at, across, down)
    after = displaced(image, wanted, face.landmarks)
    onset, apex = (crop(picture, face.landmarks, face.landmarks) for picture in (image, after))
    got = flow(onset, apex)
    wanted = wanted - affine_part(wanted)
    cells = [cv2.resize(each, (GRID, GRID), interpolation=cv2.INTER_AREA) for each in (got, wanted)]
    off = np.linalg.norm(cells[0] - cells[1], axis=2)
    length = np.linalg.norm(cells[1], axis=2)
    strongest = np.unravel_index(length.argmax(), length.shape)
    assert off[strongest] < 0.3 * length.max()
    assert off.mean() < 0.15 * length.max()
    maps = [encode(each).astype(float).ravel() for each in (got, wanted)]
    for channel in (1, 2) if across else (1,):
        pair = [each.reshape(GRID, GRID, 3)[..., channel].ravel() for each in maps]
        assert np.corrcoef(*pair)[0, 1] > 0.85, f"channel {channel}"


def test_a_displacement_comes_back_through_a_heads_motion_and_noise(image: Image, face: Face) -> None:
    wanted = bump((0.24, 0.17), 0.0, -2 * WIDE) + bump((0.74, 0.17), 0.0, -2 * WIDE)
    rotated, marks = turned(displaced(image, wanted, face.landmarks), face.landmarks)
    random = np.random.default_rng(0)
    noisy = [np.clip(each + random.normal(0, 2, each.shape), 0, 255).astype(np.uint8) for each in (image, rotated)]
    got = flow(crop(noisy[0], face.landmarks, face.landmarks), crop(noisy[1], marks, face.landmarks))
    wanted = wanted - affine_part(wanted)
    cells = [cv2.resize(each, (GRID, GRID), interpolation=cv2.INTER_AREA)[..., 1].ravel() for each in (got, wanted)]
    assert np.corrcoef(*cells)[0, 1] > 0.8


def test_a_moving_head_with_a_still_face_shows_hardly_any_motion(image: Image, face: Face) -> None:
    rotated, marks = turned(image, face.landmarks)
    got = flow(crop(image, face.landmarks, face.landmarks), crop(rotated, marks, face.landmarks))
    assert np.percentile(np.linalg.norm(got, axis=2), 90) < 0.25 * WIDE


def test_the_affine_part_is_the_heads_and_not_the_brows() -> None:
    x, y = np.meshgrid(np.arange(CROP) / CROP - 0.5, np.arange(CROP) / CROP - 0.5)
    head = np.dstack([1.5 + 2 * x - y, -1 + y + 0.5 * x]).astype(np.float32)
    brow = bump((0.24, 0.17), 0.0, -6.0)
    assert np.abs(affine_part(head + brow) - head).max() < 0.15


def test_a_map_is_encoded_as_the_public_ones_are() -> None:
    up = encode(bump((0.24, 0.17), 0.0, -4.0))
    assert up.shape == (GRID, GRID, 3)
    assert up.dtype == np.uint8
    assert up.min(axis=(0, 1)).tolist()[:2] == [0, 0]
    assert up.max(axis=(0, 1)).tolist()[:2] == [255, 255]
    row, column = np.unravel_index(up[..., 1].argmin(), (GRID, GRID))
    assert (abs(row / GRID - 0.17) < 0.06, abs(column / GRID - 0.24) < 0.06) == (True, True)  # v is negative upwards
    left = encode(bump((0.32, 0.72), -4.0, 0.0))
    assert np.unravel_index(left[..., 2].argmin(), (GRID, GRID))[1] < GRID / 2  # u is negative leftwards


def test_strain_is_that_of_the_textbook() -> None:
    x, y = np.meshgrid(np.arange(CROP), np.arange(CROP))
    assert np.allclose(strain(np.dstack([0.01 * x, 0 * y]).astype(np.float32)), 0.01, atol=1e-5)
    shear = strain(np.dstack([0.01 * y, 0 * y]).astype(np.float32))
    assert np.allclose(shear, 0.01 / np.sqrt(2), atol=1e-5)
    turn = strain(np.dstack([-0.01 * y, 0.01 * x]).astype(np.float32))
    assert np.allclose(turn, 0, atol=1e-5)
