"""Head motion of a person before a camera: slow, smooth, and as large as was said."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RISE = 0.2
"""Seconds over which the sigmas hold: what a micro-expression takes from onset to apex here, on the mean."""
UNIT = 200.0
"""Px: the width of the face that the shifts are given on."""
SLOWEST, FASTEST = 0.1, 1.0
"""Hertz: between these the head sways."""
WAVES = 8


@dataclass(frozen=True)
class Head:
    """How far a head moves within `RISE` seconds: sigmas."""

    name: str
    shift: float
    """Px right, and px down, on a face of `UNIT` px."""
    turn: float
    """Degrees, in the picture's plane."""
    scale: float
    """Share of the size."""

    def path(self, times: NDArray[np.float64], face_width: float, seed: int) -> NDArray[np.float64]:
        """(n, 4): right and down in px, degrees clockwise, and log of the scale, at `times` (seconds); 0 on the mean.

        A sum of slow waves in random phase, each adding the same to the increments; same seed, same path.
        """
        random = np.random.default_rng(seed)
        frequency = np.geomspace(SLOWEST, FASTEST, WAVES) * random.uniform(0.85, 1.15, (4, WAVES))
        phase = random.uniform(0, 2 * np.pi, (4, WAVES))
        # A wave of amplitude a and random phase changes within RISE by a variance of a² (1 − cos(2π f RISE)).
        amplitude = 1 / np.sqrt(WAVES * (1 - np.cos(2 * np.pi * frequency * RISE)))
        waves = amplitude * np.sin(2 * np.pi * frequency * np.asarray(times)[:, None, None] + phase)
        sigma = np.array([self.shift * face_width / UNIT, self.shift * face_width / UNIT, self.turn, self.scale])
        return np.asarray(waves.sum(axis=-1) * sigma, np.float64)


HEADS = {
    head.name: head for head in (Head("still", 0, 0, 0), Head("quiet", 1, 0.3, 0.003), Head("sitting", 4, 1, 0.01))
}
"""A head that stays, one that is held quiet, and one of a person who sits at a call."""
