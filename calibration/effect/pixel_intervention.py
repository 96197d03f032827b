"""Intervention on the pictures themselves: real stickers on a clip, and what somebody who reads the result sees.

On maps do(v = δ) is a patch on which nothing moves. On pictures more happens: the sticker is laid on landmarks that
tremble, its edge moves against the skin, the reader finds the face anew behind it, or does not.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.victims import Labels, Victim
from deadpan.calibration.sources.cutout import CutOut
from deadpan.calibration.sources.measuring import FASTEST, Unreadable, check_sizes
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.calibration.sources.spreading import spread
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.maps import LABELS
from deadpan.models.reading import ATTENTIVE, read
from deadpan.models.tracker import FaceTracker
from deadpan.stickers.plan import Plan, Provenance
from deadpan.stickers.protection import StickerProtection, random_places
from deadpan.stickers.regions import BY_NAME, Region
from deadpan.stickers.sticker import Sticker

NOBODY = len(LABELS)
"""The label of a reading that found no face: no clip's own, so it is another label and a wrong one."""
DRAWS = 10
"""Random places a clip for each number of stickers: each costs as much as a set of regions."""
MOST_CLIPS = 60


@dataclass(frozen=True, eq=False)
class Answers:
    """What victims call each clip behind stickers."""

    label: NDArray[np.int64]
    """(n,): what it is, an index into `LABELS`."""
    subject: NDArray[np.str_]
    """(n,)."""
    dataset: NDArray[np.str_]
    """(n,)."""
    clip: NDArray[np.str_]
    """(n,): its name."""
    k: float
    """Stickers are k tenths of the face."""
    sticker: str
    clean: Labels
    """(victims, n) int8, as read from the pictures themselves; so all: `LABELS`, or `NOBODY`."""
    behind: Mapping[tuple[str, ...], Labels]
    """Regions → (victims, n)."""
    random: Mapping[int, tuple[Labels, ...]]
    """Number of stickers → for each draw (victims, n), every clip with places of its own."""
    readings: int
    """Clips read: one query each of every victim."""


@dataclass(frozen=True, eq=False)
class _Shown:
    """A sample's pictures around the face, and the face on each."""

    pictures: Sequence[Image]
    faces: Sequence[Face]
    fps: float


def answers(
    samples: Iterable[Sample],
    model: bytes,
    victims: Sequence[Victim],
    sets: Sequence[tuple[str, ...]],
    sticker: Sticker,
    k: float = 2.0,
    *,
    draws: int = DRAWS,
    most: int = MOST_CLIPS,
    seed: int = 0,
    told: Callable[[int, int], None] = lambda done, of: None,
    skip: Callable[[Skipped], None] = lambda skipped: None,
) -> Answers:
    """Lay stickers on each of `sets`, names of regions, and on as many random places, `draws` times; read each result.

    `model` is the landmarker's bytes. Of more than `most` samples as many are taken as evenly from all subjects as can
    be. `told` hears how many are done, of how many; `skip` of each sample that cannot be read even without stickers, or
    on which the protection would have shown the shutter. Raises `BadSource` when none is left.
    """
    listed = list(samples)
    chosen = [listed[row] for row in spread([each.subject for each in listed], most, seed)]
    counts = sorted({len(each) for each in sets}) if draws else []
    kept: list[Sample] = []
    rows: list[NDArray[np.int8]] = []
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        for number, sample in enumerate(chosen):
            told(number, len(chosen))
            try:
                shown = _shown(sample, model, landmarker)
                random = np.random.default_rng([seed, *sha256(f"{sample.dataset}/{sample.name}".encode()).digest()])
                places = [random_places(shown.faces[0], count, random) for count in counts for _ in range(draws)]
                laid = [(), *(tuple(BY_NAME[name] for name in each) for each in sets), *places]
                # Side by side, so that the clip is in memory once.
                row = [_told(shown, regions, sticker, k, victims, sample.subject, landmarker) for regions in laid]
            except BadSource as error:
                skip(Skipped(f"{sample.dataset} {sample.name}", str(error)))
                continue
            kept.append(sample)
            rows.append(np.stack(row))
    told(len(chosen), len(chosen))
    if not kept:
        raise BadSource(f"none of {len(chosen)} samples could be read; expected clips that show one face each")
    table = np.stack(rows, axis=-1)
    first = 1 + len(sets)
    return Answers(
        label=np.array([each.label for each in kept], np.int64),
        subject=np.array([each.subject for each in kept]),
        dataset=np.array([each.dataset for each in kept]),
        clip=np.array([each.name for each in kept]),
        k=k,
        sticker=sticker.name,
        clean=table[0],
        behind=dict(zip(sets, table[1:first], strict=True)),
        random={count: tuple(table[first + i * draws :][:draws]) for i, count in enumerate(counts)},
        readings=table.shape[0] * table.shape[2],
    )


def _shown(sample: Sample, model: bytes, landmarker: Landmarker) -> _Shown:
    """A sample from onset to offset, as the live tracker follows it."""
    step = max(1, round(sample.fps / FASTEST))
    pictures = sample.load(sample.onset, sample.offset)[::step]
    check_sizes(pictures)
    cut = CutOut.find(pictures[0], landmarker)
    if cut is None:
        raise Unreadable(f"no face was found at its onset, picture {sample.onset}")
    fps = sample.fps / step
    around = [cut.of(each) for each in pictures]
    tracker = FaceTracker(model)
    try:
        faces = [tracker.track(Frame(each, i, i / fps, 0.0)).faces for i, each in enumerate(around)]
    finally:
        tracker.close()
    if not all(faces):
        raise Unreadable(f"the face is lost on {sum(not each for each in faces)} of {len(faces)} pictures")
    return _Shown(around, [max(each, key=lambda face: face.width) for each in faces], fps)


def _told(
    shown: _Shown,
    regions: tuple[Region, ...],
    sticker: Sticker,
    k: float,
    victims: Sequence[Victim],
    subject: str,
    landmarker: Landmarker,
) -> NDArray[np.int8]:
    """(victims,): what each says of the clip with stickers on `regions`."""
    reading = read(_laid(shown, regions, sticker, k), landmarker)
    if reading is None and not regions:
        raise Unreadable("no face is found on most of its pictures")
    if reading is None:
        return np.full(len(victims), NOBODY, np.int8)
    return np.array([each.predict(subject, reading.motion[None])[0].argmax() for each in victims], np.int8)


def _laid(shown: _Shown, regions: tuple[Region, ...], sticker: Sticker, k: float) -> Sequence[Image]:
    """The pictures as the live protection would send them."""
    if not regions:
        return shown.pictures
    plan = Plan(
        version=1,
        name="intervention",
        regions=(next(iter(BY_NAME)),),
        k=k,
        provenance=Provenance(source="intervention", measured=False),
    )
    protection = StickerProtection(plan, sticker, regions)
    sent: list[Image] = []
    for i, (picture, face) in enumerate(zip(shown.pictures, shown.faces, strict=True)):
        done = protection.apply(Frame(picture, i, i / shown.fps, 0.0), Sighting(i, (face,)))
        if done is None:
            raise Unreadable("the protection does not vouch for all of its pictures")
        sent.append(done.frame.image)
    return sent
