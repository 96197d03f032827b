"""A folder of pictures per class, as FER2013 is unpacked: stills, so they hold no motion."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deadpan.calibration.sources import folders
from deadpan.calibration.sources.source import BadSource, Skipped
from deadpan.models.fer2013 import LABELS
from deadpan.models.frame import Image

SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "publictest": "validation",
    "test": "test",
    "testing": "test",
    "privatetest": "test",
}
"""What a folder above the classes may be called, and what it is; FER2013's public test is its validation set."""
WORDS = {word: word for word in LABELS} | {
    "anger": "angry",
    "disgusted": "disgust",
    "fearful": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}
LIKE = "angry/1.png, or train/angry/1.png"


@dataclass(frozen=True)
class Picture:
    """One labelled still."""

    path: Path
    label: int
    """An index into `Images.classes`."""
    emotion: str
    """The class's name."""
    split: str
    """train, validation, test; empty where no folder says."""

    def read(self) -> Image:
        """(h, w, 3) uint8 BGR; raises `BadSource` naming the file."""
        return folders.read(self.path)


class Images:
    """Pictures in a folder per class."""

    name = "images"

    def __init__(self, root: Path) -> None:
        """Look at the folders under `root`; raises `BadSource` when they are not like that."""
        self.root = root
        found: dict[Path, tuple[str, str, tuple[str, ...]]] = {}
        for listing in folders.walk(root, 4):
            names = tuple(name for name in listing.files if Path(name).suffix.lower() in folders.SUFFIXES)
            if names and not listing.above:
                raise BadSource(f"{root}: pictures in no folder, {names[0]}; expected one folder per class: {LIKE}")
            if names:
                split = SPLITS.get(listing.above[-2].lower(), "") if len(listing.above) > 1 else ""
                found[listing.path] = (listing.above[-1].lower(), split, names)
        words = {word for word, _, _ in found.values()}
        if len(words) < 2:
            said = f"all pictures in folders {next(iter(words))}" if words else "no folder of pictures"
            raise BadSource(f"{root}: {said}; expected one folder per class: {LIKE}")
        known = words <= WORDS.keys()
        self.classes: tuple[str, ...] = LABELS if known else tuple(sorted(words))
        """FER2013's seven when every folder has the name of one; otherwise the folders' names in alphabetical order."""
        self._found = [
            (path, WORDS[word] if known else word, split, names) for path, (word, split, names) in found.items()
        ]

    def pictures(self, skip: Callable[[Skipped], None]) -> Iterator[Picture]:
        """Every picture that can be read, in a fixed order; `skip` is told of each that cannot."""
        for path, word, split, names in self._found:
            for name in names:
                picture = Picture(path / name, self.classes.index(word), word, split)
                try:
                    picture.read()
                except BadSource as error:
                    where = str(picture.path.relative_to(self.root))
                    skip(Skipped(where, str(error).removeprefix(f"{picture.path}: ")))
                    continue
                yield picture
