"""Who teaches a network, who says when it has learned enough, and who judges it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.models.clips import Clips
from deadpan.models.errors import DeadpanError
from deadpan.models.training.clips.schedules import Split

WATCHED = 0.25
"""Share of those who are left to learn from, at least one person, on whom the epoch is chosen."""
JUDGING = 0.2
"""Share of the clips in the published single split."""
SEED = 2025


@dataclass(frozen=True, eq=False)
class Fold:
    """Rows of the clips: those learned from, those watched to choose an epoch, those that judge."""

    learn: NDArray[np.intp]
    watch: NDArray[np.intp]
    """In a published protocol the same as `judge`, which is its leak."""
    judge: NDArray[np.intp]


def split(clips: Clips, how: Split, folds: int) -> tuple[Fold, ...]:
    """The folds of a protocol; the same clips always give the same. `folds` counts the groups of people.

    With `groups`, nobody is in two of a fold's three parts, and everybody judges once. Raises `DeadpanError` when there
    are too few people.
    """
    if how == "groups":
        return _grouped(clips, folds)
    rows = np.arange(len(clips))
    if how == "subjects":
        if len(clips.subjects) < 2:
            raise DeadpanError("clips of one subject only: leaving one out needs at least two")
        parts = [rows[clips.subject == name] for name in clips.subjects]
    else:
        parts = [np.sort(np.random.default_rng(SEED).permutation(rows)[: max(1, round(JUDGING * len(rows)))])]
    return tuple(Fold(np.setdiff1d(rows, judge), judge, judge) for judge in parts)


def _grouped(clips: Clips, folds: int) -> tuple[Fold, ...]:
    people = np.array(clips.subjects)
    if len(people) < 3:
        raise DeadpanError(
            f"clips of {len(people)} subject{'s' if len(people) > 1 else ''}; expected three at least: "
            "to learn from, to stop by and to judge"
        )
    if folds < 2:
        raise DeadpanError(f"--folds {folds}: expected 2 at least, or as many as there are subjects, {len(people)}")
    random = np.random.default_rng(SEED)
    groups = np.array_split(random.permutation(people), min(folds, len(people)))
    found = []
    for group in groups:
        others = random.permutation(np.setdiff1d(people, group))
        watched = others[: max(1, round(WATCHED * len(others)))]
        if len(watched) == len(others):
            raise DeadpanError(f"--folds {folds}: leaves one of {len(people)} subjects to learn from; choose more")
        parts = others[len(watched) :], watched, group
        found.append(Fold(*(np.flatnonzero(np.isin(clips.subject, part)) for part in parts)))
    return tuple(found)
