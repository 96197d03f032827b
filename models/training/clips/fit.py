"""Trains one network on clips, and takes it as it was at the epoch that the watched clips say."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from deadpan.models import score
from deadpan.models.alignment import Sample
from deadpan.models.clips import Clips
from deadpan.models.training.clips.schedules import Schedule
from deadpan.models.training.learnet import LEARNet
from deadpan.models.training.mmnet import MMNet
from deadpan.models.training.stcnn import STCNN

NETWORKS: dict[str, Callable[[Sample], nn.Module]] = {"learnet": LEARNet, "stcnn": STCNN, "mmnet": MMNet}
"""By the name that a schedule gives, which is their module's."""
AT_ONCE = 32
"""Clips in a batch that is only judged: they need not be kept for a gradient."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A network, and what it said of the watched clips on the way."""

    network: nn.Module
    """Ready to judge."""
    epochs: int
    """After how many it was taken."""
    curve: NDArray[np.float32]
    """(epochs, watched, classes): probabilities of the watched clips after each epoch that was trained."""


def fit(
    schedule: Schedule,
    clips: Clips,
    seed: int,
    watched: Clips | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Trained:
    """A network trained on `clips`; without `watched` ones, for all of the schedule's epochs.

    Of the epochs the one with the highest UF1 on the watched clips is taken, of equal ones that with the lowest loss
    there. `advance` is called after each. The same arguments give the same network on the same machine; torch's global
    random state and its number of threads are left as they were.
    """
    labels = torch.from_numpy(clips.label)
    best, kept, taken, curve = (-1.0, 0.0), None, schedule.epochs, []
    with torch.random.fork_rng(devices=[]), _one_thread():
        torch.manual_seed(1000 * seed)
        network = NETWORKS[schedule.network](schedule.sample)
        optimizer = _optimizer(schedule, network)
        for epoch in range(1, schedule.epochs + 1):
            network.train()
            for rows in torch.randperm(len(clips)).chunk(max(1, round(len(clips) / schedule.batch))):
                levels = changed(torch.from_numpy(clips.pictures[rows.numpy()]).float(), schedule)
                loss = functional.cross_entropy(network(levels), labels[rows])
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
            if epoch <= schedule.fading:
                for group in optimizer.param_groups:
                    group["lr"] *= schedule.fade
            if watched is not None:
                said = probabilities(network, watched.pictures)
                curve.append(said)
                found = _worth(said, watched.label)
                if found > best:
                    best, kept, taken = found, copy.deepcopy(network.state_dict()), epoch
            advance()
    if kept is not None:
        network.load_state_dict(kept)
    empty = np.zeros((0, 0, 0), np.float32)
    return Trained(network.eval(), taken, np.stack(curve) if curve else empty)


def probabilities(network: nn.Module, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the network says of (n, d, h, w, c) uint8 clips: (n, classes)."""
    network.eval()
    with torch.inference_mode():
        parts = [pictures[start : start + AT_ONCE] for start in range(0, len(pictures), AT_ONCE)]
        said = [network(torch.from_numpy(part).float()).softmax(1) for part in parts]
    return np.asarray(torch.cat(said), np.float32)


def changed(levels: Tensor, schedule: Schedule) -> Tensor:
    """Clips, (n, d, h, w, c) float32, mirrored, rolled and shifted as the schedule says; all pictures of one alike."""
    count, depth, rows, columns, channels = levels.shape
    mirrored = torch.rand(count, 1, 1, 1, 1) < schedule.flip
    levels = torch.where(mirrored, levels.flip(3), levels)
    if not (schedule.turn or schedule.shift):
        return levels
    angle = torch.deg2rad((torch.rand(count) * 2 - 1) * schedule.turn)
    # grid_sample's frame runs from -1 to 1: a share of the side is twice as much there.
    down, across = (torch.rand(2, count) * 2 - 1) * schedule.shift * 2
    turned = [angle.cos(), -angle.sin(), across, angle.sin(), angle.cos(), down]
    flat = levels.permute(0, 1, 4, 2, 3).reshape(count, depth * channels, rows, columns)
    grid = functional.affine_grid(torch.stack(turned, 1).view(count, 2, 3), list(flat.shape), align_corners=False)
    moved = functional.grid_sample(flat, grid, padding_mode="border", align_corners=False)
    return moved.view(count, depth, channels, rows, columns).permute(0, 1, 3, 4, 2)


def cost(schedule: Schedule) -> float:
    """Floating-point operations of training on one clip once: three times those of judging it, a common estimate."""
    network = NETWORKS[schedule.network](schedule.sample).eval()
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, *schedule.sample))
    return 3 * float(counter.get_total_flops())


def _worth(said: NDArray[np.float32], label: NDArray[np.int64]) -> tuple[float, float]:
    loss = -np.log(np.maximum(said[np.arange(len(label)), label], 1e-12)).mean()
    return score.uf1(label, said.argmax(1)), -float(loss)


def _optimizer(schedule: Schedule, network: nn.Module) -> torch.optim.Optimizer:
    if schedule.optimizer == "sgd":
        return torch.optim.SGD(network.parameters(), lr=schedule.rate)
    return torch.optim.AdamW(network.parameters(), lr=schedule.rate, weight_decay=schedule.decay)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums in another order are other weights; who has more cores trains more folds at once."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
