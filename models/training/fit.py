"""Trains one network on motion maps by a schedule that is fixed beforehand."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from deadpan.models.maps import LABELS
from deadpan.models.training.augment import augmented
from deadpan.models.training.export import normalised
from deadpan.models.training.large import RegionNet
from deadpan.models.training.recipes import Recipe
from deadpan.models.training.ststnet import STSTNet

NETWORKS: dict[str, Callable[[], nn.Module]] = {"ststnet": STSTNet, "large": RegionNet}
"""By the name that a recipe gives, which is their module's."""


def fit(recipe: Recipe, motion: NDArray[np.uint8], label: NDArray[np.int64], seed: int) -> list[nn.Module]:
    """The recipe's members, trained on `motion` (n, 28, 28, 3) and `label` (n,), ready to judge.

    The same arguments give the same networks on the same machine; torch's global random state and its number of
    threads are left as they were.
    """
    maps = normalised(motion)
    labels = torch.from_numpy(label.astype(np.int64))
    members = []
    with torch.random.fork_rng(devices=[]), _one_thread():
        for member in range(recipe.members):
            torch.manual_seed(1000 * seed + member)
            members.append(_member(recipe, maps, labels))
    return members


def _member(recipe: Recipe, maps: Tensor, labels: Tensor) -> nn.Module:
    network = NETWORKS[recipe.network]().train()
    # Channels last, here and below: the same sums, twice as fast on a CPU.
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    counts = torch.bincount(labels, minlength=len(LABELS)).clamp_min(1).float()
    weights = counts**-recipe.balance
    weights = weights / weights[labels].mean()
    parts = max(1, round(len(labels) / recipe.batch))
    steps = recipe.epochs * parts
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    for _ in range(recipe.epochs):
        for rows in torch.randperm(len(labels)).chunk(parts):
            batch = augmented(maps[rows], recipe.augment).contiguous(memory_format=torch.channels_last)
            logits = network(batch)
            loss = functional.cross_entropy(logits, labels[rows], weights, label_smoothing=recipe.smoothing)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return network.eval()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums in another order are other weights, and networks as small as these gain nothing from threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _rate(step: int, steps: int) -> float:
    """The learning rate as a share of its peak."""
    rise = max(1, steps // 10)
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))
