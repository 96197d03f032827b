"""Eyes that blink or look elsewhere: what they show then is not skin that has moved, and is not bent back."""

import numpy as np

from deadpan.models.face import Face

_EYES = np.array([(33, 133, 159, 145, 468), (362, 263, 386, 374, 473)])
"""Landmarks of each eye: its two corners, upper and lower lid, iris."""
SHUT = 0.65
"""Times by which the lids' gap must change: a blink closes it, a micro-expression of lids changes it by a fifth."""
ELSEWHERE = 0.08
"""Eye widths, mean of both eyes, by which the irises must move; from frame to frame they are found 0.005 apart."""


def other_look(face: Face, since: Face) -> bool:
    """Whether the eyes of one face are shut or open, or look elsewhere, unlike a moment before."""
    # Both moments' eyes at once, (2, 2, 2): moments, eyes, right and down.
    eyes = np.stack([each.landmarks[_EYES] for each in (face, since)])
    axes = np.array([[each.left, each.down] for each in (face, since)])
    one, other, upper, lower, iris = np.moveaxis(eyes, 2, 0)
    width = np.maximum(np.linalg.norm(one - other, axis=2), 1e-6)
    gaps = np.linalg.norm(upper - lower, axis=2) / width
    looks = ((iris - (one + other) / 2) / width[..., None]) @ axes.transpose(0, 2, 1)
    moved = float(np.linalg.norm(looks[0] - looks[1], axis=1).mean())
    return bool((gaps.min(axis=0) < SHUT * gaps.max(axis=0)).any()) or moved > ELSEWHERE
