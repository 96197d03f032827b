"""SMIC (Li 2013): `HS/s1/micro/negative/s1_ne_01/image….bmp`, and VIS and NIR; or SMIC-E, whose clips are longer.

A clip of SMIC is the micro-expression, from onset to offset, and needs no sheet. A clip of SMIC-E (`s01/s1_ne_01/`) has
time before and after it, and SMIC-HS-E_annotation.xlsx says the frame numbers.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from deadpan.calibration.sources import folders
from deadpan.calibration.sources.classes import MEGC, PAPER, Classes
from deadpan.calibration.sources.coded_clips import coding, usable
from deadpan.calibration.sources.folders import Tree
from deadpan.calibration.sources.moments import Moments, moments
from deadpan.calibration.sources.sheet import Columns, Row
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.calibration.sources.unusable import Unusable

FPS = {"hs": 100.0, "vis": 25.0, "nir": 25.0}
COLUMNS: Columns = {
    "subject": ("Subject",),
    "clip": ("Filename",),
    "onset": ("OnsetF", "OnsetFrame"),
    "offset": ("OffsetF", "OffsetFrame"),
}
CLASS = {"ne": "negative", "po": "positive", "sur": "surprise"}
_SUBJECT = re.compile(r"s([0-9]+)", re.IGNORECASE)
_CLIP = re.compile(r"s([0-9]+)_(ne|po|sur)_([0-9]+)", re.IGNORECASE)
_CAMERA = re.compile(r"(?:^|[^a-z])(hs|vis|nir)(?:[^a-z]|$)")


def camera_of(listing: folders.Listing, root: Path) -> str:
    """Which of `FPS` took the clip in a folder, by the names of the folders above it; hs when none says."""
    said = [_CAMERA.findall(part.lower()) for part in (root.resolve().name, *listing.above[:-1])]
    return next((each[-1] for each in reversed(said) if each), "hs")


class Smic:
    """A `Source` of one of SMIC's three cameras."""

    def __init__(self, root: Path, camera: str = "hs", classes: Classes = MEGC) -> None:
        """Read what the high-speed (hs), visual (vis) or near-infrared (nir) camera saw."""
        self.name = "smic" if camera == "hs" else f"smic-{camera}"
        self.root, self.camera, self.classes = root, camera, classes

    def samples(self, skip: Callable[[Skipped], None]) -> Iterator[Sample]:
        """See `Source.samples`: by subject and clip; from SMIC-E's sheet, in its order.

        Where both are there, the paper's classes take SMIC-E and the composite SMIC. A row of SMIC-E is one sample,
        also where it codes a second micro-expression in the same clip. No apex is coded.
        """
        short, long = self._trees()
        if long and (self.classes is PAPER or not short):
            tree = folders.fullest(long, self.root, f"{self.camera.upper()}/s01/s1_ne_01/")
            title, called = "SMIC-E", f"SMIC-{self.camera.upper()}-E_annotation.xlsx"
            rows = coding(self.root, COLUMNS, title, called, skip)
            yield from usable(rows, lambda row: [self._coded(row, tree)], skip, self.root)
            return
        tree = folders.fullest(short, self.root, f"{self.camera.upper()}/s1/micro/negative/s1_ne_01/")
        used = False
        for _, folder in sorted(tree.clips.items()):
            try:
                sample = self._whole(folder)
            except Unusable as error:
                skip(Skipped(str(folder.relative_to(self.root)), str(error)))
                continue
            used = True
            yield sample
        if not used:
            raise BadSource(f"{self.root}: none of {len(tree.clips)} clips can be used")

    def _trees(self) -> tuple[list[Tree], list[Tree]]:
        """SMIC's trees and SMIC-E's, of this camera; what does not say its camera is high speed."""
        found: tuple[dict[Path, Tree], dict[Path, Tree]] = ({}, {})
        for listing in folders.walk(self.root):
            match = _CLIP.fullmatch(listing.path.name)
            if not match:
                continue
            path = listing.path
            top = next((up.parent for up in list(path.parents)[:4] if _SUBJECT.fullmatch(up.name)), path.parent)
            if camera_of(listing, self.root) != self.camera:
                continue
            kind = found[0] if path.parent.name.lower() in CLASS.values() else found[1]
            kind.setdefault(top, Tree(top, {})).clips[int(match[1]), folders.key(path.name)] = path
        return list(found[0].values()), list(found[1].values())

    def _whole(self, folder: Path) -> Sample:
        pictures = folders.numbered(folder)
        if len(pictures) < 2:
            raise Unusable("one picture; expected a clip")
        at = moments(pictures, pictures.numbers[0], None, pictures.numbers[-1])
        return self._sample(folder, pictures, at, folder.parent.name.lower())

    def _coded(self, row: Row, tree: Tree) -> Sample:
        said = row.text("clip")
        match = _CLIP.fullmatch(said)
        folder = tree.clips.get((int(match[1]), folders.key(said))) if match else None
        if folder is None:
            raise Unusable(f"no folder {said[:60] or '(no name)'} in {tree.path.name}")
        pictures = folders.numbered(folder)
        return self._sample(folder, pictures, moments(pictures, row.number("onset"), None, row.number("offset")))

    def _sample(self, folder: Path, pictures: folders.Numbered, at: Moments, above: str | None = None) -> Sample:
        match = _CLIP.fullmatch(folder.name)
        assert match
        emotion = CLASS[match[2].lower()]
        if above not in (None, emotion):
            raise Unusable(f"its name says {emotion}, the folder above {above}")
        subject = f"s{int(match[1]):02d}"
        name = f"{subject}_{folder.name}"
        return Sample(
            name=name,
            subject=subject,
            dataset=self.name,
            label=self.classes.label(self.name, name, emotion),
            emotion=emotion,
            action_units="",
            fps=FPS[self.camera],
            onset=at.onset,
            apex=at.apex,
            offset=at.offset,
            length=len(pictures),
            apex_coded=at.apex_coded,
            load=pictures.load,
        )
