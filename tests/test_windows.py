"""Rectangles on motion maps lie where the face's regions do."""

import numpy as np
import pytest

from deadpan.calibration.effect.windows import cells, covered, patches, windows
from deadpan.models.maps import Maps


@pytest.fixture
def maps() -> Maps:
    centres = np.tile(np.linspace(0.1, 0.9, 14, dtype=np.float32)[:, None], (3, 1, 2))
    face = np.array([[1.0, 1.0], [1.1, 1.05], [0.9, 0.9]], np.float32)
    text = np.array(["a", "b", "c"])
    return Maps(np.zeros((3, 28, 28, 3), np.uint8), np.zeros(3, np.int64), text, text, text, centres, face)


def test_a_rectangle_takes_the_cells_whose_middle_it_holds() -> None:
    taken = cells(np.array([0.5, 0.25], np.float32), np.array([4 / 28, 2 / 28], np.float32))
    rows, columns = np.nonzero(taken)
    assert (sorted(set(rows)), sorted(set(columns))) == ([6, 7], [12, 13, 14, 15])


def test_a_rectangle_beyond_the_edge_is_cut_off_there_and_never_empty() -> None:
    over = cells(np.array([1.02, -0.03], np.float32), np.array([0.2, 0.2], np.float32))
    assert over.any()
    assert set(np.nonzero(over)[1]) <= {25, 26, 27}
    assert cells(np.array([1.3, 0.5], np.float32), np.array([1e-4, 1e-4], np.float32)).sum() == 1


def test_the_nearest_cell_does_not_widen_a_rectangle_that_has_cells_of_its_own() -> None:
    for x in np.linspace(0.1, 0.9, 57):
        side = cells(np.array([x, 0.5], np.float32), np.array([6.2 / 28] * 2, np.float32)).any(axis=0).sum()
        assert side in (6, 7)


def test_windows_and_patches_follow_each_maps_own_face(maps: Maps) -> None:
    assert windows(maps).shape == (3, 14, 28, 28)
    laid = patches(maps, maps.roi_center, 3)
    assert laid.shape == (3, 14, 28, 28)
    middle = laid[:, 6].reshape(3, -1).sum(axis=1)
    assert middle[2] <= middle[0] <= middle[1]
    assert patches(maps, maps.roi_center[:, 0], 2).shape == (3, 28, 28)


@pytest.mark.parametrize("count", [1, 5])
def test_what_rectangles_cover_together_is_counted_as_their_cells_are(count: int) -> None:
    random = np.random.default_rng(count)
    centre = random.uniform(-0.2, 1.2, (300, count, 2)).astype(np.float32)
    size = np.array([0.33, 0.2], np.float32)
    np.testing.assert_array_equal(covered(centre, size), cells(centre, size).any(axis=1).mean(axis=(1, 2)))
