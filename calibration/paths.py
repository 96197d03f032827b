"""Ways to choose regions by measured effect: greedily, and with the causal ranking where effects cannot be told apart.

Whoever chooses sees only the clips of a given tally: those of the people on whom the choice is made.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.tally import Resampled, Tally
from deadpan.calibration.victims import Answers
from deadpan.stickers.regions import NAMES

MOST = 5
Path = tuple[int, ...]
"""Columns of regions, in the order in which they were taken: its first c are the choice of c."""
Scores = NDArray[np.floating]
"""(14,): one for each region, higher first."""
PAIRS: tuple[Path, ...] = tuple(
    (column, NAMES.index(name.replace("right_", "left_")))
    for column, name in enumerate(NAMES)
    if name.startswith("right_")
)
"""Columns of each right region with its left one."""


def ranked(scores: Scores, most: int = MOST) -> Path:
    """The first `most` regions by score; equal ones in the order of `REGIONS`, so ties must be shown beside it."""
    return tuple(int(i) for i in np.argsort(-np.asarray(scores), kind="stable")[:most])


def greedy(answers: Answers, tally: Tally, rows: NDArray[np.intp], k: float, most: int = MOST) -> Path:
    """Region after region, the one that adds most attack success on `rows`, the clips of `tally`."""
    return _path(answers, tally, rows, k, most, None)


def causal_greedy(
    answers: Answers, tally: Tally, rows: NDArray[np.intp], k: float, causal: Scores, most: int = MOST
) -> Path:
    """The same, but among the regions that cannot be told from the best at 95 %, the one with the best causal score."""
    return _path(answers, tally, rows, k, most, causal)


def best(answers: Answers, tally: Tally, rows: NDArray[np.intp], k: float, among: Sequence[Path]) -> Path:
    """The set of highest attack success on `rows`; of equal ones the first."""
    return max(among, key=lambda each: _attack(answers, tally, rows, k, each)[0])


def not_told_from_best(figures: Sequence[Resampled]) -> list[int]:
    """Which of `figures` fall short of the highest by an amount whose 95 % interval, paired, includes zero."""
    top = max(figures, key=lambda each: each[0])
    return [i for i, each in enumerate(figures) if each is top or np.nanpercentile((top - each)[1:], 2.5) <= 0]


def _path(answers: Answers, tally: Tally, rows: NDArray[np.intp], k: float, most: int, causal: Scores | None) -> Path:
    path: Path = ()
    while len(path) < most:
        left = [column for column in range(len(NAMES)) if column not in path]
        figures = [_attack(answers, tally, rows, k, (*path, column)) for column in left]
        if causal is None:
            chosen = max(range(len(left)), key=lambda i: figures[i][0])
        else:
            chosen = max(not_told_from_best(figures), key=lambda i: (causal[left[i]], figures[i][0]))
        path = (*path, left[chosen])
    return path


def _attack(answers: Answers, tally: Tally, rows: NDArray[np.intp], k: float, regions: Path) -> Resampled:
    return tally.attack(tally.flips(answers.silenced(regions, k)[:, rows]))
