"""Ways to choose regions by measured effect: greedily, and by causal score where effects cannot be told apart.

Whoever chooses sees only the clips of a given tally: those of the people on whom the choice is made.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.tally import Resampled, Tally
from deadpan.calibration.effect.victims import Answers
from deadpan.stickers.regions import NAMES

MOST = 5
EFFECT, CAUSAL_EFFECT = "effect", "causal+effect"
CAUSAL = "stability"
"""The ranking that breaks what effects cannot tell apart."""
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


def chosen(
    answers: Answers,
    tally: Tally,
    rows: NDArray[np.intp],
    k: float,
    most: int,
    rankings: Mapping[str, Scores],
    ties: np.random.Generator | None = None,
) -> dict[str, tuple[Path, ...]]:
    """What each rule chooses at one size: its sets of 1, 2, … `most` regions.

    `effect`; `causal+effect` if `CAUSAL` is one of `rankings`; and each ranking by itself, with `ties` as in
    `ranked`.
    """
    by_effect = prefixes(greedy(answers, tally, rows, k, most))
    sets = {EFFECT: by_effect}
    if CAUSAL in rankings:
        scores = rankings[CAUSAL]
        sets[CAUSAL_EFFECT] = tuple(swapped(answers, tally, rows, k, scores, each) for each in by_effect)
    return sets | {name: prefixes(ranked(scores, most, ties)) for name, scores in rankings.items()}


def ranked(scores: Scores, most: int = MOST, ties: np.random.Generator | None = None) -> Path:
    """The first `most` regions by score; equal ones as drawn from `ties`.

    Without it they come in the order of `REGIONS`, brows first, which is no merit of the score: show ties beside it.
    """
    order = np.arange(len(NAMES)) if ties is None else ties.permutation(len(NAMES))
    return tuple(int(i) for i in np.lexsort((order, -np.asarray(scores)))[:most])


def prefixes(path: Path) -> tuple[Path, ...]:
    """The choices of 1, 2, … regions that a path stands for."""
    return tuple(path[:count] for count in range(1, len(path) + 1))


def greedy(answers: Answers, tally: Tally, rows: NDArray[np.intp], k: float, most: int = MOST) -> Path:
    """Region after region, the one that adds most attack success on `rows`, the clips of `tally`; of equal ones the
    first."""
    path: Path = ()
    while len(path) < most:
        left = [column for column in range(len(NAMES)) if column not in path]
        path = best(answers, tally, rows, k, [(*path, column) for column in left])
    return path


def swapped(answers: Answers, tally: Tally, rows: NDArray[np.intp], k: float, causal: Scores, start: Path) -> Path:
    """`start` with regions of higher causal score in place of lower ones, as far as the effects tell no difference.

    Highest score first, each takes the place of the lowest one chosen (of equal ones the last), if the attack success
    of the new set falls short of that of `start` by an amount whose 95 % interval, paired, includes zero. It is always
    `start` that is compared with: small losses, none of which can be told, would add up.
    """
    top, chosen = _attack(answers, tally, rows, k, start), start
    for column in ranked(causal, len(NAMES)):
        lowest = min(reversed(chosen), key=lambda each: causal[each])
        if causal[column] <= causal[lowest]:
            break
        if column not in chosen:
            other = tuple(column if each == lowest else each for each in chosen)
            chosen = other if _level(top, _attack(answers, tally, rows, k, other)) else chosen
    return chosen


def best(answers: Answers, tally: Tally, rows: NDArray[np.intp], k: float, among: Sequence[Path]) -> Path:
    """The set of highest attack success on `rows`; of equal ones the first."""
    return max(among, key=lambda each: _attack(answers, tally, rows, k, each)[0])


def not_told_from_best(figures: Sequence[Resampled]) -> list[int]:
    """Which of `figures` fall short of the highest by an amount whose 95 % interval, paired, includes zero."""
    top = max(figures, key=lambda each: each[0])
    return [i for i, each in enumerate(figures) if each is top or _level(top, each)]


def _level(top: Resampled, other: Resampled) -> bool:
    return bool(np.nanpercentile((top - other)[1:], 2.5) <= 0)


def _attack(answers: Answers, tally: Tally, rows: NDArray[np.intp], k: float, regions: Path) -> Resampled:
    return tally.attack(tally.flips(answers.silenced(regions, k)[:, rows]))
