"""What the viewer sees when there is no protected frame: the last one for a moment, then a still picture."""

from functools import lru_cache
from importlib.resources import files

import cv2
import numpy as np

from deadpan.app.outgoing import Outgoing, Reason
from deadpan.models.frame import Image

HOLD = 0.5
"""Seconds for which the last protected picture may stand in."""


@lru_cache(maxsize=1)
def shutter_picture(width: int, height: int) -> Image:
    """Our own still picture, which no camera took, filling `width` × `height` px; (h, w, 3) uint8 BGR."""
    data = (files("deadpan.app") / "shutter.png").read_bytes()
    whole = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert whole is not None
    scale = max(width / whole.shape[1], height / whole.shape[0])
    size = (max(width, round(whole.shape[1] * scale)), max(height, round(whole.shape[0] * scale)))
    whole = cv2.resize(whole, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    picture = np.ascontiguousarray(whole[top : top + height, left : left + width], np.uint8)
    picture.flags.writeable = False  # one picture serves every session of its size
    return picture


class Shutter:
    """Gives stand-ins of one size for one session; what it holds was protected in this session."""

    def __init__(self, width: int, height: int) -> None:
        """Stand in for frames of `width` × `height` px."""
        self._picture = shutter_picture(width, height)
        self._held: Outgoing | None = None

    def keep(self, protected: Outgoing) -> None:
        """Remember the newest protected picture."""
        self._held = protected

    def drop(self) -> None:
        """Forget it: from now on the still picture stands in at once."""
        self._held = None

    def stand_in(self, now: float) -> Outgoing:
        """The last protected picture for at most `HOLD` seconds of the camera's clock, then the still one."""
        if self._held is not None and 0 <= now - self._held.time <= HOLD:
            return Outgoing(self._held.image, Reason.HELD, self._held.time)
        self.drop()
        return self.closed(now)

    def closed(self, now: float) -> Outgoing:
        """The still picture."""
        return Outgoing(self._picture, Reason.SHUTTERED, now)
