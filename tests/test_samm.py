"""SAMM as people have it: notes above the header, numbers for subjects, frames of long recordings, grey pictures."""

from pathlib import Path

import cv2
import numpy as np
import openpyxl
import pytest

from deadpan.calibration.sources.classes import MEGC, counts, summary
from deadpan.calibration.sources.samm import samm
from deadpan.calibration.sources.source import Sample, Skipped

HEADER = ["Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame", "Duration", "Micro"]
HEADER += ["Action Units", "Estimated Emotion", "Objective Classes", "Notes"]
ROWS: list[list[object]] = [
    ["006", "006_1_2", 1, 5562, 5588, 5632, 71, "Micro - 1/2", "13", "Anger", 5, None],
    [6, "006_1_3", 1, 5900, 5910, 5922, 23, "Micro - 1/2", "R12 or R15", "Happiness", 3, "unsure"],
    ["011", "011_4_3", 4, 100, 130, 5793, 5694, "Micro - 1/2", "1+2", "Surprise", 2, None],
    ["028", "028_4_1", 4, 1000, -1, 1040, 41, "Micro - 1/2", "4", "Disgust", 4, None],
    [32.0, "032_3_1", 3, 500, 470, 540, 41, "Micro - 1/2", "4", "Contempt", 7, None],
    ["035", "035_6_3", 6, 10, 20, 30, 21, "Micro - 1/2", "14", "Other", 7, None],
    ["036", "036_9_9", 6, 10, 20, 30, 21, "Micro - 1/2", "14", "Fear", 7, None],
]
CLIPS = {
    "006/006_1_2": range(5562, 5633),
    "006/006_1_3": range(5895, 5930),
    "011/011_4_3": range(100, 160),
    "028/028_4_1": range(1000, 1041),
    "032/032_3_1": range(500, 541),
    "035/035_6_3": range(10, 31),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("samm")
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page["A1"] = "SAMM micro-movement codes, release 2"
    page.merge_cells("A1:L1")
    page["A5"], page["B5"] = "Subject", "a number of three digits"
    for column, said in enumerate(HEADER, 1):
        page.cell(14, column, said)
    for number, row in enumerate(ROWS, 15):
        for column, said in enumerate(row, 1):
            page.cell(number, column, said)
    book.save(root / "SAMM_Micro_FACS_Codes_v2.xlsx")
    for clip, numbers in CLIPS.items():
        folder = root / "SAMM" / clip
        folder.mkdir(parents=True)
        for number in numbers:
            name = f"{clip[:3]}_{number:05d}.jpg" if number > 999 else f"{clip[:3]}_{number:04d}.jpg"
            assert cv2.imwrite(str(folder / name), np.full((8, 8), number % 200, np.uint8))
    return root


def read(root: Path) -> tuple[list[Sample], list[str]]:
    skipped: list[Skipped] = []
    return list(samm(root).samples(skipped.append)), [str(each) for each in skipped]


def test_what_fits_is_read_whatever_the_rows_leave_open(root: Path) -> None:
    samples, skipped = read(root)
    at = {each.name: (each.onset, each.apex, each.offset, each.length, each.apex_coded) for each in samples}
    assert at == {
        "006_006_1_2": (0, 26, 70, 71, True),
        "006_006_1_3": (5, 15, 27, 35, True),
        "011_011_4_3": (0, 30, 59, 60, True),
        "028_028_4_1": (0, 20, 40, 41, False),
        "032_032_3_1": (0, 20, 40, 41, False),
    }
    assert [each.subject for each in samples] == ["006", "006", "011", "028", "032"]
    assert samples[1].action_units == "R12 or R15"
    assert {(each.dataset, each.fps) for each in samples} == {("samm", 200)}
    assert skipped == [
        "SAMM_Micro_FACS_Codes_v2.xlsx, row 20: emotion other: none of negative, positive, surprise",
        "SAMM_Micro_FACS_Codes_v2.xlsx, row 21: no folder 036_9_9 of 036 in SAMM",
    ]


def test_the_counts_stand_beside_the_published_ones(root: Path) -> None:
    samples, _ = read(root)
    assert counts(samples) == {"samm": (3, 1, 1)}
    assert summary(samples, MEGC) == [
        "samm: 3 negative, 1 positive, 1 surprise; the MEGC 2019 composite has 92, 26, 15"
    ]


def test_grey_pictures_become_bgr(root: Path) -> None:
    sample = read(root)[0][0]
    (picture,) = sample.load(sample.apex, sample.apex)
    assert (picture.shape, round(float(picture.mean()))) == ((8, 8, 3), 5588 % 200)
