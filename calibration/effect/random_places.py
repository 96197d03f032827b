"""Random places for stickers: what a choice of regions has to beat."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.victims import Answers, Labels
from deadpan.calibration.effect.windows import Cells, cells, covered
from deadpan.models.maps import Maps

DRAWS = 50
PROPOSALS = 10000
"""Places drawn before those of a wanted area are looked for: random stickers overlap, and few cover as much as five
chosen ones of 3/10 do."""
FACES = 8
"""Faces on which a proposal's area is taken, spread over the sizes that occur."""
STEP = 1.05
"""Areas are alike when they lie within half such a step; sets of like area share their random places."""


@dataclass(frozen=True, eq=False)
class Places:
    """Places for `count` stickers of k tenths of the face, drawn evenly over the crop, which lies within the face.

    A place is a share of the crop and is the same on every clip, as a region is; like a region's, a sticker that
    reaches over the crop's edge is cut off there, and stickers may overlap.
    """

    maps: Maps
    count: int
    k: float
    seed: int = 0
    _centres: NDArray[np.float32] = field(init=False, repr=False)
    _areas: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        generator = np.random.default_rng([self.seed, self.count, round(self.k * 1000)])
        centres = generator.random((PROPOSALS, self.count, 2), np.float32)
        order = np.argsort(self.maps.face_size.prod(axis=1), kind="stable")
        faces = self.maps.face_size[order[np.linspace(0, len(order) - 1, FACES + 2).astype(int)[1:-1]]]
        sizes = np.float32(self.k / 10) * faces
        areas = np.mean([covered(centres, size) for size in sizes], axis=0)
        object.__setattr__(self, "_centres", centres)
        object.__setattr__(self, "_areas", areas)

    def even(self, draws: int = DRAWS) -> tuple[int, ...]:
        """The first `draws` proposals, whatever they cover."""
        return tuple(range(draws))

    def like(self, area: float, draws: int = DRAWS) -> tuple[int, ...]:
        """`draws` proposals that cover about `area`, a share of the crop.

        A region at the crop's edge covers less than one inside, and random stickers overlap more than chosen ones:
        compared by count alone, area would pass for place. Where fewer cover so much, those nearest to it.
        """
        middle = STEP ** round(log(area) / log(STEP))
        off = np.abs(np.log(self._areas / middle))
        fits = np.flatnonzero(off <= log(STEP) / 2)
        if len(fits) < draws:
            fits = np.argsort(off, kind="stable")
        return tuple(int(i) for i in fits[:draws])

    def taken(self, proposal: int) -> Cells:
        """(n, 28, 28): what the stickers of a proposal cover on each map."""
        size = np.float32(self.k / 10) * self.maps.face_size[:, None]
        return np.asarray(cells(self._centres[proposal], size).any(axis=1))


class Control:
    """What victims say of stickers in random places; each place is asked about once."""

    def __init__(self, answers: Answers, draws: int = DRAWS, seed: int = 0) -> None:
        """`draws` places for each comparison."""
        self.answers, self.draws = answers, draws
        self._seed = seed
        self._places: dict[tuple[int, float], Places] = {}
        self._known: dict[tuple[int, float, int], tuple[Labels, float]] = {}

    def even(self, count: int, k: float) -> list[tuple[Labels, float]]:
        """For each draw the answers and the share of the crop covered: places as they fall."""
        return self._all(count, k, self.places(count, k).even(self.draws))

    def like(self, count: int, k: float, area: float) -> list[tuple[Labels, float]]:
        """The same for places that cover about `area`."""
        return self._all(count, k, self.places(count, k).like(area, self.draws))

    def places(self, count: int, k: float) -> Places:
        """Where `count` stickers of k tenths may fall."""
        if (count, k) not in self._places:
            self._places[count, k] = Places(self.answers.maps, count, k, self._seed)
        return self._places[count, k]

    def _all(self, count: int, k: float, proposals: Sequence[int]) -> list[tuple[Labels, float]]:
        for each in proposals:
            if (count, k, each) not in self._known:
                taken = self.places(count, k).taken(each)
                self._known[count, k, each] = (self.answers.under(taken), float(taken.mean()))
        return [self._known[count, k, each] for each in proposals]
