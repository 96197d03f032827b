"""Clips made ready for any number of victims: decoded once, and each face found once on each picture."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from deadpan.calibration.sources import measuring
from deadpan.calibration.sources.aligning import Aligned, aligned, as_clips
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.models import fetch
from deadpan.models import maps as motion_maps
from deadpan.models.alignment import Pictures
from deadpan.models.alignment import Sample as Shape
from deadpan.models.clips import Clips
from deadpan.models.description import Window
from deadpan.models.errors import DeadpanError
from deadpan.models.face import Points
from deadpan.models.folds import code
from deadpan.models.frame import Image
from deadpan.models.landmarker import Found, Landmarker
from deadpan.models.maps import Maps
from deadpan.models.reading import ATTENTIVE

Look = tuple[Shape, Window]
"""What a victim sees of a clip: the shape of its pictures, and which they are."""
CODE = {
    "deadpan.models": ("alignment", "motion", "reading", "landmarker", "search"),
    "deadpan.calibration.sources": ("aligning", "measuring", "cutout"),
}
"""Modules that decide what the clips look like."""


@dataclass(frozen=True, eq=False)
class Ready:
    """The clips of one data set as all victims see them. A clip that one of them cannot see may be there for others."""

    looks: Mapping[Look, Aligned]
    maps: Maps


def ready(
    samples: Sequence[Sample],
    model: bytes,
    looks: Sequence[Look],
    folder: Path,
    told: Callable[[int, int], None] = lambda done, of: None,
    skip: Callable[[Skipped], None] = lambda skipped: None,
) -> Ready:
    """The samples in these looks, and as motion maps; what `folder` has of them is taken from there, the rest kept.

    `told` hears how many samples are done, of how many; `skip` of each that cannot be seen, and why. Raises `BadSource`
    when there is nothing left to look at.
    """
    if not samples:
        raise BadSource("no sample to look at; expected clips that show one face each")
    mark = _mark(samples, model)
    paths = {
        look: folder / f"{samples[0].dataset}-{'x'.join(map(str, look[0]))}-{look[1]}-{mark}.npz" for look in looks
    }
    maps_path = folder / f"{samples[0].dataset}-maps-{mark}.npz"
    found = {look: _read(paths[look], look) for look in looks}
    maps = _read_maps(maps_path)
    missing = [look for look in looks if found[look] is None]
    if missing or maps is None:
        seen, measured = _look(samples, model, missing, told, skip)
        for look in missing:
            found[look] = made = as_clips(seen[look], look[1])
            _write(paths[look], made)
        if maps is None:
            maps = measuring.as_maps(measured)
            measuring.store(maps, maps_path)
    return Ready({look: each for look, each in found.items() if each is not None}, maps)


_Seen = dict[Look, list[tuple[Sample, Pictures, Points]]]


def _look(
    samples: Sequence[Sample],
    model: bytes,
    looks: Sequence[Look],
    told: Callable[[int, int], None],
    skip: Callable[[Skipped], None],
) -> tuple[_Seen, list[tuple[Sample, measuring.Measured]]]:
    seen: _Seen = {look: [] for look in looks}
    maps: list[tuple[Sample, measuring.Measured]] = []
    with _Once(model) as landmarker:
        for number, sample in enumerate(samples):
            told(number, len(samples))
            landmarker.forget()
            reasons: dict[str, None] = {}
            loaded = replace(sample, load=_Loaded(sample))
            # The widest first: what it loads holds the others' pictures.
            for look in sorted(looks, key=lambda each: each[1] == "onset-apex"):
                try:
                    seen[look].append((sample, *aligned(loaded, landmarker, *look)))
                except BadSource as error:
                    reasons[str(error)] = None
            try:
                maps.append((sample, measuring.measured(loaded, landmarker)))
            except BadSource as error:
                reasons[str(error)] = None
            for why in reasons:
                skip(Skipped(f"{sample.dataset} {sample.name}", why))
    told(len(samples), len(samples))
    if not maps or not all(seen.values()):
        raise BadSource(f"none of {len(samples)} samples can be seen; expected clips that show one face each")
    return seen, maps


class _Once(Landmarker):
    """Looks at a picture once, whoever asks how often."""

    def __init__(self, model: bytes) -> None:
        self._known: dict[bytes, list[Found]] = {}
        super().__init__(model, stream=False, detection=ATTENTIVE, faces=1)

    def find(self, rgb: Image, time: float) -> list[Found]:
        """See `Landmarker.find`."""
        key = hashlib.blake2b(f"{rgb.shape}".encode() + np.ascontiguousarray(rgb).tobytes()).digest()
        if key not in self._known:
            self._known[key] = super().find(rgb, time)
        return self._known[key]

    def forget(self) -> None:
        """A clip's pictures are not asked about again after it."""
        self._known.clear()


class _Loaded:
    """Loads a sample's pictures once, whoever asks for which; `Sample.load` as it is called."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._pictures: dict[int, Image] = {}

    def __call__(self, first: int, last: int) -> list[Image]:
        wanted = range(first, last + 1)
        if not all(number in self._pictures for number in wanted):
            self._pictures |= dict(zip(wanted, self._sample.load(first, last), strict=True))
        return [self._pictures[number] for number in wanted]


def _mark(samples: Sequence[Sample], model: bytes) -> str:
    """By what name the samples are kept: others, or another way to see them, have another."""
    digest = hashlib.sha256(hashlib.sha256(model).digest())
    for each in samples:
        digest.update(repr({name: value for name, value in vars(each).items() if name != "load"}).encode())
    # Of what the pictures show, three must do: a whole data set takes longer to read than to tell from another.
    for each in (samples[0], samples[len(samples) // 2], samples[-1]):
        digest.update(each.load(each.onset, each.onset)[0].tobytes())
    for package, modules in CODE.items():
        for module in modules:
            digest.update(code(module, package).encode())
    return digest.hexdigest()[:16]


def _write(path: Path, found: Aligned) -> None:
    content = io.BytesIO()
    np.savez(content, landmarks=found.landmarks, **{name: getattr(found.clips, name) for name in _ARRAYS})
    fetch.store(path, content.getvalue())


_ARRAYS = ("pictures", "label", "subject", "dataset", "clip")


def _read(path: Path, look: Look) -> Aligned | None:
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            return Aligned(Clips(window=look[1], **{name: file[name] for name in _ARRAYS}), file["landmarks"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _read_maps(path: Path) -> Maps | None:
    try:
        return motion_maps.load(path)
    except DeadpanError:
        return None


def spread(label: Iterable[int], subject: Iterable[str], most: int | None, seed: int = 0) -> list[int]:
    """At most so many rows, in order: people and classes take turns, in each of them clips are drawn at random."""
    kinds = list(zip(subject, label, strict=True))
    groups: dict[tuple[str, int], int] = {}
    turns = {}
    for row in np.random.default_rng(seed).permutation(len(kinds)).tolist():
        turns[row] = groups[kinds[row]] = groups.get(kinds[row], -1) + 1
    return sorted(sorted(turns, key=lambda row: turns[row])[:most])
