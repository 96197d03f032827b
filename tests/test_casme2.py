"""CASME II as people have it: its folders, its sheet, and the rows that do not fit."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import cv2
import numpy as np
import openpyxl
import pytest

from deadpan.calibration.sources.casme2 import casme2
from deadpan.calibration.sources.classes import PAPER, counts
from deadpan.calibration.sources.source import BadSource, Sample, Skipped

HEADER = [
    "Subject",
    "Filename",
    None,
    "OnsetFrame",
    "ApexFrame",
    "OffsetFrame",
    None,
    "Action Units",
    "Estimated Emotion",
]
ROWS: list[list[object]] = [
    ["01", "EP02_01f", None, 46, 59, 86, None, "12", "happiness"],
    [1, "EP03_02 ", None, "136.0", 150, 180, None, "4+L10", "disgust"],
    ["2", "EP01_11f", None, 46, "/", 76, None, "1+2", "surprise"],
    ["02", "EP03_02f", None, 1, 21, 41, None, 4, "others"],
    ["16", "EP01_08", None, 73, 94, 110, None, "15", "repression"],
    ["17", "EP05_09", None, 11, 20, 31, None, "4", "fear"],
    ["04", "EP12_01f", None, 261, "/", 321, None, "4", "disgust"],
    ["03", "EP99_99", None, 1, 5, 9, None, "4", "disgust"],
    ["03", "../../secret", None, 1, 5, 9, None, "4", "disgust"],
    ["05", "EP02_07", None, "4b", 5, 9, None, "4", "disgust"],
    ["06", "EP01_01", None, 200, 205, 209, None, "4", "disgust"],
    ["07", "EP06_01", None, 1, 5, 9, None, "4", "hapiness"],
    ["08", "EP12_07", None, 1, 5, 9, None, "4", "disgust"],
    ["01", "EP02_01f", None, 46, 59, 86, None, "12", "happiness"],
    [None, None, None, None, None, None, None, None, None],
    ["Note: / means that nobody could tell.", None, None, None, None, None, None, None, None],
]
CLIPS: dict[str, Iterable[int]] = {
    "sub01/EP02_01f": range(46, 87),
    "sub01/EP03_02": range(130, 190, 2),
    "sub02/EP01_11f": range(46, 77),
    "sub02/EP03_02f": (1, 21, 41),
    "sub16/EP01_08": range(73, 97),
    "sub17/EP05_09": (11, 20, 31),
    "sub04/EP12_01f": (261, 291, 321),
    "sub05/EP02_07": range(1, 10),
    "sub06/EP01_01": range(1, 10),
    "sub07/EP06_01": range(1, 10),
    "sub08/EP12_07": (),
}


def write(
    root: Path,
    clips: Mapping[str, Iterable[int]] = CLIPS,
    tree: str = "CASME2_RAW_selected",
    stem: str = "img",
) -> Path:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in [HEADER, *ROWS]:
        page.append(list(row))
    root.mkdir(exist_ok=True)
    book.save(root / "CASME2-coding-20140508.xlsx")
    for clip, numbers in clips.items():
        folder = root / tree / clip
        folder.mkdir(parents=True)
        (folder / "Thumbs.db").write_bytes(b"x")
        for number in numbers:
            assert cv2.imwrite(str(folder / f"{stem}{number}.jpg"), np.full((8, 8, 3), number % 200, np.uint8))
        (folder / f"._{stem}1.jpg").write_bytes(b"x")
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("casme2"))


def read(root: Path, **options: object) -> tuple[list[Sample], list[str]]:
    skipped: list[Skipped] = []
    samples = list(casme2(root, **options).samples(skipped.append))  # type: ignore[arg-type]
    return samples, [str(each) for each in skipped]


def test_what_fits_is_read_in_the_sheets_order(root: Path) -> None:
    samples, _ = read(root)
    at = {each.name: (each.onset, each.apex, each.offset, each.length, each.apex_coded) for each in samples}
    assert at == {
        "sub01_EP02_01f": (0, 13, 40, 41, True),
        "sub01_EP03_02": (3, 10, 25, 30, True),
        "sub02_EP01_11f": (0, 15, 30, 31, False),
        # Cut off in the raw pictures too: they end at 96.
        "sub16_EP01_08": (0, 21, 23, 24, True),
    }
    assert [(each.subject, each.label, each.emotion, each.action_units) for each in samples] == [
        ("sub01", 1, "happiness", "12"),
        ("sub01", 0, "disgust", "4+L10"),
        ("sub02", 2, "surprise", "1+2"),
        ("sub16", 0, "repression", "15"),
    ]
    assert {(each.dataset, each.fps) for each in samples} == {("casme2", 200)}
    assert counts(samples) == {"casme2": (2, 1, 1)}


def test_each_row_that_does_not_fit_is_one_line_with_file_and_row(root: Path) -> None:
    _, skipped = read(root)
    assert skipped == [
        f"CASME2-coding-20140508.xlsx, row {line}"
        for line in (
            "5: emotion others: none of negative, positive, surprise",
            "7: emotion fear: not in the MEGC 2019 composite",
            "8: emotion disgust: not in the MEGC 2019 composite",
            "9: no folder EP99_99 of sub03 in CASME2_RAW_selected",
            "10: no folder ../../secret of sub03 in CASME2_RAW_selected",
            "11: onset is '4b', expected a frame's number",
            "12: no picture of the onset, 200; there are 9, 1 to 9",
            "13: emotion 'hapiness': expected one of positive, happiness, happy, amusement, negative, disgust, "
            "repression, contempt, sadness, sad, "
            "fear, anger, angry, surprise, surprised, neutral, other, others, tense",
            "14: the folder EP12_07 has no numbered picture (.bmp, .jpeg, .jpg, .png, .tif, .tiff)",
            "15: sub01_EP02_01f was in CASME2-coding-20140508.xlsx, row 2 already",
        )
    ]


def test_the_papers_classes_hold_what_the_composite_leaves_out(root: Path) -> None:
    samples, skipped = read(root, classes=PAPER)
    assert counts(samples) == {"casme2": (4, 1, 1)}
    assert not [line for line in skipped if "composite" in line]


def test_pictures_are_loaded_by_place_in_the_clip(root: Path) -> None:
    samples, _ = read(root)
    onset, last = (samples[1].load(at, at)[0] for at in (samples[1].onset, samples[1].length - 1))
    assert (round(float(onset.mean())), round(float(last.mean()))) == (136, 188)


def test_cropped_pictures_alone_do_and_never_mix_with_raw_ones(root: Path, tmp_path: Path) -> None:
    write(tmp_path, {"sub02/EP01_11f": range(46, 77)}, "Cropped", "reg_img")
    ((sample,), _) = read(tmp_path)
    assert (sample.name, sample.length) == ("sub02_EP01_11f", 31)
    (tmp_path / "raw").symlink_to(root / "CASME2_RAW_selected")
    assert len(read(tmp_path)[0]) == 4


def test_an_unreadable_picture_names_its_file_and_the_others_are_read(tmp_path: Path) -> None:
    root = write(tmp_path, {clip: CLIPS[clip] for clip in ("sub01/EP02_01f", "sub01/EP03_02")})
    broken = root / "CASME2_RAW_selected/sub01/EP02_01f/img50.jpg"
    broken.write_bytes(broken.read_bytes()[:200])
    first, second, *_ = read(root)[0]
    with pytest.raises(BadSource, match=r"sub01/EP02_01f/img50\.jpg: not a picture that can be read"):
        first.load(first.onset, first.offset)
    assert len(second.load(second.onset, second.offset)) == 23


def test_of_several_sheets_the_latest_that_fits_is_read_and_a_damaged_one_told(root: Path, tmp_path: Path) -> None:
    write(tmp_path, {})
    (tmp_path / "raw").symlink_to(root / "CASME2_RAW_selected")
    (tmp_path / "CASME2-coding-20190701.xlsx").write_bytes(b"PK\x03\x04 nothing")
    (tmp_path / "~$CASME2-coding-20140508.xlsx").write_bytes(b"lock")
    objective = openpyxl.Workbook()
    objective.worksheets[0].append(["Subject", "Filename", "Objective Class"])
    objective.save(tmp_path / "CASME2-ObjectiveClasses.xlsx")
    samples, skipped = read(tmp_path)
    assert len(samples) == 4
    assert skipped[0].startswith("CASME2-coding-20190701.xlsx: not a .xlsx sheet that can be read (")


def test_what_a_wrong_root_lacks_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no such folder; expected a data set's root"):
        read(tmp_path / "absent")
    (tmp_path / "holiday").mkdir()
    with pytest.raises(BadSource) as raised:
        read(tmp_path)
    assert str(raised.value) == (
        f"{tmp_path}: no coding sheet of CASME II; looked for CASME2-coding-….xlsx (.xlsx, .xls, .csv) with the "
        "columns Subject, Filename, OnsetFrame, ApexFrame, OffsetFrame, Action Units, Estimated Emotion; found holiday"
        "/; give the folder that holds sheet and clips"
    )
    codes = tmp_path / "codes.csv"
    codes.write_text("Subject,Filename,OnsetFrame,Peak,OffsetFrame,Estimated Emotion\n1,EP1,1,2,3,fear\n")
    with pytest.raises(BadSource) as raised:
        read(tmp_path)
    assert str(raised.value) == (
        f"{codes}, row 1: no column ApexFrame or ApexF or Apex; "
        "found Subject, Filename, OnsetFrame, Peak, OffsetFrame, Estimated Emotion"
    )
    codes.write_text("Subject,Filename,OnsetFrame,ApexFrame,OffsetFrame,Emotion\n1,EP1,1,2,3,fear\n")
    with pytest.raises(BadSource, match=r"no clip's folder; looked for sub01/EP02_01f/; found holiday/, codes\.csv"):
        read(tmp_path)
    (tmp_path / "sub01" / "EP2").mkdir(parents=True)
    with pytest.raises(BadSource, match=r"none of 1 rows can be used; codes\.csv, row 2: no folder EP1 of sub01 in "):
        read(tmp_path)
