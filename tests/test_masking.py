"""What lies under stickers is left out, or continued from around; what lies beside them stays."""

import numpy as np

from deadpan.calibration.trial import masking
from deadpan.models.motion import CROP

SQUARE = np.array([[40, 50], [80, 50], [80, 90], [40, 90]], np.float32)
SAME = np.array([[1.0, 0, 0], [0, 1, 0]])


def test_a_mask_covers_its_sticker_and_the_edge_that_steers_the_flow() -> None:
    covered = masking.mask([SQUARE], SAME)
    assert covered.shape == (CROP, CROP)
    assert covered[50:91, 40:81].min() == 255
    assert covered[70, 81 + masking.EDGE + 1] == 0
    assert covered[70, 80 + masking.EDGE] == 255
    assert not masking.mask([], SAME).any()


def test_a_mask_goes_where_the_crop_lays_its_sticker() -> None:
    twice = masking.mask([SQUARE], np.array([[0.5, 0, 10], [0, 0.5, 20]]))
    rows, columns = np.nonzero(twice)
    edge = masking.EDGE
    assert (columns.min(), columns.max()) == (30 - edge, 50 + edge)
    assert (rows.min(), rows.max()) == (45 - edge, 65 + edge)


def test_what_is_covered_is_continued_from_around_and_the_rest_stays() -> None:
    y, x = np.mgrid[:CROP, :CROP].astype(np.float32) / CROP
    smooth = np.dstack([x - y, 1 + y])
    covered = masking.mask([SQUARE], SAME)
    spoilt = smooth.copy()
    spoilt[covered > 0] = 50
    mended = masking.filled(spoilt, covered)
    assert np.array_equal(mended[covered == 0], smooth[covered == 0])
    assert np.abs(mended - smooth).max() < 0.2


def test_a_face_under_a_sticker_as_large_as_the_crop_is_filled_with_numbers() -> None:
    everything = np.full((CROP, CROP), 255, np.uint8)
    assert np.isfinite(masking.filled(np.ones((CROP, CROP, 2), np.float32), everything)).all()


def test_inpainting_changes_nothing_beside_the_sticker_and_removes_it() -> None:
    picture = np.full((CROP, CROP), 120, np.uint8)
    covered = masking.mask([SQUARE], SAME)
    stuck = picture.copy()
    stuck[50:91, 40:81] = 255
    painted = masking.inpainted(stuck, covered)
    assert np.array_equal(painted[covered == 0], picture[covered == 0])
    assert np.abs(painted.astype(int) - picture).max() < 10
