"""The paper's placement: on the region that most arrows of the causal graph leave, for everybody alike."""

from dataclasses import replace

import numpy as np

from deadpan.calibration.effect.paths import ranked
from deadpan.calibration.graph import discretise
from deadpan.calibration.graph.discovery import ALPHA, graph
from deadpan.calibration.graph.features import Features
from deadpan.calibration.graph.stability import fast
from deadpan.calibration.placements.placed import Placed, upright, without_asking
from deadpan.calibration.targets.target import Rows, Target
from deadpan.models.errors import DeadpanError
from deadpan.stickers.regions import NAMES


def causal(target: Target, rows: Rows, features: Features) -> Placed:
    """One sticker on each clip, on the winner of the graph of the other people in `features` (n, 14).

    Leaves the clip's own person out, so that nobody's data choose for themselves; on another data set's features, where
    that person is not, it is the graph of all of them. A graph without an arrow names no region: its sticker is clear.
    """
    subjects = target.subject[rows]
    columns = {str(name): winner(features, str(name)) for name in np.unique(subjects)}
    chosen = [columns[str(name)] for name in subjects]
    stickers = upright(target.centres[rows, [column or 0 for column in chosen]])
    stickers[[column is None for column in chosen], :, 3] = 0
    return without_asking(stickers)


def winner(features: Features, without: str = "") -> int | None:
    """The column of v*, the highest out-degree, in the graph of all people but one; None when no edge is directed.

    PC with the chi-square test, as `deadpan calibrate` has it; of equal ones the first in the order of the regions, as
    there, too: see how often that decides before you make much of it.
    """
    others = features.subject != without
    if not others.any():
        raise DeadpanError(f"features of {without} alone: expected those of other people, to choose by")
    levels = discretise.of(replace(features, values=features.values[others], subject=features.subject[others]))
    degrees = graph(fast(levels), len(levels), ALPHA).out_degree
    scores = np.array([degrees[name] for name in NAMES], float)
    return ranked(scores, 1)[0] if scores.any() else None
