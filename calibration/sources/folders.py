"""Folders of numbered pictures, and where under a root they are."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import scandir
from pathlib import Path

import cv2
import numpy as np

from deadpan.calibration.sources.source import BadSource
from deadpan.calibration.sources.unusable import Unusable
from deadpan.models.frame import Image

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff"})
DEPTH = 7
"""Folders below the root: as deep as SMIC's clips lie in an archive that was unpacked into a folder of its own."""
MOST = 20_000
"""Folders: more than all these data sets together have; a home folder given by mistake is not searched for minutes."""


@dataclass(frozen=True, eq=False)
class Listing:
    """What one folder holds; what is hidden, such as macOS' ._img1.jpg, is not there."""

    path: Path
    above: tuple[str, ...]
    """The folders' names from the root down to this one; empty for the root."""
    folders: tuple[str, ...]
    files: tuple[str, ...]
    """Both in alphabetical order."""


def walk(root: Path, depth: int = DEPTH) -> Iterator[Listing]:
    """Every folder from the root down, in a fixed order; raises `BadSource` when the root is no folder."""
    if not root.is_dir():
        raise BadSource(f"{root}: {'not a folder' if root.exists() else 'no such folder'}; expected a data set's root")
    waiting: list[tuple[Path, tuple[str, ...]]] = [(root, ())]
    seen = 0
    while waiting:
        path, above = waiting.pop()
        seen += 1
        if seen > MOST:
            raise BadSource(f"{root}: over {MOST:,} folders; expected a data set's root: give the folder of one")
        folders, files = list[str](), list[str]()
        try:
            with scandir(path) as entries:
                for entry in entries:
                    if not entry.name.startswith((".", "~$", "__MACOSX")):
                        (folders if entry.is_dir() else files).append(entry.name)
        except OSError as error:
            if path == root:
                raise BadSource(f"{root}: cannot be read ({error.strerror})") from error
            continue
        listing = Listing(path, above, tuple(sorted(folders)), tuple(sorted(files)))
        yield listing
        if len(above) < depth:
            waiting += [(path / name, (*above, name)) for name in reversed(listing.folders)]


@dataclass(frozen=True, eq=False)
class Numbered:
    """A folder's pictures in the order of the frame numbers in their names."""

    paths: tuple[Path, ...]
    numbers: tuple[int, ...]
    """The last digits in each name: 46 of reg_img46.jpg, 5588 of 006_05588.jpg, 73 of EP01_12-73.jpg. They may begin
    anywhere and have gaps."""

    def __len__(self) -> int:
        return len(self.paths)

    def index(self, number: int) -> int | None:
        """Which picture carries the number, from 0."""
        at = bisect_left(self.numbers, number)
        return at if at < len(self) and self.numbers[at] == number else None

    def load(self, first: int, last: int) -> list[Image]:
        """The pictures from the first to the last, both included; see `Sample.load`."""
        found: list[Image] = []
        for path in self.paths[first : last + 1]:
            image = read(path)
            if found and image.shape != found[0].shape:
                (height, width), (wanted, across) = image.shape[:2], found[0].shape[:2]
                raise BadSource(f"{path}: {width}×{height} px among pictures of {across}×{wanted} px")
            found.append(image)
        return found


def numbered(folder: Path) -> Numbered:
    """The pictures of a folder; raises `Unusable` when it has none, or two of one number."""
    try:
        files = next(walk(folder, 0)).files
    except BadSource as error:
        raise Unusable(f"the folder {folder.name} cannot be read") from error
    found: dict[int, Path] = {}
    for name in files:
        digits = re.findall(r"[0-9]+", Path(name).stem)
        if Path(name).suffix.lower() not in SUFFIXES or not digits:
            continue
        number = int(digits[-1])
        if number in found:
            raise Unusable(f"{folder.name} has two pictures {number}: {found[number].name} and {name}")
        found[number] = folder / name
    if not found:
        raise Unusable(f"the folder {folder.name} has no numbered picture ({', '.join(sorted(SUFFIXES))})")
    numbers = sorted(found)
    return Numbered(tuple(found[number] for number in numbers), tuple(numbers))


def read(path: Path) -> Image:
    """A picture, (h, w, 3) uint8 BGR, grey ones too; raises `BadSource` naming the file."""
    try:
        content = np.fromfile(path, np.uint8)
        image = cv2.imdecode(content, cv2.IMREAD_COLOR) if len(content) else None
    except OSError as error:
        raise BadSource(f"{path}: cannot be read ({error.strerror})") from error
    except cv2.error:
        image = None
    if image is None:
        raise BadSource(f"{path}: not a picture that can be read; is it cut off?")
    return np.asarray(image, np.uint8)


def key(name: str) -> str:
    """What a clip's name has in common in sheet and folder; separators count: 006_1_23 is not 006_12_3."""
    return "".join(name.lower().split()).replace("-", "_")


@dataclass(frozen=True, eq=False)
class Tree:
    """One folder of subjects' folders of clips."""

    path: Path
    clips: dict[tuple[int, str], Path]
    """By the subject's number and the clip's name as `key` has it."""


def tree(root: Path, subject: re.Pattern[str], clip: re.Pattern[str], like: str) -> Tree:
    """The fullest tree; `subject` matches a subject's folder, its first group the number, `clip` a clip's inside.

    `like` says what was looked for. Raises `BadSource`.
    """
    found: dict[Path, Tree] = {}
    for listing in walk(root):
        match = subject.fullmatch(listing.path.name)
        if match:
            clips = found.setdefault(listing.path.parent, Tree(listing.path.parent, {})).clips
            for name in listing.folders:
                if clip.fullmatch(name):
                    clips[int(match[1]), key(name)] = listing.path / name
    return fullest(found.values(), root, like)


def fullest(trees: Iterable[Tree], root: Path, like: str) -> Tree:
    """The tree of most clips; of equals, one that is not called cropped, then the first by name.

    Only one, or raw and cropped pictures would be mixed. Raises `BadSource` when none has a clip.
    """
    best = min(trees, key=lambda each: (-len(each.clips), _cropped(each.path, root), str(each.path)), default=None)
    if best is None or not best.clips:
        raise BadSource(f"{root}: no clip's folder; looked for {like}; found {contents(root)}")
    return best


def contents(root: Path) -> str:
    """What a root holds, in a few words."""
    listing = next(walk(root, 0))
    names = [*(f"{name}/" for name in listing.folders), *listing.files]
    return (", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")) or "nothing"


def _cropped(path: Path, root: Path) -> bool:
    inside = path.relative_to(root) if path.is_relative_to(root) else path
    return "crop" in str(inside).lower()
