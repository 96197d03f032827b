"""A face to be found again, finer than a smooth search finds it: by the slopes of its own grey levels.

Lucas and Kanade 1981, turned round as in Baker and Matthews 2004: the slopes are the template's, so that what they cost
is paid once a baseline and not once a frame.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

WINDOW = 3.0
"""Px, sigma: neighbours within it are taken to move alike."""
CERTAIN = 18.0
"""Squared grey levels a px: less slope than that cannot tell motion from the camera's noise."""
STEPS = 2
"""After one, 1.1 % of a held motion is read, after two 0.7 %, after three no less; with each the field trembles more.
On 81 clips of seed 8 under `freeze`, read as `deadpan evaluate protection` does."""
LIGHT = 15
"""Px: a difference as broad as that is one of light."""


class Template:
    """A grey picture, (h, w) uint8, and what its slopes say."""

    def __init__(self, grey: NDArray[np.uint8]) -> None:
        """Work out all that does not depend on the picture in which it is to be found again."""
        smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 0.7)
        self._grey = grey.astype(np.float32)
        self._across, self._down = (cv2.Sobel(smooth, cv2.CV_32F, x, 1 - x, ksize=3, scale=1 / 8) for x in (1, 0))
        xx, yy = (_around(slope * slope) + CERTAIN for slope in (self._across, self._down))
        xy = _around(self._across * self._down)
        area = xx * yy - xy * xy
        self._xx, self._xy, self._yy = yy / area, -xy / area, xx / area
        height, width = grey.shape
        self._x, self._y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]

    def refined(self, now: NDArray[np.uint8], field: NDArray[np.float32]) -> NDArray[np.float32]:
        """`field`, (h, w, 2) px from the template to `now`, (h, w), plus what it has left of the motion."""
        x, y = cv2.split(field)
        x, y = x + self._x, y + self._y
        for _ in range(STEPS):
            off = (
                cv2.remap(now, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32) - self._grey
            )
            off -= cv2.blur(off, (LIGHT, LIGHT))
            across, down = _around(off * self._across), _around(off * self._down)
            x -= self._xx * across + self._xy * down
            y -= self._xy * across + self._yy * down
        return np.asarray(cv2.merge([x - self._x, y - self._y]), np.float32)


def _around(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), WINDOW), np.float32)
