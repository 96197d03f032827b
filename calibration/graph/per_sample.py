"""Per sample: a graph from one clip alone, and how often each region wins (the paper's Fig. 5)."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.graph import discretise
from deadpan.calibration.graph.discovery import ALPHA, graph
from deadpan.calibration.graph.features import DEFAULT, field
from deadpan.calibration.graph.stability import Progress, fast
from deadpan.models.maps import SHAPE, Maps
from deadpan.stickers.regions import NAMES, REGIONS, UNIT

GRID = 8
"""Cells along each side of the grid laid over each region: 64 rows, of which 7 are expected in each cell of a table of
two regions cut in three; with 6 along a side it would be 4, which is too few."""


@dataclass(frozen=True, eq=False)
class PerSample:
    """Which region wins in each sample's own graph."""

    names: tuple[str, ...]
    winners: tuple[tuple[str, ...], ...]
    """Of each sample, every tie shown; empty where no winner is named."""
    enough: tuple[bool, ...]
    """Of each sample, whether its tables have rows enough to name a winner at all (Cochran's rule)."""
    share: NDArray[np.float64]
    """(14,): share of all samples that the region wins, a tie of m regions counting 1/m each."""
    too_few: int
    """Samples whose tables are too empty: no winner is named."""
    none: int
    """Samples with tables full enough whose graph has no directed edge."""
    rows: int
    """Rows of each sample's table."""
    effective: float
    """How many independent rows they are worth: the median over pairs of regions."""
    note: str
    """What the rows are and how much they are worth; sentences."""

    def __len__(self) -> int:
        return len(self.winners)


def of_maps(
    maps: Maps,
    name: str = DEFAULT,
    alpha: float = ALPHA,
    grid: int = GRID,
    progress: Progress = lambda done, total: None,
) -> PerSample:
    """A graph from each single map: rows are the corresponding cells of a `grid` laid over each region's window.

    Neighbours on the grid are interpolated from the same few cells of a smooth map, so `effective` is far below `rows`;
    the tests take the rows at face value, as graphs of single pictures must, and the note says what that is worth.
    """
    values = _laid(field(maps, name), maps, grid, nearest=name == "direction")
    tables = [
        discretise.levels(each.astype(np.int64) if name == "direction" else each) for each in values.transpose(0, 2, 1)
    ]
    worth = _worth_of_cells(values)
    what = f"Rows are the {grid}×{grid} corresponding cells of the 14 regions on one map"
    winners: list[tuple[str, ...]] = []
    enough = []
    for number, table in enumerate(tables, 1):
        full = len(table) > 0 and discretise.pairwise(table).share <= discretise.TOLERABLE
        enough.append(full)
        winners.append(graph(fast(table, alpha), len(table), alpha).winners if full else ())
        progress(number, len(tables))
    share = np.array([sum(1 / len(each) for each in winners if name in each) for name in NAMES])
    rows = int(np.median([len(table) for table in tables])) if tables else 0
    cells = worth / discretise.BINS**2
    note = f"{what}: {rows} of them, worth about {worth:.0f} independent ones by how alike neighbours are"
    if cells < discretise.FEW:
        note += (
            f"; so few leave {cells:.1f} in each cell of a table of two regions ({discretise.FEW} are wanted), "
            "and the test, which takes every row for independent, finds edges and directions too easily"
        )
    return PerSample(
        names=NAMES,
        winners=tuple(winners),
        enough=tuple(enough),
        share=share / max(len(tables), 1),
        too_few=enough.count(False),
        none=sum(full and not each for full, each in zip(enough, winners, strict=True)),
        rows=rows,
        effective=worth,
        note=f"{note}.",
    )


def _laid(cells: NDArray[np.float32], maps: Maps, grid: int, nearest: bool) -> NDArray[np.float32]:
    """(n, 14, grid²): the (n, 28, 28) cells as seen through a grid over each region's window."""
    steps = (np.arange(grid) + 0.5) / grid - 0.5
    y, x = np.meshgrid(steps, steps, indexing="ij")
    halves = np.array([region.half_window for region in REGIONS]) / UNIT
    size = 2 * halves * maps.face_size[:, None]
    at = maps.roi_center[:, :, None] + np.stack([x.ravel(), y.ravel()], axis=-1) * size[:, :, None]
    place = np.asarray(at * SHAPE[0] - 0.5, np.float32)
    way = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
    laid = [
        cv2.remap(each, where[..., 0], where[..., 1], way, borderMode=cv2.BORDER_REPLICATE)
        for each, where in zip(cells, place, strict=True)
    ]
    return np.asarray(laid, np.float32)


def _worth_of_cells(values: NDArray[np.float32]) -> float:
    """Effective n of the association of two smooth fields, 1 + n² / tr(Rx Ry) (Clifford, Richardson & Hémon 1989).

    R is how cells of one region go together from sample to sample, the region's mean in the sample left out, since a
    graph of one sample sees only what differs within its windows. 0 when there are too few samples to tell.
    """
    n, _, cells = values.shape
    if n < 3:
        return 0.0
    within = values - values.mean(axis=2, keepdims=True)
    away = within - within.mean(axis=0)
    away /= np.maximum(np.linalg.norm(away, axis=0), 1e-9)
    together = np.einsum("nrc,nrd->rcd", away, away)
    traces = np.einsum("rcd,sdc->rs", together, together)[np.triu_indices(len(together), 1)]
    return float(np.median(1 + cells**2 / np.maximum(traces, 1e-9)))
