"""A named region: the sticker lies on its centre, on every clip's own."""

import numpy as np

from deadpan.calibration.placements.region import region
from deadpan.calibration.targets.on_maps import OnMaps
from deadpan.stickers.regions import NAMES


def test_a_sticker_lies_on_the_clips_own_region(planted) -> None:  # type: ignore[no-untyped-def]
    maps = planted.maps()
    maps.roi_center[:] += np.linspace(0, 0.1, len(maps), dtype=np.float32)[:, None, None]
    rows = np.array([5, 0, 5])
    for column, name in enumerate(NAMES):
        placed = region(OnMaps(maps, planted), rows, name)
        assert (placed.stickers[:, 0, :2] == maps.roi_center[rows, column]).all()
        assert (placed.stickers[:, 0, 2:] == (0, 1)).all()
        assert placed.queries.tolist() == [0, 0, 0]
