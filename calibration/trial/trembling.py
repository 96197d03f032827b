"""How much a face trembles on which nothing moves: what a camera's noise, a codec or a protection adds to it."""

from collections.abc import Sequence

import numpy as np

from deadpan.calibration.trial.passage import Watched
from deadpan.models.frame import Image
from deadpan.models.motion import CROP, crop, flow

LONG = 10
"""Pairs of pictures, each and the one before it, that are looked at: the last ones before the onset."""
PERCENT = 1.10 * CROP / 100
"""Px of the crop: one hundredth of the width of a face, which the crop lays 1.10 of its own wide (`Maps.face_size`)."""


def unrest(watched: Watched, shown: Sequence[Image]) -> float:
    """Mean square, over the face and time, of what moves from one of the pictures `shown` to the next before the onset.

    In squared hundredths of the face's width. Nothing on the face moves by itself then. The head does: the pictures are
    aligned by the landmarks of the camera's own frames, which are the same for all protections, and the affine motion
    that most of the face follows is taken off. Squares, so that a camera's own unrest can be taken off.
    """
    onset = watched.clip.events[0].onset
    moved = []
    for n in range(max(1, onset - LONG + 1), onset + 1):
        before, now = (watched.sightings[m].faces for m in (n - 1, n))
        if before and now and shown[n - 1].any() and shown[n].any():
            reference = before[0].landmarks
            first, second = (crop(shown[m], watched.sightings[m].faces[0].landmarks, reference) for m in (n - 1, n))
            moved.append(float((flow(first, second) ** 2).sum(axis=2).mean()) / PERCENT**2)
    return float(np.mean(moved)) if moved else 0.0
