"""A universal adversarial perturbation (Moosavi-Dezfooli et al. 2017) of clips, learned on the victim itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from deadpan.calibration.universal.deepfool import deepfool
from deadpan.models.alignment import Pictures
from deadpan.models.training.clips.fit import probabilities

MOST = 10
"""Levels of 0–255 by which any number of a picture may change: ξ = 10/255 of the range, by the maximum norm."""
ENOUGH = 0.8
"""Share of the clips learned from whose label changes, with which learning ends: 1 − δ, δ = .2."""
PASSES = 10
"""Times that every clip learned from is looked at, at most."""

Perturbation = NDArray[np.int8]
"""(d, h, w, c), or (1, h, w, c) for one still picture that all pictures of a clip get: levels, −MOST…MOST."""


@dataclass(frozen=True, eq=False)
class Pass:
    """Where learning stood after all clips were looked at once more."""

    perturbation: Perturbation
    fooled: float
    """Share of the clips learned from whose label it changes."""
    forward: int
    """Answers of the network that were asked for until then, one a clip."""
    backward: int
    """Gradients."""


def learn(
    network: nn.Module, pictures: Pictures, seed: int, *, still: bool = False, told: Callable[[], None] = lambda: None
) -> Iterator[Pass]:
    """The passes over (n, d, h, w, c) uint8 clips, until enough are fooled, a pass changes nothing, or after `PASSES`.

    In a pass each clip whose label the perturbation does not change yet adds its own shortest step over a boundary, and
    the sum is cut to ±`MOST`. What is looked at is what a camera gives, whole levels from 0 to 255; smaller steps add
    up until they show. `told` hears of every clip. The same arguments give the same passes on the same machine.
    """
    random = np.random.default_rng(seed)
    clean = probabilities(network, pictures).argmax(1)
    shape = (1, *pictures.shape[2:]) if still else pictures.shape[1:]
    change, forward, backward = torch.zeros(shape), len(pictures), 0
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    for _ in range(PASSES):
        before = change
        for row in random.permutation(len(pictures)):
            clip = torch.from_numpy(pictures[row]).float()

            def logits(change: Tensor, clip: Tensor = clip) -> Tensor:
                answer: Tensor = network((clip + change).clamp(0, 255)[None])[0]
                return answer

            whole = change.round()
            with torch.inference_mode():
                lost = int(logits(whole).argmax()) != clean[row]
            forward += 1
            if not lost:
                step = deepfool(logits, whole)
                change = (change + step.change).clamp(-MOST, MOST)
                forward, backward = forward + step.forward, backward + step.backward
            told()
        perturbation = change.round().numpy().astype(np.int8)
        fooled = float((probabilities(network, shown(pictures, perturbation)).argmax(1) != clean).mean())
        forward += len(pictures)
        yield Pass(perturbation, fooled, forward, backward)
        if fooled >= ENOUGH or torch.equal(change, before):
            return


def shown(pictures: Pictures, perturbation: Perturbation) -> Pictures:
    """The clips with the perturbation on them, cut to 0–255."""
    return np.asarray(np.clip(pictures.astype(np.int16) + perturbation, 0, 255), np.uint8)


def noise(shape: tuple[int, ...], seed: int) -> Perturbation:
    """The control: +`MOST` or −`MOST` at random, as large as a learned one can be."""
    return np.random.default_rng(seed).choice(np.array([-MOST, MOST], np.int8), shape)
