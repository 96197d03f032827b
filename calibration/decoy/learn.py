"""Learns the subspace of motion whose random mixtures take most labels from recognizers."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from deadpan.calibration.decoy.addition import Addition, Draws
from deadpan.stickers.basis import FACE, NODES
from deadpan.stickers.decoy import levelled, spread

COUNT = 5
STEPS = 400
BATCH = 96
RATE = 0.05
SIZES = (0.01, 0.02)
"""Of the maps' own motion, shares of the face's width: what micro-expressions are."""
BOUNDS = (0.0025, 0.01)
"""Of the decoy."""


def learn(
    networks: Sequence[nn.Module],
    motion: NDArray[np.uint8],
    label: NDArray[np.int64],
    seed: int = 0,
    *,
    count: int = COUNT,
    steps: int = STEPS,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> NDArray[np.float64]:
    """(count, 7, 7, 2): the fields, at the same root mean square on a face, and at right angles to each other there."""
    random = np.random.default_rng(seed)
    add, draws, labels = Addition(motion), Draws(), torch.from_numpy(label)
    weights = 1 / np.bincount(label, minlength=3).clip(1)[label]
    raw = torch.tensor(random.standard_normal((count, NODES * NODES * 2)), dtype=torch.float32, requires_grad=True)
    metric, level = _metric()
    optimizer = torch.optim.Adam([raw], lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for step in range(steps):
        rows = random.choice(len(label), BATCH, p=weights / weights.sum())
        size = torch.from_numpy(random.uniform(*SIZES, BATCH).astype(np.float32))
        most = torch.from_numpy(random.uniform(*BOUNDS, BATCH).astype(np.float32))
        basis = _upright(raw, metric) * level / count**0.5
        shown = add(rows, size, draws(BATCH, basis.view(count, -1, 2), most, random))
        loss = torch.stack([_kept(each(shown), labels[torch.from_numpy(rows)]) for each in networks]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        told(step + 1, steps)
    with torch.no_grad():
        return _upright(raw, metric).view(count, NODES, NODES, 2).double().numpy()


def _kept(logits: Tensor, label: Tensor) -> Tensor:
    """How surely the label is still told: soft-plus of its lead, which loses interest once the label is lost."""
    own = logits.gather(1, label[:, None])[:, 0]
    other = logits.scatter(1, label[:, None], -torch.inf).amax(dim=1)
    return nn.functional.softplus(own - other).mean()


def _metric() -> tuple[Tensor, float]:
    from deadpan.stickers.decoy import FINE
    between = slice(FACE.start * FINE // NODES, FACE.stop * FINE // NODES)
    of = spread(np.eye(NODES * NODES, dtype=np.float32).reshape(-1, NODES, NODES, 1))[:, between, between, 0]
    flat = of.reshape(len(of), -1)
    gram = flat @ flat.T / flat.shape[1]
    return torch.from_numpy(np.kron(gram, np.eye(2)).astype(np.float32)), float(np.sqrt(2 * np.trace(gram)))


def _upright(raw: Tensor, metric: Tensor) -> Tensor:
    factor = torch.linalg.cholesky(raw @ metric @ raw.T)
    return torch.linalg.solve_triangular(factor, raw, upper=False)
