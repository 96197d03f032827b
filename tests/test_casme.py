"""CASME as people have it: file names that carry the clip's, frame numbers from anywhere, a column to beware of."""

from pathlib import Path

import cv2
import numpy as np
import openpyxl
import pytest

from deadpan.calibration.sources.casme import casme
from deadpan.calibration.sources.source import BadSource, Sample, Skipped

SHEET: list[list[object]] = [
    ["Subject", "Filename", None, "OnsetF", "ApexF1", "ApexF2", "OffsetF", None, "Onset", "Total", "AU", "Emotion"],
    [1, "EP01_12", None, 73, 81, "\\", 91, None, 150, 316.7, 4, "tense"],
    [1, "EP01_5", None, 113, 121, 125, 133, None, 150, 350, 12, "happiness"],
    [1, "EP03_1", None, 79, 91, 95, 105, None, 216.7, 450, "4+17", "repression"],
    [7, "EP06_02_01", None, 9, 13, "\\", 20, None, 80, 200, "1+2", "surprise"],
    [7, "EP07_1", None, 201, 110, "\\", 119, None, 80, 200, "4", "contempt"],
    [8, "EP02_3", None, 1, 5, 7, 142, None, 80, 200, "4", "fear"],
]
CLIPS = {
    "sub01/EP01_12": (range(73, 92), "{}"),
    "sub01/EP01_5": (range(113, 134), "{}"),
    "sub01/EP03_1": (range(79, 106), "{}"),
    # From some clip on the numbers have three digits.
    "sub07/EP06_02_01": (range(7, 24), "{:03d}"),
    "sub07/EP07_1": (range(101, 120), "{:03d}"),
    "sub08/EP02_3": (range(1, 12), "{:03d}"),
}


def write(root: Path, tree: str, prefix: str) -> Path:
    book = openpyxl.Workbook()
    for row in SHEET:
        book.worksheets[0].append(row)
    book.save(root / "CASME-coded-20190721.xlsx")
    for clip, (numbers, form) in CLIPS.items():
        folder = root / tree / clip
        folder.mkdir(parents=True)
        for number in numbers:
            path = folder / f"{prefix}{folder.name}-{form.format(number)}.jpg"
            assert cv2.imwrite(str(path), np.full((8, 8, 3), number, np.uint8))
    return root


def read(root: Path) -> tuple[list[Sample], list[str]]:
    skipped: list[Skipped] = []
    return list(casme(root).samples(skipped.append)), [str(each) for each in skipped]


def test_what_fits_is_read_by_the_numbers_in_the_file_names(tmp_path: Path) -> None:
    for tree, prefix in (("CASME_raw_selected", ""), ("Cropped", "reg_")):
        (tmp_path / tree).mkdir()
        samples, skipped = read(write(tmp_path / tree, tree, prefix))
        at = {each.name: (each.onset, each.apex, each.offset, each.length) for each in samples}
        assert at == {
            "casme-sub01_EP01_5": (0, 8, 20, 21),
            "casme-sub01_EP03_1": (0, 12, 26, 27),
            "casme-sub07_EP06_02_01": (2, 6, 13, 17),
            "casme-sub08_EP02_3": (0, 4, 10, 11),
        }
        assert [(each.subject, each.label) for each in samples] == [
            ("casme-sub01", 1),
            ("casme-sub01", 0),
            ("casme-sub07", 2),
            ("casme-sub08", 0),
        ]
        assert {(each.dataset, each.fps, each.apex_coded) for each in samples} == {("casme", 60, True)}
        assert round(float(samples[2].load(6, 6)[0].mean())) == 13
        assert skipped == [
            "CASME-coded-20190721.xlsx, row 2: emotion tense: none of negative, positive, surprise",
            "CASME-coded-20190721.xlsx, row 6: no picture of the onset, 201; there are 19, 101 to 119",
        ]


def test_milliseconds_are_never_taken_for_frames(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in SHEET:
        book.worksheets[0].append(row)
    book.worksheets[0]["D1"] = "First frame"
    book.save(tmp_path / "CASME-coded-20190721.xlsx")
    with pytest.raises(BadSource, match="row 1: no column OnsetF or OnsetFrame; found Subject, Filename, First f"):
        read(tmp_path)
