"""A named region: the sticker lies on its centre."""

from deadpan.calibration.placements.placed import Placed, upright, without_asking
from deadpan.calibration.targets.target import Rows, Target
from deadpan.stickers.regions import NAMES


def region(target: Target, rows: Rows, name: str) -> Placed:
    """One sticker on the region `name`, one of `NAMES`, of each clip."""
    return without_asking(upright(target.centres[rows, NAMES.index(name)]))
