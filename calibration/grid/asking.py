"""Which cells an experiment is made of."""

import importlib.util
from collections.abc import Iterator, Sequence

from deadpan.calibration.grid.cell import CONSTANT, NONE, UNIVERSAL, Case, Cell
from deadpan.calibration.targets.on_clips import OnClips
from deadpan.models.errors import DeadpanError
from deadpan.models.folds import EXTRA
from deadpan.stickers.regions import NAMES

CONTROLS = (Cell(NONE, "none", 0), Cell(CONSTANT, "none", 0))
"""Asked in every experiment."""
EXHAUSTIVE = "exhaustive"
"""Asks what `region` asks: which region is best on a clip is read from these cells."""
PLACEMENTS = ("region", "random", "causal", EXHAUSTIVE, "rhde", "rhde-free", *UNIVERSAL)
USUAL = PLACEMENTS[:4]
"""The others ask thousands of times about every clip, or learn for minutes."""


def check(placements: Sequence[str]) -> None:
    """Raise `DeadpanError` for a placement that is none, or that nothing here can do."""
    for each in placements:
        kind, colon, name = each.partition(":")
        if kind == "region" and colon and name not in NAMES:
            raise DeadpanError(f"--placement {each}: no such region; there is: {', '.join(NAMES)}")
        if kind not in PLACEMENTS or (colon and kind not in ("causal", "region")):
            known = ", ".join(PLACEMENTS)
            raise DeadpanError(f"--placement {each}: expected one of {known}; or region:NAME, or causal:DATASET")
        if kind in ("uap", "uap-still") and importlib.util.find_spec("torch") is None:
            raise DeadpanError(f"--placement {each}: learning needs torch; {EXTRA}")


def cells(case: Case, ks: Sequence[float], placements: Sequence[str], draws: int) -> tuple[Cell, ...]:
    """Every cell of a case, each once: the controls, then sticker by sticker and size by size.

    What asks thousands of times about every clip does so at the first of the sizes, with the first of the stickers.
    """
    asked = dict.fromkeys(CONTROLS)
    for sticker in case.art:
        for k in ks:
            for placement in placements:
                if placement.startswith("rhde") and (k, sticker) != (ks[0], next(iter(case.art))):
                    continue
                asked |= dict.fromkeys(_of(case, placement, sticker, k, draws))
    return tuple(asked)


def has_folds(case: Case) -> bool:
    """Whether a universal perturbation can be learned: before clips, on networks of which each leaves people out."""
    return isinstance(case.target, OnClips) and case.target.folds is not None


def _of(case: Case, placement: str, sticker: str, k: float, draws: int) -> Iterator[Cell]:
    if placement in ("region", EXHAUSTIVE):
        yield from (Cell(f"region:{name}", sticker, k) for name in NAMES)
    elif placement == "random":
        yield from (Cell(placement, sticker, k, draw) for draw in range(draws))
    elif placement.startswith("rhde"):
        # Minutes for every clip: to be shared, and kept, clip by clip.
        yield from (Cell(placement, sticker, k, clip=int(row)) for row in case.rows)
    elif placement in UNIVERSAL:
        if has_folds(case):
            yield Cell(placement, "none", 0)
    else:
        cell = Cell(placement, sticker, k)
        if placement.startswith("causal") and case.graph_of(cell) not in case.features:
            known = ", ".join(f"causal:{name}" for name in case.features)
            raise DeadpanError(f"--placement {placement}: no such data set is here; expected one of {known}")
        yield cell
