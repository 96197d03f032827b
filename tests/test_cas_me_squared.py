"""CAS(ME)² as people have it: a workbook without headers whose worksheets explain each other, long videos."""

from pathlib import Path

import cv2
import numpy as np
import openpyxl
import pytest

from deadpan.calibration.sources.cas_me_squared import CasMeSquared
from deadpan.calibration.sources.source import BadSource, Sample, Skipped

CODES: list[list[object]] = [
    [1, "anger1_1", 557, 572, 608, "4+7", "negative", "macro-expression", "anger"],
    [1, "disgust1_2", 40, 46, 53, "4", "negative", "micro-expression", "disgust"],
    [1, "happy5_10", 8, 12, 0, "12", "positive", "micro-expression", "happiness"],
    [2, "disgust1_1", 5, 0, 15, "1+2", "surprise", "micro-expression", "disgust"],
    [3, "happy1_1", 3, 6, 9, "6+12", "positive", "micro-expression", "happiness"],
    [3, "happy1_2", 3, 6, 9, "12", "others", "micro-expression", "happiness"],
    [3, "happy9_1", 3, 6, 9, "12", "positive", "micro-expression", "happiness"],
    [9, "happy1_1", 3, 6, 9, "12", "positive", "micro-expression", "happiness"],
    [2, "anger1_1", 3, 6, 9, "4", "negative", "micro-expression", "anger"],
    [2, "disgust1_3", 90, 95, 99, "4", "negative", "micro-expression", "anger"],
    [2, "disgust1_4", 9, 11, 14, "4", "negative", "blink", "anger"],
    [None] * 9,
]
SUBJECTS: list[list[object]] = [[15, "s15", 1], [16, "s16", 2], [23, "s23", 3]]
VIDEOS: list[list[object]] = [["0101", "disgust1"], ["0401", "anger1"], [502, "happy1"], ["0508", "happy5"]]
CLIPS = {
    "s15/15_0101disgustingteeth": 60,
    "s15/15_0508funnydunkey": 20,
    "s16/16_0101disgustingteeth": 20,
    # The subject in the file's own name is right, the folder's is not.
    "s19/23_0502funnyerrors": 12,
}


def book(path: Path, pages: dict[str, list[list[object]]]) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in pages.items():
        page = workbook.create_sheet(name)
        for row in rows:
            page.append(row)
    workbook.save(path)
    return path


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cas_me_squared")
    pages = {"CASFEcode_final": CODES, "naming rule1": SUBJECTS, "naming rule2": VIDEOS}
    book(root / "CAS(ME)^2code_final.xlsx", pages)
    for clip, length in CLIPS.items():
        folder = root / "rawpic" / clip
        folder.mkdir(parents=True)
        for number in range(1, length + 1):
            assert cv2.imwrite(str(folder / f"img{number:03d}.jpg"), np.full((8, 8, 3), number, np.uint8))
    return root


def read(root: Path) -> tuple[list[Sample], list[str]]:
    skipped: list[Skipped] = []
    return list(CasMeSquared(root).samples(skipped.append)), [str(each) for each in skipped]


def test_the_micro_expressions_are_read_through_the_naming_worksheets(root: Path) -> None:
    samples, skipped = read(root)
    at = {each.name: (each.subject, each.label, each.onset, each.apex, each.offset, each.length) for each in samples}
    assert at == {
        "s15_disgust1_2": ("casme-squared-s15", 0, 39, 45, 52, 60),
        # Offset 0: until the video's end, and nobody saw when; the apex stands for it.
        "s15_happy5_10": ("casme-squared-s15", 1, 7, 11, 11, 20),
        "s16_disgust1_1": ("casme-squared-s16", 2, 4, 9, 14, 20),
        "s23_happy1_1": ("casme-squared-s23", 1, 2, 5, 8, 12),
    }
    assert [each.apex_coded for each in samples] == [True, True, False, True]
    assert {(each.dataset, each.fps) for each in samples} == {("casme-squared", 30)}
    assert round(float(samples[0].load(45, 45)[0].mean())) == 46
    assert skipped == [
        f"CAS(ME)^2code_final.xlsx (CASFEcode_final), row {line}"
        for line in (
            "1: a macro-expression",
            "6: emotion others: none of negative, positive, surprise",
            "7: no worksheet says which video 'happy9_1' is",
            "8: no worksheet says which subject '9' is",
            "9: no folder 16_0401… in rawpic",
            "10: no picture of the onset, 90; there are 20, 1 to 20",
            "11: type is 'blink'",
        )
    ]


def test_a_header_that_somebody_added_is_no_row(root: Path, tmp_path: Path) -> None:
    header: list[object] = ["Subject", "Video", "Onset", "Apex", "Offset", "AU", "Emotion", "Type", "Report"]
    (tmp_path / "rawpic").symlink_to(root / "rawpic")
    book(tmp_path / "codes.xlsx", {"a": [header, *CODES[1:2]], "b": SUBJECTS, "c": VIDEOS})
    samples = list(CasMeSquared(tmp_path).samples(lambda skipped: pytest.fail(str(skipped))))
    assert [each.name for each in samples] == ["s15_disgust1_2"]


def test_a_missing_worksheet_and_moved_columns_say_what_was_looked_for(tmp_path: Path) -> None:
    path = book(tmp_path / "codes.xlsx", {"codes": CODES, "naming rule2": VIDEOS})
    with pytest.raises(BadSource) as raised:
        list(CasMeSquared(tmp_path).samples(print))
    assert str(raised.value) == (
        f"{path}: no worksheet with pairs such as 1 and s15; found the worksheets codes, naming rule2"
    )
    path = book(tmp_path / "codes.xlsx", {"codes": CODES, "naming rule1": SUBJECTS})
    with pytest.raises(BadSource, match="no worksheet with pairs such as disgust1 and 0101"):
        list(CasMeSquared(tmp_path).samples(print))
    path = book(tmp_path / "codes.xlsx", {"codes": [[None, *row] for row in CODES]})
    with pytest.raises(BadSource) as raised:
        list(CasMeSquared(tmp_path).samples(print))
    assert str(raised.value) == (
        f"{path}: column 8 says micro-expression in no row; expected the columns subject, video, onset, apex, offset, "
        "units, emotion, type, self-report, without a header; row 1 is , 1, anger1_1, 557, 572, 608, 4+7, negative, "
        "macro-expression, anger"
    )


def test_a_wrong_root_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"no coding sheet of CAS\(ME\)²; looked for .*code_final\.xlsx; found nothing"):
        read(tmp_path)
    (tmp_path / "code_final.xlsx").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(BadSource, match=r"code_final\.xlsx: not a \.xlsx sheet that can be read"):
        read(tmp_path)
    book(tmp_path / "code_final.xlsx", {"a": CODES, "b": SUBJECTS, "c": VIDEOS})
    with pytest.raises(
        BadSource, match=r"no clip's folder; looked for s15/15_0101disgustingteeth/; found code_final\.xlsx"
    ):
        read(tmp_path)
