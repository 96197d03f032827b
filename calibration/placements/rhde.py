"""The adversarial sticker of Wei et al. (TPAMI 2022): region-based heuristic differential evolution, for each clip.

Where the sticker lies, how it is turned and how opaque it is are searched for by SciPy's differential evolution; after
each generation the best fifth look about themselves. It goes by the victim's answers alone, and asks for many.

Not as published: the place is two numbers, not one in a list of shuffled pixels; and what may not be covered, brows,
eyes, mouth and nose, keeps the sticker's centre out, not its edge: one of 3/10 would find no place on the crop.
"""

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.placements.placed import Placed, margin
from deadpan.calibration.targets.target import Rows, Stickers, Target
from deadpan.stickers.regions import NAMES, REGIONS, UNIT
from deadpan.stickers.sticker import Sticker

POPULATION, GENERATIONS = 120, 30
NEAR = POPULATION // 5
"""How many of a generation look at their 8 neighbours."""
MOST = POPULATION + GENERATIONS * (POPULATION + 8 * NEAR)
"""Queries of a clip; the public code has one more a generation, to see whether it is done."""
LOW, HIGH = np.array([0.0, 0.0, 0.0, 0.8]), np.array([1.0, 1.0, 360.0, 0.98])
"""Bounds of x, y (the crop lies within the face), angle and opacity, the latter as in the public code."""
STEP = 1 / 28
"""Share of the crop to a neighbour: less moves no patch on a motion map."""
FINE = 1 << 20
"""Numbers from 0 to 1 are searched in such steps: exactly the same however often they are scaled to and fro."""
OUT = 2.0
"""What a place that is not allowed counts as: worse than any margin, and not asked about."""
KEPT_FREE = ("_brow_", "_eye", "mouth", "lip_corner")
"""In a name: regions on which a sticker's centre may not lie; and the nose."""

Units = NDArray[np.float64]
"""(m, 4) float64, 0…1: x, y, angle, opacity within their bounds."""


def rhde(
    target: Target, rows: Rows, seed: int, k: float, art: Sticker | None, free: bool = False, most: int = GENERATIONS
) -> Placed:
    """The best sticker found for each clip; it stops as soon as the victim is wrong, after `most` generations at last.

    `free` keeps its centre off brows, eyes, mouth and nose, as published. The same seed, clip and target give the same.
    """
    found = [_Search(target, int(row), k, art, free) for row in rows]
    best = [search.run(np.random.default_rng([seed, search.row]), most) for search in found]
    stickers = np.concatenate(best) if best else np.zeros((0, 1, 4), np.float32)
    return Placed(stickers, np.array([search.queries for search in found], np.int64))


def allowed(centres: NDArray[np.float32], face: NDArray[np.float32], places: NDArray[np.floating]) -> NDArray[np.bool_]:
    """(m,): which of (m, 2) places lie on none of the features to be kept free; (14, 2) centres, (2,) face's size."""
    halves = np.array([region.half_window for region in REGIONS]) / UNIT * face
    listed = [column for column, name in enumerate(NAMES) if any(part in name for part in KEPT_FREE)]
    top, bottom = (centres[NAMES.index(name)] for name in ("glabella", "philtrum"))
    nose = np.array([halves[NAMES.index("philtrum"), 0], (bottom[1] - top[1]) / 2])
    middle = np.vstack([centres[listed], (top + bottom) / 2])
    off = np.abs(places[:, None] - middle)
    return np.asarray((off > np.vstack([halves[listed], nose])).any(axis=2).all(axis=1))


class _Search:
    """One clip's; no place is asked about twice."""

    def __init__(self, target: Target, row: int, k: float, art: Sticker | None, free: bool) -> None:
        self.target, self.row, self.k, self.art, self.free = target, row, k, art, free
        self.queries = 0
        self._known: dict[tuple[int, ...], float] = {}

    def run(self, random: np.random.Generator, most: int) -> Stickers:
        """(1, 1, 4): the best sticker."""
        from scipy.optimize import differential_evolution

        units = self._first(random)
        energy = self.energies(units)
        for _ in range(most):
            if energy.min() < 0:
                break
            found = differential_evolution(
                lambda columns: self.energies(columns.T),
                [(0, 1)] * 4,
                strategy="best1bin",
                maxiter=1,
                init=units,
                mutation=(0.5, 1),
                recombination=1,
                tol=0,
                polish=False,
                updating="deferred",
                vectorized=True,
                rng=random,
            )
            units, energy = _fine(found.population), found.population_energies.copy()
            if energy.min() >= 0:
                self._look_about(units, energy)
        return _stickers(units[energy.argmin()][None])

    def energies(self, units: Units) -> NDArray[np.float64]:
        """(m,): the margins behind these stickers, asked for where they are not known."""
        units = _fine(units)
        keys = [tuple(each) for each in (units * FINE).astype(int).tolist()]
        new = {key: i for i, key in enumerate(keys) if key not in self._known}
        inside = self._allowed(units)
        asked = {key: i for key, i in new.items() if inside[i]}
        self._known |= dict.fromkeys(new, OUT)
        if asked:
            rows = np.full(len(asked), self.row)
            said = self.target.say(rows, _stickers(units[list(asked.values())]), self.k, self.art)
            self._known |= dict(zip(asked, margin(said, self.target.label[rows]).tolist(), strict=True))
            self.queries += len(asked)
        return np.array([self._known[key] for key in keys])

    def _first(self, random: np.random.Generator) -> Units:
        """The first population, where it is allowed."""
        units = np.zeros((0, 4))
        while len(units) < POPULATION:
            drawn = random.random((POPULATION, 4))
            units = np.vstack([units, drawn[self._allowed(drawn)]])
        return _fine(units[:POPULATION])

    def _look_about(self, units: Units, energy: NDArray[np.float64]) -> None:
        """Move each of the best, in place, to the best of its 8 neighbours where that is better."""
        best = np.argsort(energy, kind="stable")[:NEAR]
        steps = [(x, y, 0, 0) for x in (-1, 0, 1) for y in (-1, 0, 1) if (x, y) != (0, 0)]
        about = _fine(units[best, None] + STEP * np.array(steps))
        seen = self.energies(about.reshape(-1, 4)).reshape(len(best), len(steps))
        nearest = seen.argmin(axis=1)
        better = seen.min(axis=1) < energy[best]
        units[best[better]] = about[np.flatnonzero(better), nearest[better]]
        energy[best[better]] = seen.min(axis=1)[better]

    def _allowed(self, units: Units) -> NDArray[np.bool_]:
        if not self.free:
            return np.ones(len(units), bool)
        return allowed(self.target.centres[self.row], self.target.face[self.row], units[:, :2])


def _fine(units: Units) -> Units:
    return np.asarray(np.rint(np.clip(units, 0, 1) * FINE) / FINE)


def _stickers(units: Units) -> Stickers:
    """(m, 1, 4)."""
    return np.asarray(LOW + units * (HIGH - LOW), np.float32)[:, None]
