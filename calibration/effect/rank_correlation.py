"""Whether what ranks high in the graph also does most when it is hidden."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from deadpan.calibration.effect.effects import Effect
from deadpan.calibration.effect.tally import Share, share


def spearman(scores: ArrayLike, effects: Sequence[Effect]) -> Share | None:
    """Spearman's ρ between a score of each region, (n,), and its attack success, with n regions.

    The interval resamples the people on whom the effects were measured; the scores stand as they are. None when either
    is the same for all regions, so that there is nothing to rank.
    """
    ranks = rankdata(np.asarray(scores, float))
    measured = rankdata(np.stack([effect.resampled for effect in effects], axis=1), axis=1)
    ranks, measured = ranks - ranks.mean(), measured - measured.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        rho = measured @ ranks / np.sqrt((measured**2).sum(axis=1) * (ranks**2).sum())
    return share(rho, len(effects)) if np.isfinite(rho[0]) else None
