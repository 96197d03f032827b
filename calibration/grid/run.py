"""Running an experiment: what is missing is asked, each answer is kept as soon as it is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from time import perf_counter

from joblib import delayed

from deadpan.calibration.grid.answering import Told, answered
from deadpan.calibration.grid.cell import UNIVERSAL, Answer, Case, Cell
from deadpan.calibration.targets.target import Spent
from deadpan.models.errors import DeadpanError
from deadpan.models.workers import shared

Asked = Sequence[tuple[Case, Sequence[Cell]]]
"""Cases, and their cells."""


@dataclass
class Ran:
    """What a run has asked; what an earlier one had left is not counted."""

    cells: int = 0
    """In all."""
    asked: int = 0
    """Of these, by this run."""
    seconds: float = 0.0
    """From the first question to the last answer."""
    spent: Spent = field(default_factory=Spent)
    """By all workers together."""


def run(asked: Asked, folder: Path, jobs: int = 1, told: Told = lambda *_: None) -> Ran:
    """Ask what `folder` lacks; `told` hears how many cells are there, of how many, and how far learning is.

    Answers are written by this process alone: workers send them back, so that they need share no disk. Whatever ends a
    run, a finished cell stays; whatever the number of workers, the answers are the same.
    """
    every = [(case, cell) for case, cells in asked for cell in cells]
    missing = []
    for looked, (case, cell) in enumerate(every):
        told("cells looked for", looked, len(every))
        missing += [(case, cell)] if case.kept(folder, cell) is None else []
    ran = Ran(len(every), len(missing))
    cases = {case.identity: case for case, _ in asked}
    told("cells", ran.cells - ran.asked, ran.cells)
    start = perf_counter()
    travelling = (delayed(answered)(case, cell) for case, cell in missing if cell.placement not in UNIVERSAL)
    # Learned with weights that this machine's cache alone is sure to have, and kept there.
    here = (answered(case, cell, told) for case, cell in missing if cell.placement in UNIVERSAL)
    found = chain(shared(travelling, jobs, ordered=False), here)
    for done, (identity, cell, answer, spent) in enumerate(found, 1):
        cases[identity].keep(folder, cell, answer)
        ran.spent.answers += spent.answers
        ran.spent.seconds += spent.seconds
        ran.spent.network += spent.network
        told("cells", ran.cells - ran.asked + done, ran.cells)
    ran.seconds = perf_counter() - start
    return ran


def found(case: Case, cells: Sequence[Cell], folder: Path) -> Mapping[Cell, Answer]:
    """The answers of a case that has run; raises `DeadpanError` for one that is not there."""
    answers = {cell: case.kept(folder, cell) for cell in cells}
    there = {cell: answer for cell, answer in answers.items() if answer is not None}
    if len(there) < len(answers):
        raise DeadpanError(f"{folder}: {len(answers) - len(there)} cells have gone; run the same command again")
    return there
