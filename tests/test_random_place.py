"""Random places: even over the crop, each clip's own, the same for the same seed whatever is asked beside it."""

import numpy as np
from scipy.stats import kstest

from deadpan.calibration.placements.random_place import random_place
from deadpan.calibration.targets.on_maps import OnMaps


def test_places_are_even_over_the_crop(planted) -> None:  # type: ignore[no-untyped-def]
    target = OnMaps(planted.maps(), planted)
    rows = np.arange(len(target.label))
    centres = np.concatenate([random_place(target, rows, 0, draw).stickers[:, 0, :2] for draw in range(20)])
    assert kstest(centres[:, 0], "uniform").pvalue > 0.01
    assert kstest(centres[:, 1], "uniform").pvalue > 0.01
    assert abs(np.corrcoef(centres.T)[0, 1]) < 0.05


def test_a_clips_place_follows_from_seed_draw_and_row_alone(planted) -> None:  # type: ignore[no-untyped-def]
    target = OnMaps(planted.maps(), planted)
    together = random_place(target, np.arange(20), 3, 1).stickers
    alone = [random_place(target, np.array([row]), 3, 1).stickers[0] for row in range(20)]
    assert (together == np.stack(alone)).all()
    assert len({each.tobytes() for each in together}) == 20
    for seed, draw in ((4, 1), (3, 2)):
        assert (random_place(target, np.arange(20), seed, draw).stickers != together).any(axis=(1, 2)).all()
    assert random_place(target, np.arange(0), 0, 0).stickers.shape == (0, 1, 4)
