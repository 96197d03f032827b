"""Eyes that blink or look elsewhere: what they show then is not skin that has moved, and is not bent back."""

import numpy as np

from deadpan.models.face import Face

_EYES = ((33, 133, 159, 145, 468), (362, 263, 386, 374, 473))
"""Landmarks of each eye: its two corners, upper and lower lid, iris."""
SHUT = 0.65
"""Times by which the lids' gap must change: a blink closes it, a micro-expression of lids changes it by a fifth."""
ELSEWHERE = 0.08
"""Eye widths, mean of both eyes, by which the irises must move; from frame to frame they are found 0.005 apart."""


def other_look(face: Face, since: Face) -> bool:
    """Whether the eyes of one face are shut or open, or look elsewhere, unlike a moment before."""
    (gaps, looks), (before, looked) = _eyes(face), _eyes(since)
    low, high = np.minimum(gaps, before), np.maximum(gaps, before)
    moved = float(np.linalg.norm(looks - looked, axis=1).mean())
    return bool((low < SHUT * high).any()) or moved > ELSEWHERE


def _eyes(face: Face) -> tuple[np.ndarray, np.ndarray]:
    """(2,) the lids' gaps and (2, 2) where the irises are, right and down of the eyes' middles, in eye widths."""
    axes = np.stack([face.left, face.down])
    one, other, upper, lower, iris = np.moveaxis(face.landmarks[np.array(_EYES)], 1, 0)
    width = np.maximum(np.linalg.norm(one - other, axis=1), 1e-6)
    return np.linalg.norm(upper - lower, axis=1) / width, ((iris - (one + other) / 2) / width[:, None]) @ axes.T
