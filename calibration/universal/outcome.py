"""Universal perturbations before the people whom neither they nor their victim's networks have learned from."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.targets.on_clips import OnClips
from deadpan.calibration.targets.target import Rows, Said, ask
from deadpan.calibration.universal.learned import learned
from deadpan.calibration.universal.perturbation import PASSES, Perturbation, noise, shown
from deadpan.models.errors import DeadpanError
from deadpan.models.training.clips.folds import Folds


def said(
    target: OnClips, rows: Rows, placement: str, draw: int = 0, told: Callable[[str, int, int], None] = lambda *_: None
) -> tuple[Said, NDArray[np.int64]]:
    """What the victim says of a target's clips under `placement`, (m, 3); and the queries that each stands for, (m,).

    Learning costs the same however many clips it is used on: its answers and gradients are shared among those that the
    fold judges. Raises `DeadpanError` for a victim that is not of folds, or whose weights are not there.
    """
    these = target.folds
    if these is None:
        raise DeadpanError(f"{placement}: {target.name} has no fold networks for these clips; train them first")
    seed, parts = target.victim.seed, range(len(these.folds))
    perturbations: list[Perturbation] = []
    cost = np.zeros(len(parts), np.int64)
    for number in parts:
        if placement == "uap-noise":
            perturbations.append(noise(these.clips.sample, len(parts) * draw + number))
            continue
        found = learned(these, seed, number, placement, draw, _counted(told, these, number, placement))
        perturbations.append(found.perturbation)
        cost[number] = -(-found.asked // len(these.folds[number].judge))
    judge = {str(name): number for number in parts for name in these.clips.subject[these.folds[number].judge]}
    which = np.array([judge[str(name)] for name in target.subject[rows]])

    def changed(places: NDArray[np.intp]) -> NDArray[np.uint8]:
        pictures = target.aligned.clips.pictures[rows[places]]
        return np.stack([shown(one, perturbations[which[i]]) for one, i in zip(pictures, places, strict=True)])

    return ask(target.victim, target.subject[rows], changed, target.spent), cost[which]


def sentence(target: OnClips, placement: str, draw: int = 0) -> str:
    """How a kept perturbation was learned, for a reader: the share that is fooled after every pass."""
    these = target.folds
    assert these is not None
    found = [learned(these, target.victim.seed, number, placement, draw) for number in range(len(these.folds))]
    weights = [each.clips for each in found], [len(fold.judge) for fold in these.folds]
    curves = []
    for name, weight in zip(("fooled", "others"), weights, strict=True):
        # A fold that was done sooner stays as it was.
        rates = [np.pad(getattr(each, name), (0, PASSES), "edge")[:PASSES] for each in found]
        longest = max(len(each.fooled) for each in found)
        curves.append(", ".join(f"{each:.0%}" for each in np.average(rates, axis=0, weights=weight)[:longest]))
    best = np.average([each.fooled.max() for each in found], weights=weights[0])
    asked = sum(each.asked for each in found)
    return (
        f"{placement} on {target.name}, {len(found)} folds together: the label changed, after each pass, on "
        f"{curves[0]} of the {sum(weights[0])} clips learned from, and on {curves[1]} of the {sum(weights[1])} that "
        f"judge. Kept was each fold's best pass on those learned from: {best:.0%}. It took {asked:,} answers and "
        "gradients."
    )


def _counted(told: Callable[[str, int, int], None], these: Folds, number: int, placement: str) -> Callable[[], None]:
    fold, done = these.folds[number], 0
    total = (len(fold.learn) + len(fold.watch)) * PASSES

    def one() -> None:
        nonlocal done
        done += 1
        told(f"{placement}: {these.schedule.name}, fold {number + 1} of {len(these.folds)}", done, total)

    return one
