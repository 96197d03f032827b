"""An attacker who knows more than any on a call: the true onset and apex, and what each expression does to this face.

He sees only the pictures that arrive. On them he finds the face anew, aligns it, measures the flow from onset to apex
and takes the affine part off, as the recognizers' maps are made.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.synthetic.action_units import EXPRESSIONS, Field, field
from deadpan.calibration.synthetic.still import Still
from deadpan.calibration.synthetic.synthesis import Clip, Event
from deadpan.models.face import Points
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.maps import LABELS
from deadpan.models.motion import CROP, GRID, Flow, Grey, affine_part, crop, flow, frontal

BEFORE, UPON = 6, 2
"""Frames up to the onset, and up to the apex, that are averaged: eight, which is what an event leaves time for."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What moved from onset to apex, as measured on the pictures that arrived."""

    single: Flow
    """From the one picture to the other."""
    averaged: Flow
    """From the mean of `BEFORE` aligned pictures to the mean of `UPON`: noise and a trembling decoy average out."""


def look(pictures: Sequence[Image], event: Event, landmarker: Landmarker) -> Seen | None:
    """Measure what moved; None when no face is found at the onset or the apex.

    `pictures` begin with the clip and reach to the apex at least.
    """
    reference = _landmarks(pictures[event.onset], landmarker)
    moved = _landmarks(pictures[event.apex], landmarker)
    if reference is None or moved is None:
        return None
    onset, apex = crop(pictures[event.onset], reference, reference), crop(pictures[event.apex], moved, reference)

    def mean(last: int, laid: Grey, count: int) -> Grey:
        all_laid = [laid]
        for picture in pictures[max(0, last - count + 1) : last]:
            marks = _landmarks(picture, landmarker)
            if marks is not None:
                all_laid.append(crop(picture, marks, reference))
        return np.asarray(np.rint(np.mean(all_laid, axis=0)), np.uint8)

    averaged = flow(mean(event.onset, onset, BEFORE), mean(event.apex, apex, UPON))
    return Seen(flow(onset, apex), averaged)


def true_motion(clip: Clip) -> Flow:
    """What the skin does from onset to apex, px of the crop, less its affine part: that is taken for the head's."""
    return _in_crop(clip.stills[0], clip.displacement(clip.events[0].apex))


def share_read(seen: Flow, true: Flow) -> float:
    """*Read*: how much of the true motion is in what was seen, by projection on it: 1 is all, 0 is nothing."""
    return float((seen * true).sum() / (true * true).sum())


class MatchedFilter:
    """Tells the class whose true motion on this very face goes best with what was seen: no network to be fooled."""

    def __init__(self, still: Still) -> None:
        """Take the templates of all of `EXPRESSIONS` from the face on `still`."""
        size = still.image.shape[1], still.image.shape[0]
        self._labels: list[int] = []
        templates = []
        for label, combinations in EXPRESSIONS.items():
            for units in combinations:
                small = _small(_in_crop(still, field(still.face, size, units)))
                self._labels.append(LABELS.index(label))
                templates.append(small / np.linalg.norm(small))
        self._templates: NDArray[np.float32] = np.stack(templates)

    def __call__(self, seen: Flow) -> int:
        """A column of `LABELS`."""
        return self._labels[int((self._templates * _small(seen)).sum(axis=(1, 2, 3)).argmax())]


def _in_crop(still: Still, moved: Field) -> Flow:
    """A displacement in px of the still, as it looks in the crop."""
    matrix = frontal(still.face.landmarks)
    laid: Flow = np.asarray(cv2.warpAffine(moved, matrix, (CROP, CROP)) @ matrix[:, :2].T, np.float32)
    return np.asarray(laid - affine_part(laid), np.float32)


def _small(moved: Flow) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(moved, (GRID, GRID), interpolation=cv2.INTER_AREA), np.float32)


def _landmarks(picture: Image, landmarker: Landmarker) -> Points | None:
    found = landmarker.find(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8), 0.0)
    return max(found, key=lambda face: face.side).landmarks if found else None
