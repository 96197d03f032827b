"""CAS(ME)² (Qu 2018): `rawpic/s15/15_0101disgustingteeth/img001.jpg` and CAS(ME)^2code_final.xlsx; 30 fps.

The workbook has no headers and three worksheets: the codes, whose rows say 1 and disgust1_1, and two that say which
subject 1 is (s15) and which video disgust1 is (0101).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from deadpan.calibration.sources import folders, sheet
from deadpan.calibration.sources.classes import MEGC, Classes
from deadpan.calibration.sources.coded_clips import sheets, usable
from deadpan.calibration.sources.folders import Tree
from deadpan.calibration.sources.moments import moments
from deadpan.calibration.sources.sheet import Page, Row
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.calibration.sources.unusable import Unusable

NAME = "casme-squared"
FPS = 30.0
COLUMNS = ("subject", "video", "onset", "apex", "offset", "units", "emotion", "type", "self-report")
"""In this order; emotion is negative, positive, surprise or others."""
LIKE = "s15/15_0101disgustingteeth/"
_VIDEO = re.compile(r"([0-9]+)_([0-9]{4}).*")


class CasMeSquared:
    """A `Source` of the micro-expressions among CAS(ME)²'s long videos."""

    name = NAME

    def __init__(self, root: Path, classes: Classes = MEGC) -> None:
        """Read under `root`."""
        self.root, self.classes = root, classes

    def samples(self, skip: Callable[[Skipped], None]) -> Iterator[Sample]:
        """See `Source.samples`: in the sheet's order; macro-expressions are skipped."""
        pages, codes = self._workbook()
        subjects = _named(pages, re.compile(r"s0*([0-9]+)"), re.compile(r"([0-9]+)"), "1 and s15")
        videos = _named(pages, re.compile(r"0*([0-9]{3,4})"), re.compile(r"([a-z]{3,}[0-9]+)"), "disgust1 and 0101")
        tree = self._tree()
        yield from usable(_rows(codes), lambda row: [self._sample(row, subjects, videos, tree)], skip, self.root)

    def _workbook(self) -> tuple[list[Page], Page]:
        """All worksheets, and which is the codes'."""
        paths = sheets(self.root)
        refused: BadSource | None = None
        for path in paths:
            try:
                pages = sheet.pages(path)
            except BadSource as error:
                refused = refused or error
                continue
            for page in pages:
                if any(_kind(row) for row in page.rows):
                    return pages, page
            if pages:
                first = ", ".join(sheet.text(cell)[:30] for cell in pages[0].rows[0])
                refused = BadSource(
                    f"{path}: column {COLUMNS.index('type') + 1} says micro-expression in no row; expected the columns "
                    f"{', '.join(COLUMNS)}, without a header; row 1 is {first}"
                )
        raise refused or BadSource(
            f"{self.root}: no coding sheet of CAS(ME)²; looked for CAS(ME)^2code_final.xlsx; found "
            f"{folders.contents(self.root)}; give the folder that holds sheet and clips"
        )

    def _tree(self) -> Tree:
        """By the number and the code in each folder's own name: 23's 0502 lies in s19."""
        found: dict[Path, Tree] = {}
        for listing in folders.walk(self.root):
            match = _VIDEO.fullmatch(listing.path.name)
            if match:
                top = listing.path.parent.parent
                found.setdefault(top, Tree(top, {})).clips[int(match[1]), str(int(match[2]))] = listing.path
        return folders.fullest(found.values(), self.root, LIKE)

    def _sample(self, row: Row, subjects: dict[str, str], videos: dict[str, str], tree: Tree) -> Sample:
        kind = row.text("type").lower()
        if not kind.startswith("micro"):
            raise Unusable("a macro-expression" if kind.startswith("macro") else f"type is {kind[:30]!r}")
        who, video = row.text("subject"), row.text("video")
        subject, code = subjects.get(who), videos.get(video.partition("_")[0].lower())
        if subject is None or code is None:
            unknown = f"which subject {who[:40]!r}" if subject is None else f"which video {video[:40]!r}"
            raise Unusable(f"no worksheet says {unknown} is")
        folder = tree.clips.get((int(subject), code))
        if folder is None:
            raise Unusable(f"no folder {int(subject):02d}_{code.zfill(4)}… in {tree.path.name}")
        name = f"s{int(subject):02d}_{video}"
        label = self.classes.label(NAME, name, row.text("emotion"))
        pictures = folders.numbered(folder)
        at = moments(pictures, row.number("onset"), row.number("apex"), row.number("offset"))
        return Sample(
            name=name,
            subject=f"{NAME}-s{int(subject):02d}",
            dataset=NAME,
            label=label,
            emotion=row.text("emotion").lower(),
            action_units=row.text("units"),
            fps=FPS,
            onset=at.onset,
            apex=at.apex,
            offset=at.offset,
            length=len(pictures),
            apex_coded=at.apex_coded,
            load=pictures.load,
        )


def _kind(row: Sequence[sheet.Cell]) -> bool:
    at = COLUMNS.index("type")
    return len(row) > at and sheet.text(row[at]).lower().startswith("micro")


def _rows(page: Page) -> list[Row]:
    """Those that say anything; a first row without a number of a frame is a header that somebody added."""
    found = []
    for number, cells in enumerate(page.rows, 1):
        row = Row(page.where(number), dict.fromkeys(COLUMNS) | dict(zip(COLUMNS, cells, strict=False)))
        header = number == 1 and not any(c.isdigit() for c in row.text("onset"))
        if not header and sum(bool(row.text(column)) for column in COLUMNS) >= 2:
            found.append(row)
    return found


def _named(pages: Sequence[Page], to: re.Pattern[str], of: re.Pattern[str], like: str) -> dict[str, str]:
    """What a worksheet with pairs such as `like` says: from what `of` matches to what `to` does."""
    for page in pages:
        found = {}
        for row in page.rows:
            said = [sheet.text(cell).lower() for cell in row]
            # The number that the codes use stands last: s15, s15, 1.
            one = next((match[1] for match in map(to.fullmatch, said) if match), None)
            other = next((match[1] for match in map(of.fullmatch, reversed(said)) if match), None)
            if one is not None and other is not None:
                found[other] = one
        if found:
            return found
    names = ", ".join(page.name or "(one without a name)" for page in pages)
    raise BadSource(f"{pages[0].file}: no worksheet with pairs such as {like}; found the worksheets {names}")
