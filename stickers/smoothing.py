"""The One-Euro filter: still when the head is still, quick when it moves, and only ever from the past."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
"""(n,) float64, in the caller's units."""


@dataclass(frozen=True)
class OneEuro:
    """Casiez, Roussel & Vogel 2012: a low-pass filter whose cut-off rises with speed.

    Pass it values and the time; it keeps nothing of the future. Units of the values are the caller's.
    """

    cutoff: float
    """Hz at rest: lower trembles less."""
    beta: float
    """Hz per unit of speed: higher lags less."""
    speed_cutoff: float = 1.0
    """Hz at which the speed itself is smoothed."""

    def step(self, state: "State | None", value: Vector, time: float, unit: float = 1.0) -> "State":
        """The next state; its `value` (same shape as the input) is the filtered value at `time` (seconds).

        Speed is counted in `unit`s of the value per second, so that a filter serves near and far faces alike.
        """
        if state is None or time <= state.time:
            return State(value, np.zeros_like(value), value, time)
        elapsed = time - state.time
        speed = state.speed + _weight(self.speed_cutoff, elapsed) * ((value - state.raw) / elapsed - state.speed)
        cutoff = self.cutoff + self.beta * float(np.linalg.norm(speed)) / unit
        smooth = state.value + _weight(cutoff, elapsed) * (value - state.value)
        return State(smooth, speed, value, time)


@dataclass(frozen=True, eq=False)
class State:
    """What the filter remembers of one signal."""

    value: Vector
    speed: Vector
    """Units per second."""
    raw: Vector
    time: float


def _weight(cutoff: float, elapsed: float) -> float:
    r = 2 * np.pi * cutoff * elapsed
    return float(r / (r + 1))
