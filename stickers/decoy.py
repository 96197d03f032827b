"""The decoy: a small smooth motion of the skin that never stops, never repeats and that nobody can know in advance.

What is left of the true motion lies under it, and because it is drawn anew all the time, neither averaging nor
subtracting what was seen before takes it away again. A plan may bring fields that were learned to confuse recognizers
(`basis.py`); then most of its broad motion is a mixture of these, with weights that are drawn anew all the time.
"""

import os

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.stickers.basis import FACE, NODES
from deadpan.stickers.skin import SIDE, Field

MOST = 0.01
"""Share of the face's width that nothing is moved farther than, at strength 1."""
USUAL = 0.5
"""Share of `MOST` that the motion has on the root mean square."""
OCTAVES = ((NODES, 0.8), (2 * NODES, 0.5), (4 * NODES, 0.35))
"""Nodes along the square's side, and the share of the root mean square that motion between them has. With the first
alone, an attacker who learns on other people's protected pictures looks where the decoy has no power. Chosen on clips
of seed 8: a linear one was right on 64 % of 81 under the first alone, on 41 % under all three, as strong together, and
on 28 % where nothing moves. What is left on other clips: `deadpan evaluate protection --retrain 81` (README)."""
FINE = 64
"""Along the square's side: where the curves between nodes are drawn."""
TIME = 0.09
"""Seconds: time constant of both low-passes that white noise goes through; half of its power lies above 0.8 Hz, for it
must differ between an onset and an apex, 0.13 to 0.27 seconds later."""
FREE = 0.25
"""Share of the motion's power that follows no plan: whatever a plan says, the decoy neither stops nor can be known."""


class Decoy:
    """A band-limited Gaussian process in space and time; knows only its own past."""

    def __init__(self, seed: int | None = None, basis: NDArray[np.floating] | None = None) -> None:
        """Draw from the system's own randomness; `seed` is for tests and tables, never for a call.

        `basis`, (k, 7, 7, 2), is what is mixed, where a plan brings it (`Basis.array`).
        """
        self._random = np.random.default_rng(int.from_bytes(os.urandom(16), "big") if seed is None else seed)
        self._basis = None if basis is None else levelled(basis)
        # In its stationary state from the first frame on: one that swells up would show when the session began.
        self._rough = self._draw()
        self._smooth = [(rough + other) / 2 for rough, other in zip(self._rough, self._draw(), strict=True)]
        self._time: float | None = None

    def step(self, time: float, width: float, strength: float = 1.0) -> Field:
        """(SIDE, SIDE, 2), px of the square of a face `width` px wide there, at `time` (seconds)."""
        if self._time is not None and time > self._time:
            keep = np.exp(-(time - self._time) / TIME)
            new = np.sqrt(1 - keep**2)
            self._smooth = [
                keep * smooth + (1 - keep) * rough for smooth, rough in zip(self._smooth, self._rough, strict=True)
            ]
            self._rough = [keep * rough + new * drawn for rough, drawn in zip(self._rough, self._draw(), strict=True)]
        self._time = time
        # The second low-pass leaves half of the variance, and two components make one vector.
        most = MOST * width * strength
        field = np.zeros((FINE, FINE, 2), np.float32)
        for (_, share), smooth in zip(OCTAVES, self._smooth, strict=True):
            field += np.float32(share * USUAL * most) * _drawn(smooth)
        # Rounded off towards the bound rather than cut, which would leave an edge.
        across, down = cv2.split(field)
        over = np.sqrt(1 + (across * across + down * down) / max(most, 1e-9) ** 2)
        bounded = cv2.merge([across / over, down / over])
        return np.asarray(cv2.resize(bounded, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.float32)

    def _draw(self) -> list[NDArray[np.float64]]:
        """For each octave (nodes, nodes, 2) of variance 1 at a node, on the mean over a face."""
        drawn = [self._random.standard_normal((nodes, nodes, 2)) for nodes, _ in OCTAVES]
        if self._basis is not None:
            mixed = np.tensordot(self._random.standard_normal(len(self._basis)), self._basis, 1)
            drawn[0] = np.sqrt(FREE) * drawn[0] + np.sqrt(1 - FREE) * mixed
        return drawn


def levelled(basis: NDArray[np.floating]) -> NDArray[np.float64]:
    """The fields, (k, 7, 7, 2), scaled so that mixtures of normal weights move a face as far as white noise does.

    That is the root mean square between the nodes as well, where white noise falls off and a broad field does not.
    """
    gram = together()
    flat = basis.reshape(len(basis), -1, 2)
    of_each = np.einsum("kic,ij,kjc->k", flat, gram, flat)
    return np.asarray(basis * np.sqrt(2 * np.trace(gram) / of_each / len(basis))[:, None, None, None])


def together() -> NDArray[np.float64]:
    """(49, 49): the mean over a face of the product of what two nodes give; with it, a field's mean square."""
    nodes = np.eye(NODES * NODES, dtype=np.float32).reshape(-1, NODES, NODES, 1)
    on_face = slice(FACE.start * FINE // NODES, FACE.stop * FINE // NODES)
    given = spread(nodes)[:, on_face, on_face].reshape(len(nodes), -1).astype(np.float64)
    return np.asarray(given @ given.T / given.shape[1])


def spread(nodes: NDArray[np.floating]) -> NDArray[np.float32]:
    """(n, FINE, FINE, channels): the smooth fields through the values at their nodes, (n, nodes, nodes, channels)."""
    return np.stack([_drawn(each) for each in nodes]).reshape(len(nodes), FINE, FINE, -1)


def _drawn(nodes: NDArray[np.floating]) -> NDArray[np.float32]:
    """(FINE, FINE, channels), of one channel without the last: the smooth field through (nodes, nodes, channels)."""
    drawn = cv2.resize(nodes.astype(np.float32), (FINE, FINE), interpolation=cv2.INTER_CUBIC)
    return np.asarray(drawn, np.float32)
