"""What is counted in a trial, with intervals over people; the same drawn people for all cells, so all is paired."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.tally import Share, Tally, TooFew, share
from deadpan.calibration.trial.modes import FLOOR, NONE
from deadpan.calibration.trial.passage import Call
from deadpan.calibration.trial.trial import NOBODY, SINGLE, Cell
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import LABELS
from deadpan.models.recognizer import Recognizer

MEASURABLE = 0.60
"""UF1 below which a recognizer does not read a call without protection: there nothing can be said of protections."""


@dataclass(frozen=True)
class Told:
    """What one recognizer makes of a cell."""

    recognizer: str
    measurable: bool
    """It reads this very call without protection at `MEASURABLE` or better."""
    uf1: Share
    above_floor: Share
    """UF1 less that of the same call with no motion."""
    chance: float
    """UF1 of the same answers dealt to clips at random, expected: what their mix alone is worth."""
    attack: Share | None
    """Of what it tells right without protection, in this call, how much becomes wrong; None when that is nothing."""


@dataclass(frozen=True)
class Row:
    """The figures of one cell."""

    mode: str
    codec: str
    bitrate: int
    clips: int
    people: int
    unit: str
    """What the intervals resample: subject, or clip where there are fewer than five people."""
    told: tuple[Told, ...]
    """One a recognizer."""
    read: Share
    read_averaged: Share
    detected: Share
    """d′ of *read*: how far its mean lies above that of the same call with no motion, in shares of the root mean square
    of both spreads over clips. A large one is bounded by how unlike the clips are, not by noise."""
    detected_averaged: Share
    matched: Share
    """UF1 of the matched filter."""
    moves: float
    """Median over clips of the 95th percentile of what is seen to move, hundredths of the face's width."""
    ssim: float
    changed: float
    let_go: float
    nobody: float
    """Share of clips on which the attacker finds no face."""
    trembling: float
    """Root mean square of what moves on the face from one picture to the next while nothing on it does, hundredths of
    its width, less (in squares) what moves so in the same call without protection: the camera's noise, the codec."""
    ms: float
    """CPU time of the protection alone, milliseconds a frame; median over clips. Of this machine, as busy as it was."""
    cost: float
    """The same as a multiple of the bare landmarker call; median over clips of each one's own."""

    def record(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)


def rows(cells: Sequence[Cell], recognizers: Sequence[Recognizer], seed: int = 0) -> list[Row]:
    """One row a cell, in their order. Each call needs its cells `NONE` and `FLOOR`; raises `DeadpanError` without."""
    by_call: dict[Call, dict[str, Cell]] = {}
    for cell in cells:
        by_call.setdefault(cell.call, {})[cell.mode] = cell
    if not all({NONE, FLOOR} <= set(each) for each in by_call.values()):
        raise DeadpanError(f"cells without their controls; expected {NONE!r} and {FLOOR!r} for every call")
    if any(not cell.outcomes for cell in cells):
        raise DeadpanError("cells without clips; expected at least one")
    if any(recognizer.labels != LABELS for recognizer in recognizers):
        raise DeadpanError(f"a recognizer with other labels than {', '.join(LABELS)}; choose one that reads motion")
    return [row for each in by_call.values() for row in _of_call(each, recognizers, seed)]


def chance(label: NDArray[np.int64], says: NDArray[np.int8]) -> float:
    """The UF1 to be expected of these answers, (n,), had they nothing to do with the labels, (n,).

    .33 for answers as mixed as the labels, .17 for one that is always the same: a UF1 near it has read nothing. F1 is
    linear in the hits, of which a class has, over all ways to deal the answers, told · true / n on the mean.
    """
    classes = np.unique(label)
    true, given = ((each == classes[:, None]).sum(axis=1) for each in (label, says))
    return float(np.mean(2 * true * given / (len(label) * (true + given))))


def _of_call(cells: dict[str, Cell], recognizers: Sequence[Recognizer], seed: int) -> list[Row]:
    said = {name: [_say(each, cell) for each in recognizers] for name, cell in cells.items()}
    made = []
    for name, cell in cells.items():
        outcomes = cell.outcomes
        subject = np.array([each.subject for each in outcomes])
        label = np.array([each.label for each in outcomes], np.int64)
        blind = Tally(label, label[None].astype(np.int8), subject, seed=seed)
        told = []
        for number, recognizer in enumerate(recognizers):
            clean, floor, says = (said[each][number] for each in (NONE, FLOOR, name))
            tally = Tally(label, clean[None], subject, seed=seed)
            told.append(
                Told(
                    recognizer.name,
                    bool(tally.uf1(clean[None])[0] >= MEASURABLE),
                    share(tally.uf1(says[None]), len(label)),
                    share(tally.uf1(says[None]) - tally.uf1(floor[None]), len(label)),
                    chance(label, says),
                    _attack(tally, says),
                )
            )
        matched = np.array([[each.matched for each in outcomes]], np.int8)
        made.append(
            Row(
                mode=name,
                codec=cell.call.codec,
                bitrate=cell.call.bitrate,
                clips=len(label),
                people=len(np.unique(subject)),
                unit=blind.unit,
                told=tuple(told),
                read=_mean(blind, [each.read for each in outcomes]),
                read_averaged=_mean(blind, [each.read_averaged for each in outcomes]),
                detected=_detected(blind, *_read(cell, cells[FLOOR], "read")),
                detected_averaged=_detected(blind, *_read(cell, cells[FLOOR], "read_averaged")),
                matched=share(blind.uf1(matched), len(label)),
                moves=float(np.median([each.moves for each in outcomes])),
                ssim=float(np.mean([each.likeness.ssim for each in outcomes])),
                changed=float(np.mean([each.likeness.changed for each in outcomes])),
                let_go=float(np.mean([each.let_go for each in outcomes])),
                nobody=float(np.mean([not each.measured for each in outcomes])),
                trembling=_trembling(cell, cells[NONE]),
                ms=float(np.median([each.ms for each in outcomes])),
                cost=float(np.median([each.cost for each in outcomes])),
            )
        )
    return made


def _say(recognizer: Recognizer, cell: Cell) -> NDArray[np.int8]:
    """(n,) labels of what moved from one picture to the other."""
    found = [n for n, each in enumerate(cell.outcomes) if each.measured]
    says = np.full(len(cell.outcomes), NOBODY, np.int8)
    if found:
        maps = np.stack([cell.outcomes[n].measured[SINGLE].motion for n in found])
        says[found] = recognizer.predict(maps).argmax(axis=1)
    return says


def _trembling(cell: Cell, none: Cell) -> float:
    shown, own = (float(np.mean([each.trembling for each in given.outcomes])) for given in (cell, none))
    return float(np.sqrt(max(shown - own, 0.0)))


def _attack(tally: Tally, says: NDArray[np.int8]) -> Share | None:
    try:
        return share(tally.attack(tally.flips(says[None])), int(tally.right.sum()))
    except TooFew:
        return None


def _mean(tally: Tally, values: Sequence[float]) -> Share:
    """The mean over clips of a figure of each."""
    who = np.unique(tally.subject, return_inverse=True)[1] if tally.unit == "subject" else np.arange(len(values))
    sums, counts = np.bincount(who, values), np.bincount(who)
    return share(tally.weights @ sums / (tally.weights @ counts), len(values))


def _read(cell: Cell, floor: Cell, name: str) -> tuple[list[float], list[float]]:
    """A figure of the clips of both, which are the same clips."""
    with_motion, without = ([getattr(each, name) for each in given.outcomes] for given in (cell, floor))
    return with_motion, without


def _detected(tally: Tally, values: Sequence[float], floor: Sequence[float]) -> Share:
    """How far apart the means over clips of two figures lie, in shares of the root mean square of their spreads."""
    who = np.unique(tally.subject, return_inverse=True)[1] if tally.unit == "subject" else np.arange(len(values))

    def over_clips(given: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(tally.weights @ np.bincount(who, given) / (tally.weights @ np.bincount(who)))

    means, variances = [], []
    for given in (np.asarray(values, float), np.asarray(floor, float)):
        means.append(over_clips(given))
        variances.append(np.maximum(over_clips(given**2) - means[-1] ** 2, 0))
    return share((means[0] - means[1]) / np.sqrt(np.maximum(sum(variances) / 2, 1e-12)), len(values))
