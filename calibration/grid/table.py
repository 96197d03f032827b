"""From cells to the tidy table: metrics with intervals over people, draws pooled."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.tally import Resampled, Tally, difference, proportion, share
from deadpan.calibration.grid.asking import EXHAUSTIVE
from deadpan.calibration.grid.cell import CONSTANT, NOISE, NONE, UNIVERSAL, Answer, Case, Cell
from deadpan.calibration.placements.placed import margin
from deadpan.calibration.tables.row import Row
from deadpan.models.maps import LABELS
from deadpan.stickers.regions import NAMES

Treatment = tuple[str, str, float]
"""Placement, sticker, k: what a row is of."""
Labels = NDArray[np.int8]
"""(1, n): what the victim calls each clip under one draw."""


def rows(case: Case, answers: Mapping[Cell, Answer], placements: Sequence[str]) -> list[Row]:
    """A row for each control, then for each sticker, size and placement, `placements` being as they were asked for."""
    treated = _treated(answers, case.rows.tolist())
    wanted = [each for each in treated if each[0].startswith("region:") and "region" not in placements]
    if EXHAUSTIVE in placements:
        for _, sticker, k in [each for each in treated if each[0] == f"region:{NAMES[0]}"]:
            tried = [treated[f"region:{name}", sticker, k][0] for name in NAMES]
            treated[EXHAUSTIVE, sticker, k] = [best(tried, case.label)]
    for each in wanted:
        if each[0] not in placements:
            del treated[each]
    clean = treated[NONE, "none", 0][0]
    tally = Tally(case.label, clean.label[None], case.subject, seed=case.seed)
    order = {sticker: number for number, sticker in enumerate(case.art)}
    made = []
    for placement, sticker, k in sorted(treated, key=lambda each: (order.get(each[1], -1), each[2])):
        chance = treated.get((_control(placement), sticker, k))
        made.append(_row(case, tally, (placement, sticker, k), treated[placement, sticker, k], chance))
    return made


def best(tried: Sequence[Answer], label: NDArray[np.int64]) -> Answer:
    """Of answers about the same clips, for each clip the one in which the right class leads least, the first of equals.

    It costs one query for each that was tried.
    """
    said = np.stack([each.said for each in tried])
    chosen, clips = margin(said, label).argmin(axis=0), np.arange(len(label))
    stickers = np.stack([each.stickers for each in tried])
    return Answer(said[chosen, clips], np.full(len(label), len(tried), np.int64), stickers[chosen, clips])


def _treated(answers: Mapping[Cell, Answer], clips: list[int]) -> dict[Treatment, list[Answer]]:
    """For each treatment an answer a draw, about all clips in their order."""
    parts: dict[Treatment, dict[int, dict[int | None, Answer]]] = {}
    for cell, answer in answers.items():
        draws = parts.setdefault((cell.placement, cell.sticker, cell.k), {})
        draws.setdefault(cell.draw, {})[cell.clip] = answer
    treated = {}
    for treatment, draws in parts.items():
        treated[treatment] = [
            each[None] if None in each else _joined([each[clip] for clip in clips]) for _, each in sorted(draws.items())
        ]
    return treated


def _joined(parts: Sequence[Answer]) -> Answer:
    return Answer(
        *(np.concatenate([getattr(each, name) for each in parts]) for name in ("said", "queries", "stickers"))
    )


def _control(placement: str) -> str:
    """What a placement has to beat; nothing, which is never asked, where it is a control itself."""
    if placement in (NONE, CONSTANT, "random", NOISE):
        return ""
    return NOISE if placement in UNIVERSAL else "random"


def _row(
    case: Case, tally: Tally, treatment: Treatment, draws: Sequence[Answer], chance: Sequence[Answer] | None
) -> Row:
    labels = [each.label[None] for each in draws]

    def figure(metric: Callable[[Labels], Resampled], given: Sequence[Labels] = labels) -> Resampled:
        return pooled([metric(each) for each in given], tally.draws(len(given)))

    def attack(given: Labels) -> Resampled:
        return tally.attack(tally.flips(given))

    n, known = len(case.rows), (tally.clean == tally.label)[0]
    right = int(known.sum())
    asked = np.mean([each.queries for each in draws], axis=0)
    placement, sticker, k = treatment
    # Without a sticker nothing changes by definition: there is nothing that more clips could tell.
    counted = share if placement == NONE else proportion
    gain = fooling_gain = None
    if chance is not None:
        by_chance = [each.label[None] for each in chance]
        fooling_gain = difference(figure(tally.fooling), figure(tally.fooling, by_chance), n)
        gain = difference(figure(attack), figure(attack, by_chance), right) if right else None
    hits = [np.mean([((each == c) & (tally.label == c)).sum() for each in labels]) for c in range(len(LABELS))]
    return Row(
        dataset=case.target.dataset,
        victim=case.target.name,
        kind=case.target.kind,
        sticker=sticker,
        k=float(k),
        placement=placement,
        draws=len(labels),
        n=n,
        subjects=len(np.unique(case.subject)),
        clean_accuracy=right / n,
        error=proportion(figure(tally.error), n),
        attack_success=counted(figure(attack), right) if right else None,
        fooling=counted(figure(tally.fooling), n),
        uf1=share(figure(tally.uf1), n),
        uar=share(figure(tally.uar), n),
        queries=float(asked.mean()),
        queries_right=float(asked[known].mean()) if right else None,
        tp_negative=float(hits[0]),
        tp_positive=float(hits[1]),
        tp_surprise=float(hits[2]),
        gain=gain,
        fooling_gain=fooling_gain,
        seed=case.seed,
    )


def pooled(figures: Sequence[Resampled], again: NDArray[np.float64]) -> Resampled:
    """The mean of a figure over draws, in each resample over draws that are drawn anew as well: (1 + resamples, draws).

    Its interval so holds the people's uncertainty and the draws'.
    """
    return np.asarray((again * np.stack(figures, axis=1)).sum(axis=1) / len(figures))
