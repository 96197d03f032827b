"""Blinks: the upper lids come down and go up again, which is motion but no micro-expression."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.face import Face

LENGTH = (0.15, 0.3)
"""Seconds that a blink takes."""
PAUSE = (3.0, 6.0)
"""Seconds from one blink to the next."""
STRIP = 0.045
"""Share of the face's width: the height of the skin over each upper rim that stretches to cover the eye."""
LASHES = 0.016
"""Share of the face's width: the part of that strip, next to the rim, which carries the lashes and is not stretched."""
LIDS = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)),
    ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263)),
)
"""Landmarks along the upper and the lower rim of each eye, from the picture's left to its right."""


@dataclass(frozen=True)
class Blink:
    """One blink: frames by index."""

    begins: int
    """The last frame with open eyes."""
    ends: int
    """The first frame with open eyes again."""

    def closure(self, index: int) -> float:
        """How far the lids are down: 0 open, 1 shut. They fall in a third of the time and rise in the rest."""
        share = (index - self.begins) / (self.ends - self.begins)
        if not 0 < share < 1:
            return 0.0
        phase = share / 0.35 if share < 0.35 else (1 - share) / 0.65
        return float(np.clip(1.15 * np.sin(np.pi / 2 * phase), 0, 1))


def moments(length: int, fps: float, random: np.random.Generator) -> tuple[Blink, ...]:
    """Blinks at random moments over `length` frames."""
    blinks: list[Blink] = []
    begins = random.uniform(1.0, PAUSE[1])
    while True:
        first, last = round(begins * fps), round((begins + random.uniform(*LENGTH)) * fps)
        if last >= length:
            return tuple(blinks)
        blinks.append(Blink(first, last))
        begins += random.uniform(*PAUSE)


def closed(face: Face, size: tuple[int, int], closure: float) -> NDArray[np.float32]:
    """(h, w, 2) float32, px: how far the upper lids' skin has moved at that closure; `size` is the picture's.

    The strip over the upper rim is stretched over the eye as the rim comes down, and carries the lashes along.
    """
    moved = np.zeros((size[1], size[0], 2), np.float32)
    strip = STRIP * face.width
    axes = np.stack([face.left, face.down], axis=1).astype(np.float64)
    for upper, lower in LIDS:
        above, below = (face.landmarks[list(rim)].astype(np.float64) for rim in (upper, lower))
        both = np.concatenate([above, below])
        low = np.maximum(np.floor(both.min(axis=0) - strip - 2), 0).astype(int)
        high = np.minimum(np.ceil(both.max(axis=0) + 3), size).astype(int)
        if (high <= low).any():
            continue
        x, y = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
        along, depth = np.moveaxis(np.stack([x, y], axis=-1) @ axes, -1, 0)
        rim, floor = above @ axes, below @ axes
        top = np.interp(along, rim[:, 0], rim[:, 1])
        height = np.maximum(np.interp(along, floor[:, 0], floor[:, 1]) - top, 0)
        # A little beyond the lower rim, or a sliver of white would stay open.
        edge = closure * (height + 0.008 * face.width * np.clip(height / (0.02 * face.width), 0, 1))
        from_rim = depth - top
        pulled = np.clip((from_rim + strip) / (strip + edge - LASHES * face.width), 0, 1) * edge
        # One px of ramp at the lid's edge, so that it is not jagged; outside the eye's corners nothing moves.
        inside = np.clip(edge - from_rim + 0.5, 0, 1) * ((along > rim[0, 0]) & (along < rim[-1, 0])) * (edge > 0)
        down = cv2.GaussianBlur(pulled * inside, (3, 1), 0)
        moved[low[1] : high[1], low[0] : high[0]] += (down[..., None] * face.down).astype(np.float32)
    return moved
