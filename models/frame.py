"""One picture from a camera."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""(h, w, 3) uint8, BGR, x right, y down."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture, which of the stream it is and when it was taken."""

    image: Image
    """(h, w, 3) uint8, BGR; never written to after it was made."""
    index: int
    """Counts the frames handed over by this camera, from 0."""
    time: float
    """Seconds on the stream's own clock, rising: what filters and trackers measure time by."""
    captured: float
    """Seconds of `time.perf_counter()` at which the picture was taken: what latency is measured from."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        return self.image.shape[1], self.image.shape[0]
