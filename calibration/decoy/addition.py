"""What a recognizer is shown when a decoy lies over a motion map: a model, differentiable in the decoy.

A map has lost its unit: each channel is stretched to 0–255. So the motion in it is given an assumed size, its 95th
percentile, and the same px a level right and down. The decoy's own motion is added, strain follows it, and each channel
is stretched again, as a recognizer does with whatever it sees (without that, effects come out too large).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deadpan.calibration.decoy.crop import SCALE, WIDTH, cells, fade
from deadpan.models.motion import GRID
from deadpan.models.training.augment import stretched
from deadpan.stickers.decoy import FREE, TIME, USUAL

FACE = 1.10
"""The face's width in widths of the crop: the median of `Maps.face_size`."""
LAGS = (0.13, 0.27)
"""Seconds from an onset to an apex, least and most."""


class Draws:
    """The live decoy's motion between an onset and an apex, as it looks in the crop."""

    def __init__(self) -> None:
        """Everything that does not depend on the basis."""
        self._cells = torch.from_numpy(cells())
        self._fade = torch.from_numpy(fade()).reshape(-1, 1)
        self._stretch = torch.tensor(WIDTH / SCALE, dtype=torch.float32)
        at = (torch.arange(GRID) + 0.5) / GRID - 0.5
        down, across = torch.meshgrid(at, at, indexing="ij")
        design = torch.stack([across.ravel(), down.ravel(), torch.ones(GRID * GRID)], dim=1)
        self._design, self._solve = design, torch.linalg.pinv(design)

    def __call__(self, n: int, basis: Tensor | None, most: Tensor, random: np.random.Generator) -> Tensor:
        """(n, 784, 2), shares of the crop, right and down; `most` (n,) is the decoy's bound in shares of the face.

        `basis` (k, 49, 2) is levelled; None is the decoy without one. As live: two moments of one process, each
        rounded off towards its bound and faded towards the outline, one less the other; what of it is affine is taken
        for the head's.
        """
        lag = torch.from_numpy(random.uniform(*LAGS, n).astype(np.float32)) / TIME
        alike = ((1 + lag) * torch.exp(-lag)).view(n, 1, 1)
        first, second = self._nodes(n, basis, random), self._nodes(n, basis, random)
        then = alike * first + torch.sqrt(1 - alike**2) * second
        moved = (self._shown(then) - self._shown(first)) * self._fade * self._stretch * most.view(n, 1, 1)
        return self._without_affine(moved)

    def along(self, basis: Tensor) -> Tensor:
        """(1568, k): the fields themselves as they look in the crop, at right angles and of length 1."""
        seen = (self._cells @ basis) * self._fade * self._stretch
        along: Tensor = torch.linalg.qr(self._without_affine(seen).flatten(1).T).Q
        return along

    def _without_affine(self, moved: Tensor) -> Tensor:
        rest: Tensor = moved - self._design @ (self._solve @ moved)
        return rest

    def _nodes(self, n: int, basis: Tensor | None, random: np.random.Generator) -> Tensor:
        white = _normal((n, self._cells.shape[1], 2), random)
        if basis is not None:
            mixed = torch.tensordot(_normal((n, len(basis)), random), basis, 1)
            white = FREE**0.5 * white + (1 - FREE) ** 0.5 * mixed
        nodes: Tensor = white * 0.5**0.5  # what a second low-pass leaves
        return nodes

    def _shown(self, nodes: Tensor) -> Tensor:
        """In shares of the bound."""
        moved = USUAL * (self._cells @ nodes)
        return moved / torch.sqrt(1 + (moved**2).sum(dim=2, keepdim=True))


class Addition:
    """Motion maps of an assumed size, to which motion is added."""

    def __init__(self, motion: NDArray[np.uint8]) -> None:
        """`motion` is (n, 28, 28, 3) uint8: strain, v, u."""
        strain, v, u = torch.from_numpy(motion.astype(np.float32)).unbind(3)
        # Where skin is still is not level 0: the median is where most of a face lies.
        u, v = (each - each.flatten(1).median(dim=1).values[:, None, None] for each in (u, v))
        usual = torch.quantile(torch.hypot(u, v).flatten(1), 0.95, dim=1)[:, None, None].clamp_min(1e-3)
        self._u, self._v = u / usual, v / usual
        own = _strain(self._u, self._v)
        # The map's own strain was measured on finer flow than is left of it: it is kept, in the unit that fits best.
        unit = (strain * own).sum((1, 2)) / (strain**2).sum((1, 2)).clamp_min(1e-6)
        self._left = strain * unit[:, None, None] - own

    def __call__(self, rows: NDArray[np.intp], size: Tensor, field: Tensor, known: Tensor | None = None) -> Tensor:
        """(n, 3, 28, 28) from -1 to 1, as networks take it: the maps at `rows` with `field` on them.

        `size` (n,) is the 95th percentile of their own motion in shares of the face's width, `field` as in `Draws`.
        Whoever knows the plan takes off what of the whole lies along its fields: `known`, as `Draws.along` gives them.
        """
        at = torch.from_numpy(rows)
        own = torch.stack([self._u[at], self._v[at]], dim=3).view(len(rows), -1, 2)
        whole = own + field / (size * FACE).view(-1, 1, 1)
        if known is not None:
            flat = whole.flatten(1)
            whole = (flat - flat @ known @ known.T).view_as(whole)
        u, v = whole.view(-1, GRID, GRID, 2).unbind(3)
        return stretched(torch.stack([(self._left[at] + _strain(u, v)).clamp_min(0), v, u], dim=1))


def _strain(u: Tensor, v: Tensor) -> Tensor:
    """As `models.motion.strain`, of (n, 28, 28), a cell being the unit of length."""
    uy, ux = torch.gradient(u, dim=(1, 2))
    vy, vx = torch.gradient(v, dim=(1, 2))
    # A root has no slope at 0, where nothing moves.
    return torch.sqrt(ux**2 + vy**2 + (uy + vx) ** 2 / 2 + 1e-8)


def _normal(shape: tuple[int, ...], random: np.random.Generator) -> Tensor:
    return torch.from_numpy(random.standard_normal(shape, np.float32))
