"""An attacker who knows more than any on a call: the true onset and apex, and where each sticker lies.

He sees only the pictures that arrive. On them he finds the face anew, aligns it, measures the flow from onset to apex
and takes the affine part off, as the recognizers' maps are made. He does not stop at two pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.synthetic.synthesis import FPS, Clip, Event
from deadpan.calibration.trial import masking
from deadpan.calibration.trial.matched import in_crop
from deadpan.calibration.trial.passage import AFTER
from deadpan.models.face import Points
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.motion import Flow, Grey, affine_part, crop, flow, laying, raw_flow
from deadpan.stickers.decoy import course

BEFORE, UPON = 6, 2
"""Frames up to the onset, and up to the apex, that are averaged: eight, which is what an event leaves time for."""
LONG, AROUND = 15, 2
"""The longest mean: frames up to the onset, and frames on each side of the apex, 15 and 5. Half of a slow event's rise
lies within two frames of its apex, where .65 of the motion and more is there."""
FILM = 15, AFTER
"""What is looked at of the whole film: frames before the onset, and after the offset. All 60 frames of a clip would
take another 10 % to 22 % off the decoy's power."""
NOISE = 0.05
"""What differs from frame to frame whatever the protection does, share of the decoy's own variance."""
APART = 3
"""Frames from one onset to the next of the pairs: a decoy has half forgotten itself by then (`stickers/decoy.py`)."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What moved from onset to apex, as measured on the pictures that arrived, in several ways."""

    single: Flow
    """From the one picture to the other."""
    averaged: Flow
    """From the mean of `BEFORE` aligned pictures to the mean of `UPON`: noise and a trembling decoy average out."""
    longer: Flow
    """The mean flow around the apex less that before the onset, `LONG` and 2 · `AROUND` + 1 pictures: nothing blurs."""
    pairs: tuple[Flow, ...]
    """From pictures before the onset to pictures around the apex, `single` first: for whoever asks more than once."""
    hidden: NDArray[np.uint8] | None
    """(CROP, CROP): 255 where a sticker lies at the onset or the apex; None where there is none."""
    filled: Flow
    """As `single`, with the motion under the stickers continued from around them; `single` itself without any."""
    inpainted: Flow
    """From picture to picture, both painted over where stickers lie, before the flow is measured; or `single`."""
    film: Flow | None
    """How far all went at the apex, by every picture from before the onset to after the offset (`FILM`, `weights`).

    None when nobody asked.
    """


def look(
    pictures: Sequence[Image],
    event: Event,
    landmarker: Landmarker,
    covered: Sequence[Sequence[Points]] = (),
    film: bool = False,
) -> Seen | None:
    """Measure what moved; None when no face is found at the onset or the apex.

    `pictures` begin with the clip and reach to the apex at least; `covered` are the stickers' corners on each of them.
    The whole film, three times the work, is looked at only when asked for.
    """
    before = range(max(0, event.onset - LONG + 1), event.onset + 1)
    around = range(max(event.onset + 1, event.apex - AROUND), min(len(pictures), event.apex + AROUND + 1))
    whole = range(max(0, event.onset - FILM[0]), min(len(pictures), event.offset + FILM[1] + 1)) if film else ()
    looked = sorted({*before, *around, *whole, event.apex})
    marks = {n: found for n in looked if (found := _landmarks(pictures[n], landmarker)) is not None}
    if not {event.onset, event.apex} <= set(marks):
        return None
    reference = marks[event.onset]
    laid = {n: crop(pictures[n], marks[n], reference) for n in marks}
    onset = laid[event.onset]
    moved = {n: flow(onset, laid[n]) for n in laid if n != event.onset}
    moved[event.onset] = np.zeros_like(moved[event.apex])

    def mean(last: int, count: int) -> Grey:
        pictured = [laid[n] for n in range(last - count + 1, last + 1) if n in laid]
        return np.asarray(np.rint(np.mean(pictured, axis=0)), np.uint8)

    longer = np.mean([moved[n] for n in around if n in moved], axis=0)
    longer -= np.mean([moved[n] for n in before if n in moved], axis=0)
    # The nearest to the apex first, each from an onset of its own, further and further back.
    apexes = sorted((n for n in around if n in moved), key=lambda n: abs(n - event.apex))
    onsets = [event.onset - APART * n for n in range(len(apexes))]
    pairs = tuple(moved[a] - moved[o] for o, a in zip(onsets, apexes, strict=True) if o in moved)
    single = moved[event.apex]
    hidden, filled, inpainted = None, single, single
    if covered and (covered[event.onset] or covered[event.apex]):
        masks = [masking.mask(covered[n], laying(marks[n], reference)) for n in (event.onset, event.apex)]
        hidden = np.asarray(np.maximum(*masks), np.uint8)
        filled = _steadied(masking.filled(raw_flow(onset, laid[event.apex]), hidden))
        inpainted = flow(*(masking.inpainted(laid[n], hidden) for n in (event.onset, event.apex)))
    averaged = flow(mean(event.onset, BEFORE), mean(event.apex, UPON))
    fitted = None
    if film:
        seen = [n for n in whole if n in moved]
        fitted = np.tensordot(weights(seen, event).astype(np.float32), np.stack([moved[n] for n in seen]), 1)
    return Seen(single, averaged, np.asarray(longer, np.float32), pairs, hidden, filled, inpainted, fitted)


def weights(frames: Sequence[int], event: Event) -> NDArray[np.float64]:
    """(n,): what to weigh the flow to each of these frames by, so that their sum is the motion at the apex.

    The best linear unbiased estimate (Aitken 1936) for a motion that takes the event's own course, on top of one that
    does not change and of a decoy whose law is known, as it is to everybody (`course`).
    """
    lag = np.abs(np.subtract.outer(frames, frames)) / FPS
    spread = np.vectorize(course)(lag) + NOISE * np.eye(len(frames))
    design = np.column_stack([[event.activation(n) for n in frames], np.ones(len(frames))])
    whitened = np.linalg.solve(spread, design)
    return np.asarray(np.linalg.solve(design.T @ whitened, whitened.T)[0])


def true_motion(clip: Clip) -> Flow:
    """What the skin does from onset to apex, px of the crop, less its affine part: that is taken for the head's."""
    return in_crop(clip.stills[0], clip.displacement(clip.events[0].apex))


def share_read(seen: Flow, true: Flow) -> float:
    """*Read*: how much of the true motion is in what was seen, by projection on it: 1 is all, 0 is nothing."""
    return float((seen * true).sum() / (true * true).sum())


def _steadied(dense: Flow) -> Flow:
    return np.asarray(dense - affine_part(dense), np.float32)


def _landmarks(picture: Image, landmarker: Landmarker) -> Points | None:
    found = landmarker.find(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8), 0.0)
    return max(found, key=lambda face: face.side).landmarks if found else None
