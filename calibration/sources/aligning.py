"""From labelled clips to what the recognizers of clips look at: the way itself is `deadpan.models.alignment`."""

from collections.abc import Callable, Iterable

import numpy as np

from deadpan.calibration.sources.cutout import CutOut
from deadpan.calibration.sources.measuring import Unreadable, apex, check_sizes
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.models.alignment import Pictures, clip_of, moments
from deadpan.models.alignment import Sample as Shape
from deadpan.models.clips import Clips
from deadpan.models.description import Window
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.reading import ATTENTIVE


def align(
    samples: Iterable[Sample],
    model: bytes,
    shape: Shape,
    window: Window,
    told: Callable[[int, int], None] = lambda done, of: None,
    skip: Callable[[Skipped], None] = lambda skipped: None,
) -> Clips:
    """The samples as clips of one shape, in their order; `model` is the landmarker's bytes.

    `told` hears how many are done, of how many; `skip` of each sample whose pictures cannot be read or show no face.
    Raises `BadSource` when none is left.
    """
    listed = list(samples)
    kept: list[tuple[Sample, Pictures]] = []
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        for number, sample in enumerate(listed):
            told(number, len(listed))
            try:
                kept.append((sample, aligned(sample, landmarker, shape, window)))
            except BadSource as error:
                skip(Skipped(f"{sample.dataset} {sample.name}", str(error)))
    told(len(listed), len(listed))
    if not kept:
        raise BadSource(f"none of {len(listed)} samples could be aligned; expected clips that show one face each")
    rows, pictures = zip(*kept, strict=True)
    return Clips(
        pictures=np.stack(pictures),
        window=window,
        label=np.array([each.label for each in rows], np.int64),
        subject=np.array([each.subject for each in rows]),
        dataset=np.array([each.dataset for each in rows]),
        clip=np.array([each.name for each in rows]),
    )


def aligned(sample: Sample, landmarker: Landmarker, shape: Shape, window: Window) -> Pictures:
    """One sample, from the onset that the coders saw; for want of a coded apex, the reading's own.

    Raises `BadSource`, or `Unreadable`, a kind of it.
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
    clip = clip_of([cut.of(each) for each in pictures], landmarker, shape)
    if clip is None:
        raise Unreadable(f"no face was found on most of pictures {sample.onset} to {sample.offset}")
    return clip


def _cut(sample: Sample, start: Image, landmarker: Landmarker) -> CutOut:
    cut = CutOut.find(start, landmarker)
    if cut is None:
        raise Unreadable(f"no face was found at its onset, picture {sample.onset}")
    return cut
