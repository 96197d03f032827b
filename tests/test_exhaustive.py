"""Exhaustive: no region does more to a clip than the one that is taken."""

import numpy as np

from deadpan.calibration.placements.exhaustive import exhaustive
from deadpan.calibration.placements.region import region
from deadpan.calibration.targets.on_maps import OnMaps
from deadpan.stickers.regions import NAMES


def test_a_clip_is_wrong_as_soon_as_one_region_makes_it_wrong(planted) -> None:  # type: ignore[no-untyped-def]
    target = OnMaps(planted.maps(), planted)
    rows = np.arange(len(target.label))[::-1]
    placed = exhaustive(target, rows, 2, None)
    assert placed.queries.tolist() == [14] * len(rows)
    assert target.spent.answers == 14 * len(rows)
    wrong = target.say(rows, placed.stickers, 2).argmax(axis=1) != target.label[rows]
    every = [target.say(rows, region(target, rows, name).stickers, 2).argmax(axis=1) for name in NAMES]
    assert (wrong == (np.stack(every) != target.label[rows]).any(axis=0)).all()
    # It is known which: the two places that the victim reads.
    chosen = placed.stickers[:, 0, :2][wrong & (target.label[rows] < 2)]
    read = [region(target, rows[:1], name).stickers[0, 0, :2] for name in planted.regions]
    assert all(min(np.abs(each - place).max() for place in read) < 1e-6 for each in chosen)
