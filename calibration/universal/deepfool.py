"""DeepFool (Moosavi-Dezfooli et al. 2016): about the shortest step over a network's nearest boundary."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

MOST = 10
"""Linear steps, as in the public code of universal perturbations."""
OVERSHOOT = 0.02
"""Share of the way that is gone further, to end beyond the boundary and not on it; theirs, too."""
FAR = 255.0
"""Levels: a linear step that needs more than this in every number leads nowhere that a picture can be."""


@dataclass(frozen=True, eq=False)
class Step:
    """A way to another answer, and what it cost to find."""

    change: Tensor
    """As `start`: what to add to it."""
    crossed: bool
    """Whether the answer is another there; if not, it is where the search ended."""
    forward: int
    """Answers of the network that were asked for."""
    backward: int
    """Gradients of it."""


def deepfool(logits: Callable[[Tensor], Tensor], start: Tensor) -> Step:
    """The step from `start`, of any shape, to where the largest of `logits`, (classes,), is another.

    Each linear step goes to the nearest boundary by the Euclidean norm, as if the network were linear. Weights of the
    network get no gradient.
    """
    whole, forward, backward, own = torch.zeros_like(start), 0, 0, None
    reach = FAR * start.numel() ** 0.5
    while True:
        point = (start + (1 + OVERSHOOT) * whole).requires_grad_()
        said = logits(point)
        forward += 1
        own = int(said.argmax()) if own is None else own
        crossed = int(said.argmax()) != own
        if crossed or forward > MOST:
            break
        near: tuple[float, Tensor] | None = None
        for other in range(len(said)):
            if other == own:
                continue
            behind = said[own] - said[other]
            (slope,) = torch.autograd.grad(-behind, point, retain_graph=True)
            backward += 1
            gap, size = float(behind.detach()), float(slope.norm())
            if gap < reach * size and (near is None or gap / size < near[0]):
                near = gap / size, slope / size
        if near is None:
            break
        whole = whole + near[0] * near[1]
    return Step((1 + OVERSHOOT) * whole, crossed, forward, backward)
