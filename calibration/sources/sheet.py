"""Coding sheets as people have them: .xlsx, .xls or .csv, notes above the header, rows that are no rows."""

import contextlib
import csv
import io
import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from deadpan.calibration.sources.source import BadSource
from deadpan.calibration.sources.unusable import Unusable

Cell = str | float | None
Columns = Mapping[str, tuple[str, ...]]
"""What is looked for: our name, and the names that it has in sheets, the official one first; case, spaces and
punctuation do not count."""
SUFFIXES = (".xlsx", ".xls", ".csv")
HEADER_WITHIN = 60
"""Rows. SAMM's header is in row 14, below notes."""
LONGEST, WIDEST = 20_000, 100
"""Rows and columns: a sheet that was formatted down to the millionth row holds no more clips for it."""
LARGEST = 32 << 20
"""Bytes, unpacked too: the sheets that exist take some 50 kB."""
MISSING = frozenset({"", "/", "\\", "-", "--", "?", "n/a", "na", "nan", "none", "null"})


class Damaged(BadSource):
    """A file that should be a sheet cannot be read as one."""


@dataclass(frozen=True, eq=False)
class Page:
    """One worksheet."""

    file: Path
    name: str
    """Of the worksheet; empty where the file has only one."""
    rows: tuple[tuple[Cell, ...], ...]
    """From row 1 on, as Excel counts; the empty ones too."""

    def where(self, row: int) -> str:
        """File and row, as complaints name them."""
        return f"{self.file.name}{f' ({self.name})' if self.name else ''}, row {row}"


@dataclass(frozen=True, eq=False)
class Row:
    """One row below the header."""

    where: str
    cells: Mapping[str, Cell]
    """By the names that `Columns` gives; a column that the sheet does not have is None."""

    def text(self, column: str) -> str:
        """What the cell says on one line; empty where it says nothing, 6 where it says 6.0."""
        return text(self.cells[column])

    def number(self, column: str) -> int | None:
        """A frame's number, as text or as a number; None where the cell says that there is none.

        Raises `Unusable` for anything else.
        """
        said = self.text(column)
        if said.lower() in MISSING:
            return None
        if not re.fullmatch(r"-?[0-9]{1,9}", said):
            raise Unusable(f"{column} is {said[:40]!r}, expected a frame's number")
        return int(said)


def text(cell: Cell) -> str:
    """What a cell says, on one line, without spaces around it."""
    if cell is None:
        return ""
    said = " ".join("".join(c if c.isprintable() else " " for c in str(cell)).split())
    # Numbers in workbooks are floats; in sheets that went through other programs they may say so.
    return said.partition(".")[0] if re.fullmatch(r"-?[0-9]+\.0+", said) else said


def normal(name: str) -> str:
    """What two spellings of one name share: small letters and digits."""
    return re.sub(r"[^0-9a-z]", "", name.lower())


def pages(path: Path) -> list[Page]:
    """The worksheets of a file that hold anything; what kind of file it is follows from its content.

    Raises `Damaged` for a file that is no sheet, `BadSource` for one that cannot be had.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise BadSource(f"{path}: over {LARGEST >> 20} MB; expected a coding sheet, .xlsx, .xls or .csv")
        content = path.read_bytes()
    except OSError as error:
        raise BadSource(f"{path}: cannot be read ({error.strerror}); expected a coding sheet") from error
    if content.startswith(b"PK"):
        kind, read = ".xlsx", _xlsx
    elif path.suffix.lower() == ".csv" and not content.startswith(b"\xd0\xcf\x11\xe0"):
        kind, read = ".csv", _csv
    else:
        kind, read = ".xls", _xls
    try:
        found = read(content)
    except Exception as error:  # what a damaged workbook makes its reader raise is no closed set
        said = f"{type(error).__name__}: {error}".splitlines()[0][:120]
        raise Damaged(f"{path}: not a {kind} sheet that can be read ({said}); save it anew as .xlsx or .csv") from error
    found = [(name, rows) for name, rows in found if any(text(cell) for row in rows for cell in row)]
    return [Page(path, name if len(found) > 1 else "", rows) for name, rows in found]


def rows(page: Page, columns: Columns, optional: Sequence[str] = ()) -> list[Row]:
    """The rows below the header, which may stand anywhere in the first `HEADER_WITHIN`; raises `BadSource` without one.

    A row that fills fewer than two of the columns looked for is empty, or a note, and is passed over.
    """
    best, header, columns_at = -1, 0, dict[str, int]()
    for number, row in enumerate(page.rows[:HEADER_WITHIN], 1):
        at = _matched(row, columns)
        if len(at) > best:
            best, header, columns_at = len(at), number, at
    missing = [name for name in columns if name not in columns_at and name not in optional]
    if missing:
        raise BadSource(_unlike(page, header, columns_at, [columns[name] for name in missing], columns))
    found = []
    for number, row in enumerate(page.rows[header:], header + 1):
        cells = {name: row[at] if at < len(row) else None for name, at in columns_at.items()}
        if sum(bool(text(cell)) for cell in cells.values()) >= 2:
            found.append(Row(page.where(number), dict.fromkeys(columns) | cells))
    return found


def table(path: Path, columns: Columns, optional: Sequence[str] = ()) -> list[Row]:
    """The rows of every worksheet that has the columns; raises `BadSource` for the one that is nearest to it."""
    found, refused = list[Row](), list[BadSource]()
    for page in pages(path):
        try:
            found += rows(page, columns, optional)
        except BadSource as error:
            refused.append(error)
    if found:
        return found
    if refused:
        raise min(refused, key=lambda error: "no header" in str(error))
    raise BadSource(f"{path}: no rows; expected the columns {', '.join(names[0] for names in columns.values())}")


def _matched(row: Sequence[Cell], columns: Columns) -> dict[str, int]:
    """Which of the columns a row names, and where."""
    said = {normal(text(cell)): at for at, cell in reversed(list(enumerate(row)))}
    found = {}
    for name, known in columns.items():
        at = next((said[normal(each)] for each in known if normal(each) in said), None)
        if at is not None:
            found[name] = at
    return found


def _unlike(
    page: Page, header: int, at: Mapping[str, int], missing: Sequence[tuple[str, ...]], columns: Columns
) -> str:
    file = f"{page.file}{f' ({page.name})' if page.name else ''}"
    if len(at) < 2:
        wanted = ", ".join(names[0] for names in columns.values())
        return f"{file}: no header in the first {HEADER_WITHIN} rows; looked for the columns {wanted}"
    lacking = "; ".join(" or ".join(names) for names in missing)
    named = ", ".join(said[:30] for said in map(text, page.rows[header - 1]) if said)
    return f"{file}, row {header}: no column {lacking}; found {named}"


def _xlsx(content: bytes) -> list[tuple[str, tuple[tuple[Cell, ...], ...]]]:
    import openpyxl

    archive = zipfile.ZipFile(io.BytesIO(content))
    unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > LARGEST:
        raise ValueError(f"{unpacked >> 20} MB unpacked, expected under {LARGEST >> 20}")
    if (merged := _merged(archive)) > LONGEST * WIDEST:
        raise ValueError(f"{merged:,} merged cells, expected under {LONGEST * WIDEST:,}")
    with warnings.catch_warnings():
        # Of extensions and styles that it drops; none touches a value.
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    found = []
    for page in book.worksheets:
        last, wide = min(page.max_row, LONGEST), min(page.max_column, WIDEST)
        values = [list(row) for row in page.iter_rows(max_row=last, max_col=wide, values_only=True)]
        for merged in page.merged_cells.ranges:
            _spread(values, merged.min_row - 1, merged.max_row, merged.min_col - 1)
        found.append((str(page.title), tuple(tuple(map(_cell, row)) for row in values)))
    return found


def _merged(archive: zipfile.ZipFile) -> int:
    """How many cells the parts of a workbook merge: openpyxl makes each of them, and a few bytes may ask for 10¹⁰."""
    from openpyxl.utils import range_boundaries

    cells = 0
    for part in archive.namelist():
        with contextlib.suppress(ElementTree.ParseError), archive.open(part) as content:
            for _, element in ElementTree.iterparse(content):
                if element.tag.rpartition("}")[2] == "mergeCell":
                    left, top, right, bottom = range_boundaries(element.get("ref", "A1"))
                    cells += (right - left + 1) * (bottom - top + 1)
                element.clear()
    return cells


def _xls(content: bytes) -> list[tuple[str, tuple[tuple[Cell, ...], ...]]]:
    import xlrd

    # Merged cells come only with the formatting; its own warnings go to standard output unless they are given a place.
    book = xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=io.StringIO())
    found = []
    for page in book.sheets():
        values = [page.row_values(row, end_colx=WIDEST) for row in range(min(page.nrows, LONGEST))]
        for top, bottom, left, _ in page.merged_cells:
            _spread(values, top, bottom, left)
        found.append((str(page.name), tuple(tuple(map(_cell, row)) for row in values)))
    return found


def _csv(content: bytes) -> list[tuple[str, tuple[tuple[Cell, ...], ...]]]:
    try:
        said = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        # Whatever code page it was saved in: names and numbers are ASCII.
        said = content.decode("latin-1")
    mark = max(",;\t", key=said[:4096].count)
    listed = csv.reader(io.StringIO(said, newline=""), delimiter=mark)
    return [("", tuple(tuple(row[:WIDEST]) for row, _ in zip(listed, range(LONGEST), strict=False)))]


def _spread(values: list[list[Cell]], top: int, bottom: int, left: int) -> None:
    """Give each row that shares a merged cell its value."""
    for row in values[top + 1 : bottom]:
        if left < len(row):
            row[left] = values[top][left]


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return str(value)
