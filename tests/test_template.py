"""A face is found again finer than by the search alone, and no light is taken for motion."""

import cv2
import numpy as np
import pytest

from deadpan.stickers.field import SIDE
from deadpan.stickers.search import Search
from deadpan.stickers.template import Template

AT = np.arange(SIDE, dtype=np.float32)
INNER = slice(16, SIDE - 16)


@pytest.fixture(scope="module")
def face():
    from skimage.data import astronaut

    grey = cv2.cvtColor(astronaut()[40:220, 140:320], cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def moved(face, size):
    """The face after a motion of at most `size` px within a fifth of its width, and that motion, (SIDE, SIDE, 2)."""
    x, y = AT - 60, AT[:, None] - 70
    bump = np.exp(-(x**2 + y**2) / (2 * 10**2))
    field = np.dstack([size * bump, -0.6 * size * bump]).astype(np.float32)
    inverse = field.copy()
    for _ in range(10):  # what lies at z now came from z - inverse(z)
        inverse = cv2.remap(field, AT - inverse[..., 0], AT[:, None] - inverse[..., 1], cv2.INTER_LINEAR)
    return cv2.remap(face, AT - inverse[..., 0], AT[:, None] - inverse[..., 1], cv2.INTER_CUBIC), field


def missed(found, field):
    return float(np.sqrt(((found - field)[INNER, INNER] ** 2).mean()))


def left(found, field):
    """The share of the motion that is not found."""
    return abs(1 - float((found * field).sum() / (field * field).sum()))


def test_what_a_search_leaves_of_a_motion_is_found(face):
    # Soft and noisy, as a webcam sees it.
    soft, random = cv2.GaussianBlur(face, (0, 0), 1.2), np.random.default_rng(0)
    after, field = moved(soft, 1.5)
    before, after = (
        np.rint(each + random.normal(0, 1, each.shape)).clip(0, 255).astype(np.uint8) for each in (soft, after)
    )
    coarse = Search(before).flow(after, None)
    fine = Template(before).refined(after, coarse)
    assert left(fine, field) < 0.8 * left(coarse, field)


def test_a_face_at_rest_stays_at_rest(face):
    rest = np.zeros((SIDE, SIDE, 2), np.float32)
    assert np.abs(Template(face).refined(face, rest)).max() < 1e-6


def test_light_is_not_taken_for_motion(face):
    rest = np.zeros((SIDE, SIDE, 2), np.float32)
    lit = np.clip(face.astype(np.float32) + 12 * AT / SIDE, 0, 255).astype(np.uint8)
    assert missed(Template(face).refined(lit, rest), rest) < 0.1


def test_a_blank_picture_moves_nowhere(face):
    blank, noise = np.full((SIDE, SIDE), 128, np.uint8), np.random.default_rng(0).normal(128, 2, (SIDE, SIDE))
    rest = np.zeros((SIDE, SIDE, 2), np.float32)
    assert np.abs(Template(blank).refined(noise.astype(np.uint8), rest)).max() < 1e-6
