"""Clips made ready for any number of victims: decoded once, and each face found once on each picture."""

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.sources.aligning import Aligned, aligned, as_clips
from deadpan.calibration.sources.measuring import Measured, Unreadable, as_maps, measured
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.models import fetch
from deadpan.models.alignment import Sample as Shape
from deadpan.models.description import Window
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
Arrays = tuple[NDArray[Any], ...]
"""What one way to see a sample gives."""
Seen = Arrays | str
"""That, or why there is none."""
Way = Callable[[Sample, Landmarker], Arrays]
MAPS = "maps"
"""What the way is called that gives motion maps; the others have their look's name."""


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
    """The samples in these looks, and as motion maps; what `folder` has of them is taken from there.

    The rest is made, and each sample kept as soon as it is done. `told` hears how many are done, of how many; `skip` of
    each that cannot be seen, and why. Raises `BadSource` when there is nothing left to look at.
    """
    if not samples:
        raise BadSource("no sample to look at; expected clips that show one face each")
    place = folder / f"{samples[0].dataset}-{_mark(samples, model)}"
    # The widest first: what it loads holds the others' pictures.
    ways = {_name(look): partial(_aligned, look) for look in sorted(looks, key=lambda each: each[1] == "onset-apex")}
    seen = _seen(samples, model, {**ways, MAPS: _moved}, place, told)
    for sample, found in zip(samples, seen, strict=True):
        for why in dict.fromkeys(each for each in found.values() if isinstance(each, str)):
            skip(Skipped(f"{sample.dataset} {sample.name}", why))

    def there(way: str) -> list[tuple[Sample, Arrays]]:
        every = ((sample, found[way]) for sample, found in zip(samples, seen, strict=True))
        kept = [(sample, each) for sample, each in every if not isinstance(each, str)]
        if not kept:
            raise BadSource(f"none of {len(samples)} samples can be seen; expected clips that show one face each")
        return kept

    return Ready(
        {look: as_clips([(at, one, other) for at, (one, other) in there(_name(look))], look[1]) for look in looks},
        as_maps([(sample, Measured(*each)) for sample, each in there(MAPS)]),
    )


def _seen(
    samples: Sequence[Sample], model: bytes, ways: Mapping[str, Way], place: Path, told: Callable[[int, int], None]
) -> list[dict[str, Seen]]:
    """What each sample looks like in each of the ways; a sample that lacks one is looked at, and kept at once."""
    paths = [{way: place / way / f"{number}.npz" for way in ways} for number in range(len(samples))]
    seen = [{way: each for way, path in own.items() if (each := _read(path, way)) is not None} for own in paths]
    missing = [number for number, found in enumerate(seen) if len(found) < len(ways)]
    if not missing:
        return seen
    with suppress(OSError):  # which is told when the first is written
        place.mkdir(mode=0o700, parents=True, exist_ok=True)  # faces, and their owners let only this user have them
    with _Once(model) as landmarker:
        for done, number in enumerate(missing, len(samples) - len(missing)):
            told(done, len(samples))
            landmarker.forget()
            loaded = replace(samples[number], load=_Loaded(samples[number]))
            for way in [each for each in ways if each not in seen[number]]:
                try:
                    seen[number][way] = ways[way](loaded, landmarker)
                except BadSource as error:
                    seen[number][way] = str(error)
                    # A file that cannot be read may be there the next time.
                    if not isinstance(error, Unreadable):
                        continue
                _write(paths[number][way], seen[number][way])
    told(len(samples), len(samples))
    return seen


def _aligned(look: Look, sample: Sample, landmarker: Landmarker) -> Arrays:
    return aligned(sample, landmarker, *look)


def _moved(sample: Sample, landmarker: Landmarker) -> Arrays:
    found = measured(sample, landmarker)
    return found.motion, found.centres, found.size


def _name(look: Look) -> str:
    return f"{'x'.join(map(str, look[0]))}-{look[1]}"


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
        with suppress(BadSource):  # which is told when it is looked at
            digest.update(each.load(each.onset, each.onset)[0].tobytes())
    for package, modules in CODE.items():
        for module in modules:
            digest.update(code(module, package).encode())
    return digest.hexdigest()[:16]


def _write(path: Path, seen: Seen) -> None:
    content = io.BytesIO()
    np.savez(content, *([np.array(seen)] if isinstance(seen, str) else seen))
    fetch.store(path, content.getvalue())


def _read(path: Path, way: str) -> Seen | None:
    """What `_write` wrote; None when it is not there, or damaged."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            names, found = file.files, tuple(file[name] for name in file.files)
    except Exception:  # of whatever kind: damage may read as a password or another compression, too
        return None
    # Each array has a checksum; what says how many there are, and which, has none.
    if names != [f"arr_{number}" for number in range(len(names))]:
        return None
    if len(found) == 1 and found[0].dtype.kind == "U":
        return str(found[0])
    return found if len(found) == (3 if way == MAPS else 2) else None
