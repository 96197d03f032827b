"""A coding sheet is read whatever kind of file it is, wherever its header is; what it lacks is named."""

import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

from deadpan.calibration.sources import sheet
from deadpan.calibration.sources.source import BadSource
from deadpan.calibration.sources.unusable import Unusable

COLUMNS = {"subject": ("Subject",), "clip": ("Filename",), "onset": ("OnsetFrame", "OnsetF")}
LINES: list[list[object]] = [
    ["Subject", "Filename", None, "Onset Frame"],
    [1, "EP02_01f ", None, 46],
    ["01", "EP03_02", None, "136.0"],
    [2.0, "EP04_04", None, "/"],
]


def xlsx(path: Path, pages: dict[str, Sequence[Sequence[object]]]) -> Path:
    book = openpyxl.Workbook()
    assert book.active
    book.remove(book.active)
    for name, lines in pages.items():
        page = book.create_sheet(name)
        for line in lines:
            page.append(list(line))
    book.save(path)
    return path


def xls(path: Path, lines: Sequence[Sequence[object]]) -> Path:
    """BIFF2, the oldest of what is called .xls: records of (kind, length, content)."""
    records = [(0x09, struct.pack("<HH", 2, 0x10))]
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            at = struct.pack("<HH3x", row, column)
            if isinstance(value, str):
                records.append((0x04, at + bytes([len(value)]) + value.encode("ascii")))
            elif isinstance(value, int | float):
                records.append((0x03, at + struct.pack("<d", value)))
    records.append((0x0A, b""))
    path.write_bytes(b"".join(struct.pack("<HH", kind, len(content)) + content for kind, content in records))
    return path


def csv(path: Path, lines: Sequence[Sequence[object]]) -> Path:
    text = "\n".join(";".join("" if cell is None else str(cell) for cell in line) for line in lines)
    path.write_text(text, "utf-8-sig")
    return path


WRITERS: dict[str, Callable[[Path, Sequence[Sequence[object]]], Path]] = {
    "xlsx": lambda path, lines: xlsx(path, {"Sheet1": lines}),
    "xls": xls,
    "csv": csv,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_file_says_the_same(tmp_path: Path, kind: str) -> None:
    rows = sheet.table(WRITERS[kind](tmp_path / f"codes.{kind}", LINES), COLUMNS)
    assert [(row.text("subject"), row.text("clip"), row.number("onset")) for row in rows] == [
        ("1", "EP02_01f", 46),
        ("01", "EP03_02", 136),
        ("2", "EP04_04", None),
    ]
    assert [row.where for row in rows] == [f"codes.{kind}, row {n}" for n in (2, 3, 4)]


def test_the_content_says_what_a_file_is_not_its_name(tmp_path: Path) -> None:
    assert len(sheet.table(xlsx(tmp_path / "codes.xls", {"Sheet1": LINES}), COLUMNS)) == 3


@pytest.mark.parametrize("kind", WRITERS)
def test_notes_above_and_below_and_empty_rows_are_no_rows(tmp_path: Path, kind: str) -> None:
    notes = [["Codes of the data set, see below"], [], ["Subject: a number"], []]
    lines = [*notes, *LINES[:2], [], ["3", ""], ["That is all."], [None, None], *LINES[2:3], [], []]
    rows = sheet.table(WRITERS[kind](tmp_path / f"codes.{kind}", lines), COLUMNS)
    assert [row.where for row in rows] == [f"codes.{kind}, row {n}" for n in (6, 11)]


def test_a_merged_cell_says_the_same_in_each_of_its_rows(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "codes.xlsx", {"Sheet1": [*LINES[:2], [None, "EP02_02", None, 5], [None, "EP02_03", None, 7]]}
    )
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("A2:A3")
    book.worksheets[0].merge_cells("C2:D2")
    book.save(path)
    rows = sheet.table(path, COLUMNS)
    assert [row.text("subject") for row in rows] == ["1", "1", ""]


def test_each_worksheet_that_has_the_columns_is_read_and_named(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "codes.xlsx", {"A": LINES[:2], "legend": [["AU", "name"], [1, "brow"]], "B": [LINES[0], LINES[3]]}
    )
    assert [row.where for row in sheet.table(path, COLUMNS)] == ["codes.xlsx (A), row 2", "codes.xlsx (B), row 2"]


def test_the_official_name_comes_before_the_others(tmp_path: Path) -> None:
    lines = [["Subject", "Filename", "OnsetF", "Onset.Frame", "onset frame"], [1, "EP", 5, 6, 7]]
    (row,) = sheet.table(csv(tmp_path / "codes.csv", lines), COLUMNS)
    assert row.number("onset") == 6


def test_a_renamed_column_says_what_was_looked_for_and_what_was_found(tmp_path: Path) -> None:
    path = csv(tmp_path / "codes.csv", [["A note"], ["Subject", "Filename", "", "Begin"], [1, "EP02_01f", "", 46]])
    with pytest.raises(BadSource) as raised:
        sheet.table(path, COLUMNS)
    assert str(raised.value) == f"{path}, row 2: no column OnsetFrame or OnsetF; found Subject, Filename, Begin"
    assert len(sheet.table(path, COLUMNS, optional=("onset",))) == 1


def test_another_sheet_says_what_was_looked_for(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "prices.xlsx", {"Sheet1": [["apples", 3], ["pears", 4]]})
    with pytest.raises(
        BadSource, match=r"prices\.xlsx: no header in the first 60 rows; looked for the columns Subject, F"
    ):
        sheet.table(path, COLUMNS)
    with pytest.raises(BadSource, match="no rows; expected the columns Subject, Filename, OnsetFrame"):
        sheet.table(xlsx(tmp_path / "empty.xlsx", {"Sheet1": []}), COLUMNS)


@pytest.mark.parametrize("name", ["codes.xlsx", "codes.xls", "codes.csv"])
def test_a_damaged_sheet_is_one_line(tmp_path: Path, name: str) -> None:
    whole = xlsx(tmp_path / "whole.xlsx", {"Sheet1": LINES}).read_bytes()
    for content in (whole[:500], whole[: len(whole) // 2], b"PK\x03\x04" + bytes(60), b"\xd0\xcf\x11\xe0" + bytes(600)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(sheet.Damaged, match=r"not a \.xlsx? sheet that can be read") as raised:
            sheet.table(tmp_path / name, COLUMNS)
        assert "\n" not in str(raised.value)
    with pytest.raises(BadSource, match=r"absent\.xlsx: cannot be read \(No such file"):
        sheet.table(tmp_path / "absent.xlsx", COLUMNS)


def test_a_cell_with_several_lines_stays_on_one(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "codes.xlsx", {"Sheet1": [LINES[0], ["1\n2 \u2028", "EP\t02", None, "\u202e46"]]})
    (row,) = sheet.table(path, COLUMNS)
    assert (row.text("subject"), row.text("clip")) == ("1 2", "EP 02")
    assert row.number("onset") == 46


@pytest.mark.parametrize("said", ["4b", "4.5", "46-91", "1e3", "9999999999", "⁴"])
def test_what_is_no_number_of_a_frame_is_named(said: str) -> None:
    with pytest.raises(Unusable, match=r"onset is '.*', expected a frame's number"):
        sheet.Row("codes.csv, row 2", {"onset": said}).number("onset")


@pytest.mark.parametrize("said", ["/", "\\", "", " ", "-", "N/A", "nan", None])
def test_what_sheets_write_for_missing_is_none(said: str | None) -> None:
    assert sheet.Row("codes.csv, row 2", {"onset": said}).number("onset") is None


def test_a_workbook_that_unpacks_to_more_than_a_sheet_is_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "codes.xlsx", {"Sheet1": LINES})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", bytes(sheet.LARGEST))
    with pytest.raises(sheet.Damaged, match="32 MB unpacked, expected under 32"):
        sheet.table(path, COLUMNS)


def test_a_workbook_that_merges_more_cells_than_a_sheet_has_is_refused(tmp_path: Path) -> None:
    """Which a few bytes can do, and memory runs out on."""
    path, hostile = xlsx(tmp_path / "codes.xlsx", {"Sheet1": LINES}), tmp_path / "hostile.xlsx"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(hostile, "w") as changed:
        for part in archive.namelist():
            merged = b'</sheetData><mergeCells><mergeCell ref="A1:XFD&#49;048576"/></mergeCells>'
            changed.writestr(part, archive.read(part).replace(b"</sheetData>", merged))
    with pytest.raises(sheet.Damaged, match="17,179,869,184 merged cells, expected under 2,000,000"):
        sheet.table(hostile, COLUMNS)
