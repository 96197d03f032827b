"""Dense inverse search, finer than usual: what it does not see stays in the picture for others to see."""

import cv2
import numpy as np
from numpy.typing import NDArray


class Search:
    """Finds one picture again in others.

    One for each picture that is searched for: OpenCV's keeps the buffers of the first that it gets, and writes beyond
    them when a larger one follows a smaller one.
    """

    def __init__(self, before: NDArray[np.uint8]) -> None:
        """Search for `before`, (h, w), down to single px, with less smoothness than usual: `Template.refined` takes off
        what that leaves."""
        self._before = np.ascontiguousarray(before)
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._search.setFinestScale(0)
        self._search.setPatchStride(5)
        self._search.setVariationalRefinementAlpha(10.0)
        self._search.setVariationalRefinementIterations(2)

    def flow(self, after: NDArray[np.uint8], start: NDArray[np.float32] | None) -> NDArray[np.float32]:
        """(h, w, 2) px from that picture to `after`, (h, w), searched from `start` on, which is left as it is."""
        begin = None if start is None else start.copy()
        found = self._search.calc(self._before, np.ascontiguousarray(after), begin)  # type: ignore[arg-type]
        return np.asarray(found, np.float32)
