"""Pixels: the variant that the paper's public code runs, and the control that shows what it reads.

Re-implemented from a description of it: not features of many samples but the raw pixels of one 48×48 picture, one row a
pixel, one column a region: the picture inside that region's rectangle and 0 outside. PC with Fisher's z; only arrows
count; of a tie the lowest number is named, and where no arrow or an error comes out a region is named all the same.
The rectangles' coordinates are fixed for 48 px with y the wrong way up, so brows lie on the chin.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.graph.discovery import ALPHA, CausalGraph, graph
from deadpan.calibration.graph.stability import Progress
from deadpan.calibration.median_face import CENTRES, SIZE
from deadpan.models.maps import Maps
from deadpan.stickers.regions import NAMES, REGIONS, UNIT

SIDE = 48
"""Px: FER2013's, and what the coordinates are fixed for."""
GREY = 128
FALLBACK = NAMES[4]
"""What the public code names, without a word, when its PC fails."""
Picture = NDArray[np.uint8]
"""(48, 48) uint8: a grey face that fills the picture."""


@dataclass(frozen=True, eq=False)
class Pixels:
    """What the public code makes of one picture."""

    winner: str
    """The one that it names; it always names one."""
    winners: tuple[str, ...]
    """All of the highest out-degree; empty where no arrow came out, or nothing."""
    out_degree: dict[str, int]
    failed: bool
    """Its PC ended in an error, and `winner` is `FALLBACK`."""
    note: str
    """Why the winner is none, if so."""


def of_picture(picture: Picture, alpha: float = ALPHA) -> Pixels:
    """What is named from one grey picture, (48, 48) uint8; other shapes raise `ValueError`."""
    if picture.shape != (SIDE, SIDE):
        raise ValueError(f"picture {picture.shape}: expected ({SIDE}, {SIDE})")
    columns = (masks() * picture).reshape(len(NAMES), -1).T.astype(float)
    found = _pc(columns, alpha)
    if found is None:
        why = f"its PC failed (a correlation without a value, or no inverse); {FALLBACK} is named without saying so"
        return Pixels(FALLBACK, (), dict.fromkeys(NAMES, 0), True, why)
    if not found.winners:
        return Pixels(NAMES[0], (), found.out_degree, False, "no arrow came out: all tie at 0, the lowest is named")
    return Pixels(found.winners[0], found.winners, found.out_degree, False, "")


def of_maps(maps: Maps, alpha: float = ALPHA, progress: Progress = lambda done, total: None) -> tuple[Pixels, ...]:
    """The same from each map's strain channel, brought to 48×48, where no picture is to be had."""
    found = []
    for number, motion in enumerate(maps.motion, 1):
        strain = cv2.resize(motion[..., 0], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        found.append(of_picture(np.asarray(strain, np.uint8), alpha))
        progress(number, len(maps))
    return tuple(found)


def control(alpha: float = ALPHA) -> Pixels:
    """What is named from a picture that is one grey all over and says nothing of any face."""
    return of_picture(np.full((SIDE, SIDE), GREY, np.uint8), alpha)


def masks() -> NDArray[np.bool_]:
    """(14, 48, 48): where each region's rectangle lies, y the wrong way up as in the public code."""
    every = np.zeros((len(REGIONS), SIDE, SIDE), bool)
    for mask, region, (x, y) in zip(every, REGIONS, CENTRES, strict=True):
        across, down = (np.array(region.half_window) / UNIT * SIZE * SIDE).round().astype(int)
        column, row = int(x * SIDE), int((1 - y) * SIDE)
        mask[max(0, row - down) : row + down + 1, max(0, column - across) : column + across + 1] = True
    return every


def _pc(columns: NDArray[np.float64], alpha: float) -> CausalGraph | None:
    from causallearn.search.ConstraintBased.PC import pc

    # Without spread there is no correlation; causal-learn would go on with NaN, through every subset of the regions.
    if not columns.std(axis=0).all():
        return None
    try:
        found = pc(columns, alpha, "fisherz", stable=True, uc_rule=0, uc_priority=2, show_progress=False)
    except (ValueError, np.linalg.LinAlgError):
        return None
    return graph(found.G.graph, len(columns), alpha)
