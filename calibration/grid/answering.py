"""Answering: what the victim of a case says under one cell's treatment."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from deadpan.calibration.grid.cell import CONSTANT, NONE, UNIVERSAL, Answer, Case, Cell
from deadpan.calibration.placements.causal import causal
from deadpan.calibration.placements.placed import Placed, without_asking
from deadpan.calibration.placements.random_place import random_place
from deadpan.calibration.placements.region import region
from deadpan.calibration.placements.rhde import rhde
from deadpan.calibration.targets.on_clips import OnClips
from deadpan.calibration.targets.target import Rows, Spent, Target

Told = Callable[[str, int, int], None]
"""Of a step: what it is, how much of it is done, of how much."""


def answer(case: Case, cell: Cell, told: Told = lambda *_: None) -> Answer:
    """Place the stickers, then ask the victim once about every clip."""
    rows = case.rows if cell.clip is None else np.array([cell.clip])
    if cell.placement in UNIVERSAL:
        return _perturbed(case, cell, rows, told)
    art = case.art.get(cell.sticker)
    placed = _placed(case, cell, rows)
    if cell.placement == CONSTANT:
        said = case.target.constant()[rows]
    else:
        said = case.target.say(rows, placed.stickers, cell.k, art)
    return Answer(said, placed.queries, placed.stickers)


def answered(case: Case, cell: Cell, told: Told = lambda *_: None) -> tuple[str, Cell, Answer, Spent]:
    """`answer` as a worker gives it: with the case's identity and the cell, for they come as they end, and its cost.

    `told` hears how far the learning of a perturbation is.
    """
    held = replace(case, target=_HELD.setdefault(case.target.identity, case.target))
    before = Spent(**vars(held.target.spent))
    found = answer(held, cell, told)
    after = held.target.spent
    spent = Spent(after.answers - before.answers, after.seconds - before.seconds, after.network - before.network)
    return case.identity, cell, found, spent


_HELD: dict[str, Target] = {}
"""Targets that have come to this process: the first of each keeps its networks open, its copies only name it. Stickers
and graphs are each question's own: a cluster's worker outlives the run, and the next may bring others."""


def _placed(case: Case, cell: Cell, rows: Rows) -> Placed:
    kind, _, name = cell.placement.partition(":")
    target, art = case.target, case.art.get(cell.sticker)
    if kind in (NONE, CONSTANT):
        return without_asking(np.zeros((len(rows), 0, 4), np.float32))
    if kind == "region":
        return region(target, rows, name)
    if kind == "random":
        return random_place(target, rows, case.seed, cell.draw)
    if kind == "causal":
        return causal(target, rows, case.features[case.graph_of(cell)])
    return rhde(target, rows, case.seed, cell.k, art, free=kind == "rhde-free")


def _perturbed(case: Case, cell: Cell, rows: Rows, told: Told) -> Answer:
    from deadpan.calibration.universal.outcome import said  # which needs torch

    assert isinstance(case.target, OnClips)
    answers, queries = said(case.target, rows, cell.placement, case.seed, told)
    return Answer(answers, queries, np.zeros((len(rows), 0, 4), np.float32))
