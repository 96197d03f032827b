"""Compositing is equation 2, x_adv = (1 − A)·x + A·δ, on the sticker's pixels and no others."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import transform

from deadpan.models.frame import Image
from deadpan.stickers import sticker
from deadpan.stickers.compositing import lay, warp
from deadpan.stickers.placement import Placement
from deadpan.stickers.regions import REGIONS
from deadpan.stickers.sticker import Sticker

WIDTH, HEIGHT = 160, 120
INSIDE = [((80.0, 60.0), (40.0, 30.0), 0.0), ((71.3, 55.8), (61.5, 33.2), 0.6), ((60.0, 62.0), (24.0, 24.0), -2.5)]
PARTLY_OUTSIDE = [
    ((3.0, 60.0), (40.0, 30.0), 0.3),
    ((158.0, 119.0), (50.0, 50.0), 0.8),
    ((80.0, -4.0), (60.0, 20.0), 0),
]
WHOLLY_OUTSIDE = [
    ((-90.0, 60.0), (40.0, 30.0), 0.3),
    ((80.0, 400.0), (40.0, 30.0), 0),
    ((999.0, -999.0), (9.0, 9.0), 1),
]
Where = tuple[tuple[float, float], tuple[float, float], float]


def place(where: Where) -> Placement:
    return Placement(REGIONS[0], 0, *where)


@pytest.fixture
def picture() -> Image:
    """Nothing but noise: a pixel that changes shows."""
    return np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


@pytest.fixture
def glass() -> Sticker:
    """Every colour and every alpha."""
    return sticker.make("glass", np.random.default_rng(1).integers(0, 256, (48, 64, 4), np.uint8))


def disc(colour: int) -> Sticker:
    """A disc of one grey with a soft edge; where it is clear its colour is black, as in most PNGs."""
    y, x = np.mgrid[0:96, 0:96] - 47.5
    alpha = np.clip((44 - np.hypot(x, y)) / 12, 0, 1)
    grey = np.where(alpha > 0, colour, 0)
    return sticker.make("disc", np.dstack([grey, grey, grey, np.rint(255 * alpha)]).astype(np.uint8))


def equation_2(picture: Image, patch: NDArray[np.float32], rows: slice, columns: slice) -> NDArray[np.float64]:
    """The whole picture by the paper's formula in float64, (h, w, 3)."""
    covered = np.zeros((*picture.shape[:2], 4))
    covered[rows, columns] = patch
    alpha = covered[..., 3:]
    colour = np.divide(covered[..., :3], alpha, out=np.zeros_like(covered[..., :3]), where=alpha > 0) * 255
    return (1 - alpha) * picture + alpha * colour


@pytest.mark.parametrize("where", INSIDE + PARTLY_OUTSIDE)
@pytest.mark.parametrize("kind", ["glass", "star", "band-aid"])
def test_a_sticker_is_laid_by_equation_2(where: Where, kind: str, picture: Image, glass: Sticker) -> None:
    laid = glass if kind == "glass" else sticker.load(kind)
    patch, rows, columns = warp(laid, place(where), WIDTH, HEIGHT)
    assert patch[..., 3].max() > 0.5
    expected = equation_2(picture, patch, rows, columns)
    lay(picture, patch, rows, columns)
    assert np.abs(picture - expected).max() <= 1


@pytest.mark.parametrize("where", INSIDE + PARTLY_OUTSIDE)
def test_only_the_patch_changes_and_nothing_beside_it(where: Where, picture: Image, glass: Sticker) -> None:
    before = picture.copy()
    patch, rows, columns = warp(glass, place(where), WIDTH, HEIGHT)
    lay(picture, patch, rows, columns)
    changed = (picture != before).any(axis=2)
    assert changed.any()
    outside = np.ones((HEIGHT, WIDTH), bool)
    outside[rows, columns] = False
    assert picture[outside].tobytes() == before[outside].tobytes()
    sticker_itself = cv2.fillConvexPoly(
        np.zeros((HEIGHT, WIDTH), np.uint8), np.rint(place(where).corners()).astype(np.int32), (1,)
    )
    assert not changed[cv2.dilate(sticker_itself, np.ones((5, 5), np.uint8)) == 0].any()


@pytest.mark.parametrize("where", INSIDE)
def test_the_patch_is_no_larger_than_the_sticker_needs(where: Where, glass: Sticker) -> None:
    corners = place(where).corners()
    _, rows, columns = warp(glass, place(where), WIDTH, HEIGHT)
    needed = np.ptp(corners, axis=0)
    assert columns.stop - columns.start <= needed[0] + 5
    assert rows.stop - rows.start <= needed[1] + 5


@pytest.mark.parametrize("where", WHOLLY_OUTSIDE)
def test_a_sticker_outside_the_picture_changes_nothing(where: Where, picture: Image, glass: Sticker) -> None:
    before = picture.copy()
    lay(picture, *warp(glass, place(where), WIDTH, HEIGHT))
    assert picture.tobytes() == before.tobytes()


@pytest.mark.parametrize("where", PARTLY_OUTSIDE)
def test_at_the_pictures_edge_a_sticker_is_cut_and_not_moved(where: Where, picture: Image, glass: Sticker) -> None:
    margin = 100
    large = np.pad(picture, ((margin, margin), (margin, margin), (0, 0)))
    (x, y), size, turn = where
    shifted = place(((x + margin, y + margin), size, turn))
    lay(picture, *warp(glass, place(where), WIDTH, HEIGHT))
    lay(large, *warp(glass, shifted, WIDTH + 2 * margin, HEIGHT + 2 * margin))
    # Apart by float rounding of the shift, which may turn one level.
    cut = large[margin:-margin, margin:-margin].astype(int)
    assert np.abs(cut - picture).max() <= 2


@pytest.mark.parametrize("size", [(90.0, 90.0), (37.0, 29.0), (9.5, 9.5)])
def test_a_soft_edge_leaves_no_dark_rim(size: tuple[float, float]) -> None:
    """White over white is white, however the edge fades out and the sticker is scaled and turned."""
    white = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    lay(white, *warp(disc(255), place(((80.3, 60.7), size, 0.4)), WIDTH, HEIGHT))
    assert white.min() == 255


def test_a_black_disc_on_white_shows_that_something_was_laid() -> None:
    white = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    lay(white, *warp(disc(0), place(((80.0, 60.0), (40.0, 40.0), 0.4)), WIDTH, HEIGHT))
    assert white[60, 80].max() == 0


@pytest.mark.parametrize("where", INSIDE + PARTLY_OUTSIDE)
def test_the_warp_is_what_scikit_image_makes_of_it(where: Where) -> None:
    laid, target = sticker.load("smiley"), place(where)
    patch, rows, columns = warp(laid, target, WIDTH, HEIGHT)
    got = np.zeros((HEIGHT, WIDTH, 4))
    got[rows, columns] = patch
    art = laid.at_least(min(target.size))
    matrix = np.vstack([target.affine(art.shape[1], art.shape[0]), [0, 0, 1]])
    expected = transform.warp(art, transform.AffineTransform(matrix).inverse, output_shape=(HEIGHT, WIDTH), order=1)
    inside = (expected[..., 3] > 0) | (got[..., 3] > 0)
    assert inside.any()
    assert np.abs(got - expected)[inside].mean() < 0.004, "one grey level"
    # OpenCV rounds places to 1/32 px and fades beyond the art's last pixel: a step in the art may differ that much.
    assert np.percentile(np.abs(got - expected)[inside], 99) < 0.1


def test_all_pictures_of_a_clip_get_the_same_patch_in_their_own_colours(picture: Image, glass: Sticker) -> None:
    clip = np.stack([picture, picture[::-1], 255 - picture])
    patch, rows, columns = warp(glass, place(INSIDE[1]), WIDTH, HEIGHT)
    wanted = [each.copy() for each in clip]
    for each in wanted:
        lay(each, patch, rows, columns)
    grey = clip[..., :1].copy()
    lay(clip, patch, rows, columns)
    assert (clip == np.stack(wanted)).all()
    lay(grey, patch[..., [0, 3]], rows, columns)
    assert (grey == clip[..., :1]).all()
