"""Which cells an experiment is made of."""

from collections.abc import Iterator, Sequence

from deadpan.calibration.grid.cell import CONSTANT, NONE, Case, Cell
from deadpan.models.errors import DeadpanError
from deadpan.stickers.regions import NAMES

CONTROLS = (Cell(NONE, "none", 0), Cell(CONSTANT, "none", 0))
"""Asked in every experiment."""
EXHAUSTIVE = "exhaustive"
"""Asks what `region` asks: which region is best on a clip is read from these cells."""
PLACEMENTS = ("region", "random", "causal", EXHAUSTIVE, "rhde", "rhde-free")
USUAL = PLACEMENTS[:4]
"""The other two ask thousands of times about every clip."""


def check(placements: Sequence[str], datasets: Sequence[str]) -> None:
    """Raise `DeadpanError` for a placement that is none, or goes by what is not there."""
    for each in placements:
        kind, _, name = each.partition(":")
        known = {"region": NAMES, "causal": tuple(datasets)}.get(kind, ())
        if kind not in PLACEMENTS or (":" in each and name not in known):
            raise DeadpanError(
                f"--placement {each}: expected one of {', '.join(PLACEMENTS)}; or region:NAME; or causal:DATASET of "
                f"{', '.join(datasets)}"
            )


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


def _of(case: Case, placement: str, sticker: str, k: float, draws: int) -> Iterator[Cell]:
    if placement in ("region", EXHAUSTIVE):
        yield from (Cell(f"region:{name}", sticker, k) for name in NAMES)
    elif placement == "random":
        yield from (Cell(placement, sticker, k, draw) for draw in range(draws))
    elif placement.startswith("rhde"):
        # Minutes for every clip: to be shared, and kept, clip by clip.
        yield from (Cell(placement, sticker, k, clip=int(row)) for row in case.rows)
    else:
        yield Cell(placement, sticker, k)
