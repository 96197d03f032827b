"""A random place: what every choice has to beat."""

import numpy as np

from deadpan.calibration.placements.placed import Placed, upright, without_asking
from deadpan.calibration.targets.target import Rows, Target


def random_place(target: Target, rows: Rows, seed: int, draw: int) -> Placed:
    """One sticker on each clip, its centre drawn evenly over the crop, which lies within the face.

    As `effect.random_places` draws, and like there a sticker is cut off at the crop's edge; but each clip has a place
    of its own, which follows from the seed, the draw and the clip's row alone.
    """
    centres = [np.random.default_rng([seed, draw, int(row)]).random(2) for row in rows]
    return without_asking(upright(np.array(centres).reshape(-1, 2)))
