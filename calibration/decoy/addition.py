"""What a recognizer is shown when a decoy lies over a motion map: a model, differentiable in the decoy.

A map has lost its unit (`on_maps.fields`), so the motion in it is given an assumed size. The decoy's own motion is
added, strain is worked out anew, and each channel is stretched again, as a recognizer does with whatever it sees
(without that, effects come out too large).
"""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deadpan.calibration.on_maps.fields import decoded
from deadpan.calibration.on_maps.square import FADE, SQUEEZED, in_crop
from deadpan.models.motion import GRID
from deadpan.models.training.augment import stretched
from deadpan.stickers.decoy import FREE, OCTAVES, USUAL, course, spread
from deadpan.stickers.field import SIDE

LAGS = (0.13, 0.27)
"""Seconds from an onset to an apex, least and most."""


class Draws:
    """The live decoy's motion between an onset and an apex, as it looks in the crop."""

    def __init__(self) -> None:
        """Everything that does not depend on the basis."""
        self._octaves = [(torch.from_numpy(cells(nodes)), share) for nodes, share in OCTAVES]
        self._fade = torch.from_numpy(FADE).reshape(-1, 1)
        self._squeeze = torch.tensor([1, SQUEEZED], dtype=torch.float32)
        at = (torch.arange(GRID) + 0.5) / GRID - 0.5
        down, across = torch.meshgrid(at, at, indexing="ij")
        design = torch.stack([across.ravel(), down.ravel(), torch.ones(GRID * GRID)], dim=1)
        self._design, self._solve = design, torch.linalg.pinv(design)

    def __call__(self, n: int, basis: Tensor | None, most: Tensor, random: np.random.Generator) -> Tensor:
        """(n, 784, 2), shares of the face's width, right and down, as the crop shows them; `most` (n,) is the bound.

        `basis` (k, 49, 2) is levelled; None is the decoy without one. As live: two moments of one process, each
        rounded off towards its bound and faded towards the outline, one less the other; what of it is affine is taken
        for the head's.
        """
        alike = torch.tensor([course(lag) for lag in random.uniform(*LAGS, n)]).view(n, 1, 1)
        first, other = self._rough(n, basis, random), self._rough(n, basis, random)
        then = alike * first + torch.sqrt(1 - alike**2) * other
        moved = (_rounded(then) - _rounded(first)) * self._fade * self._squeeze * most.view(n, 1, 1)
        return self._without_affine(moved)

    def along(self, basis: Tensor) -> Tensor:
        """(1568, k): the fields themselves as they look in the crop, at right angles and of length 1."""
        broadest, _ = self._octaves[0]
        seen = (broadest @ basis) * self._fade * self._squeeze
        along: Tensor = torch.linalg.qr(self._without_affine(seen).flatten(1).T).Q
        return along

    def _without_affine(self, moved: Tensor) -> Tensor:
        rest: Tensor = moved - self._design @ (self._solve @ moved)
        return rest

    def _rough(self, n: int, basis: Tensor | None, random: np.random.Generator) -> Tensor:
        """(n, 784, 2): one moment of the process, in shares of the bound, before it is rounded off."""
        whole = torch.zeros(n, GRID**2, 2)
        for number, (given, share) in enumerate(self._octaves):
            nodes = _normal((n, given.shape[1], 2), random)
            if basis is not None and number == 0:
                mixed = torch.tensordot(_normal((n, len(basis)), random), basis, 1)
                nodes = FREE**0.5 * nodes + (1 - FREE) ** 0.5 * mixed
            # Two components of variance ½ make one vector of length 1 on the root mean square.
            whole = whole + share * USUAL * 0.5**0.5 * (given @ nodes)
        return whole


def _rounded(moved: Tensor) -> Tensor:
    return moved / torch.sqrt(1 + (moved**2).sum(dim=2, keepdim=True))


class Addition:
    """Motion maps of an assumed size, to which motion is added."""

    def __init__(self, motion: NDArray[np.uint8]) -> None:
        """`motion` is (n, 28, 28, 3) uint8: strain, v, u."""
        self._moved = torch.from_numpy(decoded(motion, 1.0)).view(len(motion), -1, 2)

    def __call__(self, rows: NDArray[np.intp], size: Tensor, field: Tensor, known: Tensor | None = None) -> Tensor:
        """(n, 3, 28, 28) from -1 to 1, as networks take it: the maps at `rows` with `field` on them.

        `size` (n,) is the 95th percentile of their own motion in shares of the face's width, `field` as in `Draws`.
        Whoever knows the plan takes off what of the whole lies along its fields: `known`, as `Draws.along` gives them.
        """
        whole = self._moved[torch.from_numpy(rows)] + field / size.view(-1, 1, 1)
        if known is not None:
            flat = whole.flatten(1)
            whole = (flat - flat @ known @ known.T).view_as(whole)
        u, v = whole.view(-1, GRID, GRID, 2).unbind(3)
        return stretched(torch.stack([_strain(u, v), v, u], dim=1))


def cells(nodes: int) -> NDArray[np.float32]:
    """(784, nodes²): how much of each node's motion every cell of the crop is given, row by row, before the fade."""
    each = np.eye(nodes**2, dtype=np.float32).reshape(-1, nodes, nodes, 1)
    given = [in_crop(cv2.resize(drawn, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)) for drawn in spread(each)]
    return np.stack(given, axis=-1).reshape(GRID**2, -1)


def _strain(u: Tensor, v: Tensor) -> Tensor:
    """As `fields.strain`, of (n, 28, 28)."""
    uy, ux = torch.gradient(u, dim=(1, 2))
    vy, vx = torch.gradient(v, dim=(1, 2))
    # A root has no slope at 0, where nothing moves.
    return torch.sqrt(ux**2 + vy**2 + (uy + vx) ** 2 / 2 + 1e-8)


def _normal(shape: tuple[int, ...], random: np.random.Generator) -> Tensor:
    return torch.from_numpy(random.standard_normal(shape, np.float32))
