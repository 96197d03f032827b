"""Eyes that blink or look elsewhere: what they show then is not skin that has moved, and is not bent back."""

import numpy as np

from deadpan.models.face import Face

_EYES = np.array([(33, 362), (133, 263), (159, 386), (145, 374), (468, 473)])
"""Landmarks of both eyes: their corners, upper and lower lids, irises."""
SHUT = 0.65
"""Times by which the lids' gap must change: a blink closes it, a micro-expression of lids changes it by a fifth."""
ELSEWHERE = 0.08
"""Eye widths, mean of both eyes, by which the irises must move; from frame to frame they are found 0.005 apart."""


def other_look(face: Face, since: Face) -> bool:
    """Whether the eyes of one face are shut or open, or look elsewhere, unlike a moment before."""
    both = (since, face)
    one, other, upper, lower, iris = np.stack([each.landmarks[_EYES] for each in both], axis=1) @ (1, 1j)
    width = np.maximum(np.abs(one - other), 1e-6)
    gaps = np.abs(upper - lower) / width
    before, now = (iris - (one + other) / 2) / width * (np.array([each.left for each in both]) @ (1, -1j))[:, None]
    moved = float(np.abs(now - before).mean())
    return bool((gaps.min(axis=0) < SHUT * gaps.max(axis=0)).any()) or moved > ELSEWHERE
