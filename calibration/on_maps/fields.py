"""Motion maps as skin that moves: (u, v) with one unit, so that motion can be taken off and added; and back to a map.

A map has lost three things: where nothing moves, how far everything moves, and how u compares with v, because each
channel was stretched by itself. The first is taken to be the channel's median, where most of a face lies. The second
cannot be known and is assumed. The third is found from the strain, which was worked out before the stretch: u's unit is
the one under which the strain of (u, v) goes best with the map's. On the 442 public maps its correlation is then .87 on
the median, and decoding and encoding them leaves the recognizers' labels alone (the row `by a webcam`).
"""

import numpy as np
from numpy.typing import NDArray

Motion = NDArray[np.uint8]
"""(n, 28, 28, 3) uint8: strain, v, u, each channel of each map stretched to 0–255."""
Fields = NDArray[np.float32]
"""(n, 28, 28, 2) float32: right and down, hundredths of the face's width in the crop (1.10 of the crop's side)."""
RATIOS = np.geomspace(0.25, 4.0, 25, dtype=np.float32)
"""Units of u, in units of v, that are tried."""
FAR = 95
"""Percentile of a field's lengths that stands for its amplitude."""


def decoded(motion: Motion, amplitude: float) -> Fields:
    """The maps' motion, every clip with an amplitude of so many hundredths of the face's width."""
    levels = motion.astype(np.float32)
    levels -= np.median(levels, axis=(1, 2), keepdims=True)
    down, right = levels[..., 1], levels[..., 2]
    tried = [np.stack([ratio * right, down], axis=-1) for ratio in RATIOS]
    alike = np.stack([_correlation(strain(each), motion[..., 0].astype(np.float32)) for each in tried])
    ratio = RATIOS[alike.argmax(axis=0)]
    moved = np.stack([ratio[:, None, None] * right, down], axis=-1)
    far = np.percentile(np.linalg.norm(moved, axis=-1), FAR, axis=(1, 2)).astype(np.float32)
    return np.asarray(moved * (np.float32(amplitude) / np.maximum(far, 1e-6))[:, None, None, None], np.float32)


def encoded(moved: Fields) -> Motion:
    """The maps that a recognizer makes of fields: strain worked out anew, every channel stretched to 0–255."""
    channels = np.stack([strain(moved), moved[..., 1], moved[..., 0]], axis=-1)
    low, high = channels.min(axis=(1, 2), keepdims=True), channels.max(axis=(1, 2), keepdims=True)
    return np.asarray(np.rint((channels - low) / np.maximum(high - low, 1e-9) * 255), np.uint8)


def strain(moved: Fields) -> NDArray[np.float32]:
    """(n, 28, 28): magnitude of the optical strain, a cell of the map being the unit of length (`models.motion`)."""
    uy, ux = np.gradient(moved[..., 0], axis=(1, 2))
    vy, vx = np.gradient(moved[..., 1], axis=(1, 2))
    return np.asarray(np.sqrt(ux**2 + vy**2 + (uy + vx) ** 2 / 2), np.float32)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,): of each pair of (n, 28, 28); 0 where one of a pair does not vary."""
    a, b = (each - each.mean(axis=(1, 2), keepdims=True) for each in (one, other))
    size = np.sqrt((a * a).sum(axis=(1, 2)) * (b * b).sum(axis=(1, 2)))
    return np.asarray((a * b).sum(axis=(1, 2)) / np.maximum(size, 1e-9), np.float32)
