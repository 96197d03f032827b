"""The common way of CASME, CASME II and SAMM: a sheet whose rows name subjects' folders of numbered pictures."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deadpan.calibration.sources import folders, sheet
from deadpan.calibration.sources.classes import MEGC, Classes
from deadpan.calibration.sources.moments import moments
from deadpan.calibration.sources.sheet import Columns, Row
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.calibration.sources.unusable import Unusable


@dataclass(frozen=True, eq=False)
class Layout:
    """How one data set is laid out."""

    name: str
    title: str
    """As its authors write it."""
    fps: float
    columns: Columns
    """With subject, clip, onset, apex, offset, units, emotion."""
    sheets: str
    """What its sheet is called, for complaints."""
    subject_folder: re.Pattern[str]
    """Matches a subject's folder; the first group is the number."""
    clip_folder: re.Pattern[str]
    """Matches a clip's folder inside."""
    like: str
    """What a clip's folder looks like, for complaints."""
    subject: str
    """Makes the subject's name from the number."""


class CodedClips:
    """A `Source` of one such layout."""

    def __init__(self, layout: Layout, root: Path, classes: Classes = MEGC) -> None:
        """Read under `root`."""
        self.name = layout.name
        self.layout, self.root, self.classes = layout, root, classes

    def samples(self, skip: Callable[[Skipped], None]) -> Iterator[Sample]:
        """See `Source.samples`: in the sheet's order."""
        layout = self.layout
        rows = coding(self.root, layout.columns, layout.title, layout.sheets, skip)
        tree = folders.tree(self.root, layout.subject_folder, layout.clip_folder, layout.like)
        seen: dict[str, str] = {}
        yield from usable(rows, lambda row: [self._sample(row, tree, seen)], skip, self.root)

    def _sample(self, row: Row, tree: folders.Tree, seen: dict[str, str]) -> Sample:
        layout = self.layout
        number = subject_number(row.text("subject"))
        subject = layout.subject.format(number)
        folder = tree.clips.get((number, folders.key(row.text("clip"))))
        if folder is None:
            raise Unusable(f"no folder {row.text('clip')[:60] or '(no name)'} of {subject} in {tree.path.name}")
        name = f"{subject}_{folder.name}"
        label = self.classes.label(layout.name, name, row.text("emotion"))
        if name in seen:
            raise Unusable(f"{name} was in {seen[name]} already")
        pictures = folders.numbered(folder)
        at = moments(pictures, row.number("onset"), row.number("apex"), row.number("offset"))
        seen[name] = row.where
        return Sample(
            name=name,
            subject=subject,
            dataset=layout.name,
            label=label,
            emotion=row.text("emotion").lower(),
            action_units=row.text("units"),
            fps=layout.fps,
            onset=at.onset,
            apex=at.apex,
            offset=at.offset,
            length=len(pictures),
            apex_coded=at.apex_coded,
            load=pictures.load,
        )


def subject_number(said: str) -> int:
    """1 of 1, 01, sub01 or s1; raises `Unusable`."""
    match = re.fullmatch(r"(?:sub|s)?\s*([0-9]{1,4})", said, re.IGNORECASE)
    if match is None:
        raise Unusable(f"subject is {said[:40]!r}, expected a number")
    return int(match[1])


def usable(
    rows: list[Row], samples: Callable[[Row], list[Sample]], skip: Callable[[Skipped], None], root: Path
) -> Iterator[Sample]:
    """The samples of each row that can be used; `skip` is told of the others, `BadSource` raised if they are all."""
    used, first = False, None
    for row in rows:
        try:
            found = samples(row)
        except Unusable as error:
            skipped = Skipped(row.where, str(error))
            first = first or skipped
            skip(skipped)
            continue
        used = used or bool(found)
        yield from found
    if not used:
        raise BadSource(f"{root}: none of {len(rows)} rows can be used; {first or 'the sheet is empty'}")


def coding(
    root: Path,
    columns: Columns,
    title: str,
    called: str,
    skip: Callable[[Skipped], None],
) -> list[Row]:
    """The rows of the coding sheet under `root`: of those that fit, the one with the latest name.

    `skip` is told of a damaged one that another stands in for. Raises `BadSource` when there is none, or names the
    columns that the nearest one lacks.
    """
    refused: dict[Path, BadSource] = {}
    for path in sheets(root):
        try:
            found = sheet.table(path, columns, ("units",))
        except BadSource as error:
            refused[path] = error
            continue
        for other, damage in refused.items():
            if isinstance(damage, sheet.Damaged):
                skip(Skipped(other.name, str(damage).removeprefix(f"{other}: ")))
        return found
    if refused:
        raise min(refused.values(), key=lambda error: "no column" not in str(error))
    raise BadSource(
        f"{root}: no coding sheet of {title}; looked for {called} ({', '.join(sheet.SUFFIXES)}) with the columns "
        f"{', '.join(names[0] for names in columns.values())}; found {folders.contents(root)}; give the folder that "
        "holds sheet and clips"
    )


def sheets(root: Path) -> list[Path]:
    """Every file that may be a coding sheet, nearest to the root first, then the latest name: they carry dates."""
    found = [(len(each.above), each.path / name) for each in folders.walk(root, 3) for name in each.files]
    listed = [(depth, path) for depth, path in found if path.suffix.lower() in sheet.SUFFIXES]
    latest = sorted(listed, key=lambda each: each[1].name, reverse=True)
    return [path for _, path in sorted(latest, key=lambda each: each[0])]
