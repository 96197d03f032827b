"""Learns the few fields whose random mixtures take the most labels from recognizers.

A universal perturbation (Moosavi-Dezfooli 2017; on video calls AdverFacial) is one pattern for everybody, and whoever
has averaged it can take it off. What is learned here is a subspace: the decoy never stops drawing from it, with either
sign, and its mean is nothing.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from deadpan.calibration.decoy.addition import Addition, Draws
from deadpan.models.maps import LABELS, Maps
from deadpan.stickers.basis import FACE, FEWEST, NODES
from deadpan.stickers.decoy import MOST, together

COUNT = FEWEST
"""Fields: the fewer, the more of the power lies where it confuses, and the less it costs to take it off."""
STEPS = 300
BATCH = 96
RATE = 0.2
"""Of Adam; 0.05 had not got as far after as many steps, on half of the people (`halves.design`)."""
SIZES = (0.0035, 0.014)
"""95th percentile of the maps' own motion, shares of the face's width, least and most: it cannot be known of a map. The
amplitudes of `on_maps.protected`, whose middle one is that of expressions of 1 to 2 % at their peak."""
BOUNDS = (MOST / 2, MOST)
"""Of the decoy while it is learned: from what lies under `still` to the most there is."""


def learn(
    networks: Sequence[nn.Module],
    maps: Maps,
    seed: int = 0,
    *,
    count: int = COUNT,
    steps: int = STEPS,
    told: Callable[[], None] = lambda: None,
) -> NDArray[np.float64]:
    """(count, 7, 7, 2): fields as `stickers.basis.Basis` takes them, of length 1 and at right angles on a face.

    `networks` judge (n, 3, 28, 28) from -1 to 1; `told` hears of every step. The same arguments give the same fields
    on the same machine.
    """
    random = np.random.default_rng(seed)
    add, draws = Addition(maps.motion), Draws()
    label = torch.from_numpy(maps.label)
    # Classes alike, or surprise, a fifth of the maps, would be left alone.
    chance = 1 / np.bincount(maps.label, minlength=len(LABELS))[maps.label]
    gram = together()
    level = float(np.sqrt(2 * np.trace(gram) / count))
    # The rim's nodes stay at rest: they lie beside the face, where nothing would hold them.
    inner = np.arange(NODES**2).reshape(NODES, NODES)[FACE, FACE].ravel()
    metric = torch.from_numpy(np.kron(gram[np.ix_(inner, inner)], np.eye(2)).astype(np.float32))
    raw = torch.from_numpy(random.standard_normal((count, len(metric)), np.float32)).requires_grad_()
    place = torch.eye(NODES**2)[inner]
    optimizer = torch.optim.Adam([raw], lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        rows = random.choice(len(maps), BATCH, p=chance / chance.sum())
        size, most = (torch.from_numpy(random.uniform(*of, BATCH).astype(np.float32)) for of in (SIZES, BOUNDS))
        basis = level * place.T @ _upright(raw, metric).view(count, -1, 2)
        shown = add(rows, size, draws(BATCH, basis, most, random))
        loss = torch.stack([_lead(network(shown), label[torch.from_numpy(rows)]) for network in networks]).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        told()
    fields = place.T @ _upright(raw.detach(), metric).view(count, -1, 2)
    return np.asarray(fields.view(count, NODES, NODES, 2).numpy(), np.float64)


def _lead(logits: Tensor, label: Tensor) -> Tensor:
    """How far the label is ahead, on the mean; once it is lost, that counts for little."""
    own = logits.gather(1, label[:, None])[:, 0]
    other = logits.scatter(1, label[:, None], -torch.inf).amax(dim=1)
    return nn.functional.softplus(own - other).mean()


def _upright(raw: Tensor, metric: Tensor) -> Tensor:
    """The same subspace by fields of length 1 at right angles: only the subspace counts for mixtures drawn evenly."""
    factor = torch.linalg.cholesky(raw @ metric @ raw.T)
    fields: Tensor = torch.linalg.solve_triangular(factor, raw, upper=False)
    return fields
