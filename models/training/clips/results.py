"""What the folds say of a recognizer of clips: its scores, and what they cost."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deadpan.models import score
from deadpan.models.training.clips.folds import Folds
from deadpan.models.training.figures import Figure, figure


@dataclass(frozen=True)
class Row:
    """All clips that were judged, or those of one data set."""

    name: str
    clips: int
    subjects: int
    uf1: Figure
    uar: Figure


@dataclass(frozen=True)
class Point:
    """Where a training stood after some epochs, by the clips that were watched."""

    epoch: int
    operations: float
    """Floating-point operations of one fold until then, on the mean."""
    uf1: Figure


def measure(these: Folds, seeds: Sequence[int]) -> tuple[Row, ...]:
    """A row for all clips, and one for each data set if there are several; each judged by a network new to it."""
    rows, answers = these.predicted(seeds)
    clips = these.clips.only(rows)
    groups = {"all": np.ones(len(clips), bool)}
    if len(names := np.unique(clips.dataset)) > 1:
        groups |= {str(name): clips.dataset == name for name in names}
    table = []
    for name, chosen in groups.items():
        told = clips.label[chosen], answers[chosen], clips.subject[chosen]
        both = [figure(*told, statistic) for statistic in (score.uf1, score.uar)]
        table.append(Row(name, int(chosen.sum()), len(np.unique(told[2])), *both))
    return tuple(table)


def curve(these: Folds, seeds: Sequence[int], cost: float) -> tuple[Point, ...]:
    """UF1 on the watched clips, pooled over folds, after every epoch; `cost` is operations a clip learned from once."""
    rows = np.concatenate([fold.watch for fold in these.folds])
    label, subject = these.clips.label[rows], these.clips.subject[rows]
    said = np.stack([np.concatenate([each.curve for each in these.found(seed)], 1).argmax(2) for seed in seeds], 2)
    learned = float(np.mean([len(fold.learn) for fold in these.folds]))
    return tuple(
        Point(epoch, epoch * learned * cost, figure(label, answers, subject, score.uf1))
        for epoch, answers in enumerate(said, 1)
    )
