"""How much of a protection can be seen: a face as it was and as it is sent."""

from dataclasses import dataclass

import numpy as np

from deadpan.models.face import Face
from deadpan.models.frame import Image

VISIBLE = 8
"""Grey levels, of 255: a pixel that differs by more in any colour counts as changed."""


@dataclass(frozen=True)
class Likeness:
    """Of a face's bounding box on one picture to that on another."""

    ssim: float
    """Structural similarity (Wang 2004), mean over the box and the colours; 1 is the same."""
    changed: float
    """Share of the box, 0…1, that differs by more than `VISIBLE` levels."""


def likeness(clean: Image, shown: Image, face: Face) -> Likeness:
    """Compare where `face` lies on `clean`; both pictures are of one size."""
    # scikit-image is slow to import, and stays out of whatever only names this module.
    from skimage.metrics import structural_similarity

    left, top, right, bottom = face.box
    rows = slice(max(0, int(np.floor(top))), int(np.ceil(bottom)))
    columns = slice(max(0, int(np.floor(left))), int(np.ceil(right)))
    before, after = clean[rows, columns], shown[rows, columns]
    off = np.abs(before.astype(np.int16) - after).max(axis=2)
    return Likeness(float(structural_similarity(before, after, channel_axis=2)), float((off > VISIBLE).mean()))
