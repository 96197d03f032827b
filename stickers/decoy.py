"""The decoy: a small smooth motion of the skin that never stops, never repeats and that nobody can know in advance.

What is left of the true motion lies under it, and because it is drawn anew all the time, neither averaging nor
subtracting what was seen before takes it away again.
"""

import os

import cv2
import numpy as np

from deadpan.stickers.skin import SIDE, Field

MOST = 0.01
"""Share of the face's width that nothing is moved farther than, at strength 1."""
USUAL = 0.5
"""Share of `MOST` that the motion has on the root mean square."""
NODES = 7
"""Along the square's side: the field is as smooth as that of a muscle (0.18 of the face's width from node to node)."""
FINE = 32
"""Along the square's side: where the curve between nodes is drawn."""
TIME = 0.09
"""Seconds: time constant of both low-passes that white noise goes through; half of its power lies above 0.8 Hz, for it
must differ between an onset and an apex, 0.13 to 0.27 seconds later."""


class Decoy:
    """A band-limited Gaussian process in space and time; knows only its own past."""

    def __init__(self, seed: int | None = None) -> None:
        """Draw from the system's own randomness; `seed` is for tests and tables, never for a call."""
        self._random = np.random.default_rng(int.from_bytes(os.urandom(16), "big") if seed is None else seed)
        # In its stationary state from the first frame on: one that swells up would show when the session began.
        rough = self._draw()
        self._rough, self._smooth = rough, (rough + self._draw()) / 2
        self._time: float | None = None

    def step(self, time: float, width: float, strength: float = 1.0) -> Field:
        """(SIDE, SIDE, 2), px of the square of a face `width` px wide there, at `time` (seconds)."""
        if self._time is not None and time > self._time:
            keep = np.exp(-(time - self._time) / TIME)
            self._smooth = keep * self._smooth + (1 - keep) * self._rough
            self._rough = keep * self._rough + np.sqrt(1 - keep**2) * self._draw()
        self._time = time
        # The second low-pass leaves half of the variance, and two components make one vector.
        most = MOST * width * strength
        field = cv2.resize(self._smooth.astype(np.float32), (FINE, FINE), interpolation=cv2.INTER_CUBIC)
        field *= np.float32(USUAL * most)
        # Rounded off towards the bound rather than cut, which would leave an edge.
        field /= np.sqrt(1 + (field**2).sum(axis=2, keepdims=True) / max(most, 1e-9) ** 2)
        return np.asarray(cv2.resize(field, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.float32)

    def _draw(self) -> np.ndarray:
        return self._random.standard_normal((NODES, NODES, 2))
