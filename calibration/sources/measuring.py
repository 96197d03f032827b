"""From clips to motion maps: what the live reading would see between a clip's onset and its apex."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.sources.cutout import CutOut, see
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.models.face import CHIN, FOREHEAD, LEFT_SIDE, RIGHT_SIDE, Face, Points
from deadpan.models.fetch import store as put
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.maps import Maps
from deadpan.models.motion import CROP, Motion, crop, encode, flow, frontal
from deadpan.models.reading import ATTENTIVE, read
from deadpan.stickers.regions import REGIONS

FASTEST = 60.0
"""Pictures a second that are looked at for an apex that nobody coded: more tell it no better."""

Centres = NDArray[np.float32]
"""(14, 2) float32: x right, y down, fractions of the crop, in the order of `REGIONS`."""


class Unreadable(BadSource):
    """A sample's pictures show no face, or one that does not move at all."""


@dataclass(frozen=True, eq=False)
class Measured:
    """One sample's motion, and where the face's regions lie on it."""

    motion: Motion
    """(28, 28, 3) uint8, as the recognizers take it."""
    centres: Centres
    """(14, 2) float32: the regions' centres, fractions of the crop."""
    size: Points
    """(2,) float32: the face's width and height, fractions of the crop."""


def measure(
    samples: Iterable[Sample],
    model: bytes,
    told: Callable[[int, int], None] = lambda done, of: None,
    skip: Callable[[Skipped], None] = lambda skipped: None,
) -> Maps:
    """The samples as motion maps, in their order; `model` is the landmarker's bytes.

    `told` hears how many are done, of how many; `skip` of each sample whose pictures cannot be read or show no face.
    Raises `BadSource` when none is left.
    """
    listed = list(samples)
    kept: list[tuple[Sample, Measured]] = []
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        for number, sample in enumerate(listed):
            told(number, len(listed))
            try:
                kept.append((sample, measured(sample, landmarker)))
            except BadSource as error:
                skip(Skipped(f"{sample.dataset} {sample.name}", str(error)))
    told(len(listed), len(listed))
    if not kept:
        raise BadSource(f"none of {len(listed)} samples could be measured; expected clips that show one face each")
    return as_maps(kept)


def measured(sample: Sample, landmarker: Landmarker) -> Measured:
    """The motion from the onset that the coders saw to the apex: theirs, or else the reading's own.

    Two pictures are loaded when the apex is coded. Raises `BadSource`, or `Unreadable`, a kind of it.
    """
    (start,) = sample.load(sample.onset, sample.onset)
    cut = CutOut.find(start, landmarker)
    onset = None if cut is None else see(cut.of(start), landmarker)
    if cut is None or onset is None:
        raise Unreadable(f"no face was found at its onset, picture {sample.onset}")
    if sample.apex_coded:
        number = sample.apex
        (end,) = sample.load(number, number)
    else:
        number, end = apex(sample, cut, landmarker)
    check_sizes([start, end])
    there = see(cut.of(end), landmarker)
    if there is None:
        raise Unreadable(f"no face was found at its apex, picture {number}")
    reference = onset.landmarks
    moved = flow(crop(cut.of(start), reference, reference), crop(cut.of(end), there.landmarks, reference))
    motion = encode(moved)
    if int(np.ptp(motion, axis=(0, 1)).min()) < 255:
        raise Unreadable(f"nothing moves between pictures {sample.onset} and {number}: are they the same?")
    return Measured(motion, *geometry(onset))


def apex(sample: Sample, cut: CutOut, landmarker: Landmarker) -> tuple[int, Image]:
    """Which picture of a sample shows the most motion by the live reading, and the picture; for want of a coded one."""
    step = max(1, round(sample.fps / FASTEST))
    pictures = sample.load(sample.onset, sample.offset)[::step]
    check_sizes(pictures)
    reading = read([cut.of(each) for each in pictures], landmarker)
    if reading is None:
        raise Unreadable(f"no face was found on most of pictures {sample.onset} to {sample.offset}")
    return sample.onset + step * reading.apex, pictures[reading.apex]


def check_sizes(pictures: Sequence[Image]) -> None:
    """Raise `Unreadable` unless all pictures of a clip are of one size: a cut-out is the same place on each."""
    sizes = list(dict.fromkeys(f"{each.shape[1]} × {each.shape[0]}" for each in pictures))
    if len(sizes) > 1:
        raise Unreadable(f"its pictures are of {len(sizes)} sizes: {sizes[0]} and {sizes[1]} px; expected one")


def geometry(face: Face) -> tuple[Centres, Points]:
    """Where the regions of `face` lie in the crop that is made of it: centres and size as in `Measured`."""
    matrix = frontal(face.landmarks)
    centres = np.stack([region.centre(face) for region in REGIONS]) @ matrix[:, :2].T + matrix[:, 2]
    across = face.landmarks[LEFT_SIDE] - face.landmarks[RIGHT_SIDE]
    along = face.landmarks[CHIN] - face.landmarks[FOREHEAD]
    size = np.linalg.norm(np.stack([across, along]) @ matrix[:, :2].T, axis=1)
    # The middle of the pixel at 0 lies half a pixel from the crop's edge.
    return ((centres + 0.5) / CROP).astype(np.float32), (size / CROP).astype(np.float32)


def as_maps(kept: Iterable[tuple[Sample, Measured]]) -> Maps:
    """Measured samples, at least one, as one table."""
    samples, found = zip(*kept, strict=True)
    return Maps(
        motion=np.stack([each.motion for each in found]),
        label=np.array([each.label for each in samples], np.int64),
        subject=np.array([each.subject for each in samples]),
        dataset=np.array([each.dataset for each in samples]),
        clip=np.array([each.name for each in samples]),
        roi_center=np.stack([each.centres for each in found]),
        face_size=np.stack([each.size for each in found]),
    )


def store(maps: Maps, path: Path) -> None:
    """Write the maps as `deadpan.models.maps.load` reads them; whole or not at all."""
    content = io.BytesIO()
    np.savez_compressed(
        content,
        flow=maps.motion,
        label=maps.label,
        subject=maps.subject,
        dataset=maps.dataset,
        clip=maps.clip,
        roi_center=maps.roi_center,
        face_size=maps.face_size,
    )
    put(path, content.getvalue())
