"""From labelled clips to what the recognizers of clips look at: the way itself is `deadpan.models.alignment`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.sources.cutout import CutOut
from deadpan.calibration.sources.measuring import Unreadable, apex, check_sizes
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.models.alignment import Pictures, faces_on, lay, moments
from deadpan.models.alignment import Sample as Shape
from deadpan.models.clips import Clips
from deadpan.models.description import Window
from deadpan.models.face import Points
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.motion import CROP, frontal
from deadpan.models.reading import ATTENTIVE


@dataclass(frozen=True, eq=False)
class Aligned:
    """Clips, and where the faces lie on them."""

    clips: Clips
    landmarks: NDArray[np.float32]
    """(n, 478, 2) float32: those of each clip's first picture, on which the others are laid, as they lie in the clip: x
    right, y down, shares of the pictures' side."""

    def only(self, rows: NDArray[np.intp]) -> "Aligned":
        """The clips at `rows`, indices."""
        return Aligned(self.clips.only(rows), self.landmarks[rows])


def align(
    samples: Iterable[Sample],
    model: bytes,
    shape: Shape,
    window: Window,
    told: Callable[[int, int], None] = lambda done, of: None,
    skip: Callable[[Skipped], None] = lambda skipped: None,
) -> Aligned:
    """The samples as clips of one shape, in their order; `model` is the landmarker's bytes.

    `told` hears how many are done, of how many; `skip` of each sample whose pictures cannot be read or show no face.
    Raises `BadSource` when none is left.
    """
    listed = list(samples)
    kept: list[tuple[Sample, Pictures, Points]] = []
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        for number, sample in enumerate(listed):
            told(number, len(listed))
            try:
                kept.append((sample, *aligned(sample, landmarker, shape, window)))
            except BadSource as error:
                skip(Skipped(f"{sample.dataset} {sample.name}", str(error)))
    told(len(listed), len(listed))
    if not kept:
        raise BadSource(f"none of {len(listed)} samples could be aligned; expected clips that show one face each")
    return as_clips(kept, window)


def as_clips(kept: Iterable[tuple[Sample, Pictures, Points]], window: Window) -> Aligned:
    """Aligned samples, at least one, with what `aligned` gives for each."""
    rows, pictures, landmarks = zip(*kept, strict=True)
    clips = Clips(
        pictures=np.stack(pictures),
        window=window,
        label=np.array([each.label for each in rows], np.int64),
        subject=np.array([each.subject for each in rows]),
        dataset=np.array([each.dataset for each in rows]),
        clip=np.array([each.name for each in rows]),
    )
    return Aligned(clips, np.stack(landmarks))


def aligned(sample: Sample, landmarker: Landmarker, shape: Shape, window: Window) -> tuple[Pictures, Points]:
    """One sample, from the onset that the coders saw; for want of a coded apex, the reading's own.

    With it its landmarks, (478, 2), as in `Aligned`. Raises `BadSource`, or `Unreadable`, a kind of it.
    """
    if window == "onset-apex" and not sample.apex_coded:
        (start,) = sample.load(sample.onset, sample.onset)
        _, end = apex(sample, _cut(sample, start, landmarker), landmarker)
        pictures = [start, end]
    else:
        wanted = moments(window, shape[0], sample.onset, sample.apex, sample.offset)
        loaded = sample.load(wanted[0], wanted[-1])
        pictures = [loaded[number - wanted[0]] for number in wanted]
    check_sizes(pictures)
    cut = _cut(sample, pictures[0], landmarker)
    around = [cut.of(each) for each in pictures]
    landmarks = faces_on(around, landmarker)
    if landmarks is None:
        raise Unreadable(f"no face was found on most of pictures {sample.onset} to {sample.offset}")
    return lay(around, landmarks, shape), _placed(landmarks[0])


def _placed(landmarks: Points) -> Points:
    """Landmarks, px of a picture, as shares of the side of the crop that is made of them."""
    matrix = frontal(landmarks)
    # The middle of the pixel at 0 lies half a pixel from the crop's edge.
    return np.asarray((landmarks @ matrix[:, :2].T + matrix[:, 2] + 0.5) / CROP, np.float32)


def _cut(sample: Sample, start: Image, landmarker: Landmarker) -> CutOut:
    cut = CutOut.find(start, landmarker)
    if cut is None:
        raise Unreadable(f"no face was found at its onset, picture {sample.onset}")
    return cut
