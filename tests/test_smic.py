"""SMIC as people have it: three cameras, clips without a sheet, and SMIC-E's longer clips with one."""

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
import openpyxl
import pytest

from deadpan.calibration.sources.classes import PAPER, counts
from deadpan.calibration.sources.smic import Smic
from deadpan.calibration.sources.source import BadSource, Sample, Skipped

CLIPS: dict[str, Iterable[int]] = {
    "s1/micro/negative/s1_ne_01": range(99310, 99340),
    "s1/micro/positive/s1_po_02": (140, 141, 143, 144, 146),
    "s1/non_micro/s1_n_01": range(5),
    "s10/micro/surprise/s10_sur_01": range(7, 27),
    "s2/micro/surprise/s2_sur_02": range(900, 921),
    "s18/micro/surprise/s18_sur_03": (),
    "s3/micro/negative/s3_po_01": range(1, 9),
    "s4/micro/negative/s4_ne_02": (17,),
}


def write(root: Path, clips: dict[str, Iterable[int]], name: Callable[[int], str]) -> Path:
    for clip, numbers in clips.items():
        folder = root / clip
        folder.mkdir(parents=True)
        for number in numbers:
            assert cv2.imwrite(str(folder / name(number)), np.full((8, 8, 3), number % 200, np.uint8))
    return root


def read(source: Smic) -> tuple[list[Sample], list[str]]:
    skipped: list[Skipped] = []
    return list(source.samples(skipped.append)), [str(each) for each in skipped]


@pytest.mark.parametrize(("tree", "stem"), [("SMIC_all_raw", "image"), ("SMIC_all_cropped", "reg_image")])
def test_a_clip_is_the_expression_from_its_first_picture_to_its_last(tmp_path: Path, tree: str, stem: str) -> None:
    write(tmp_path / tree / "HS", CLIPS, lambda number: f"{stem}{number:06d}.bmp")
    samples, skipped = read(Smic(tmp_path))
    at = {each.name: (each.subject, each.onset, each.apex, each.offset, each.length) for each in samples}
    assert at == {
        "s01_s1_ne_01": ("s01", 0, 14, 29, 30),
        "s01_s1_po_02": ("s01", 0, 2, 4, 5),
        "s02_s2_sur_02": ("s02", 0, 10, 20, 21),
        "s10_s10_sur_01": ("s10", 0, 9, 19, 20),
    }
    assert {(each.dataset, each.fps, each.apex_coded) for each in samples} == {("smic", 100, False)}
    assert counts(samples) == {"smic": (1, 1, 2)}
    micro = f"{tree}/HS/{{}}/micro"
    assert skipped == [
        f"{micro.format('s3')}/negative/s3_po_01: its name says positive, the folder above negative",
        f"{micro.format('s4')}/negative/s4_ne_02: one picture; expected a clip",
        f"{micro.format('s18')}/surprise/s18_sur_03: "
        "the folder s18_sur_03 has no numbered picture (.bmp, .jpeg, .jpg, .png, .tif, .tiff)",
    ]


def test_the_cameras_do_not_mix_and_one_person_has_one_name(tmp_path: Path) -> None:
    for camera, start in (("HS", 0), ("VIS", 100), ("NIR", 150)):
        clips = {"s11/micro/positive/s11_po_01": range(start, start + 6)}
        write(tmp_path / camera, clips, lambda number: f"image{number:06d}.bmp")
    expected = (("hs", "smic", 100, 0), ("vis", "smic-vis", 25, 100), ("nir", "smic-nir", 25, 150))
    for camera, dataset, fps, start in expected:
        for root in (tmp_path, tmp_path / camera.upper()):
            (sample,), _ = read(Smic(root, camera))
            assert (sample.dataset, sample.subject, sample.fps) == (dataset, "s11", fps)
            assert round(float(sample.load(0, 0)[0].mean())) == start


def extended(root: Path) -> Path:
    home = root / "SMIC-E_raw image" / "HS_long"
    clips: dict[str, Iterable[int]] = {"s03/s3_sur_01": range(308820, 308870), "s03/s3_ne_02": range(16, 40)}
    write(home / "SMIC-HS-E", clips, lambda number: f"image{number:06d}.jpg")
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    header = ["Subject", "Filename", "Emotion", "OnsetF", "OffsetF", "Onset2F", "Offset2F", "FirstF", "LastF"]
    page.append([*header, "TotalMF1"])
    page.append([3, "s3_sur_01", "surprise", 308830, 308866, 308880, 308890, 308800, 308899, 37])
    page.append([3, "s3_ne_02", "negative", 20, 39, None, None, "missing", None, 20])
    page.append([4, "s4_ne_01", "negative", 20, 39, None, None, 1, 60, 20])
    page.append([3, "../s3_ne_02", "negative", 20, 39, None, None, 1, 60, 20])
    page.append([])
    page.append(["FirstF is the first frame of the long clip."])
    book.save(home / "SMIC-HS-E_annotation.xlsx")
    return root


def test_the_longer_clips_are_read_by_their_sheet(tmp_path: Path) -> None:
    samples, skipped = read(Smic(extended(tmp_path)))
    at = {each.name: (each.onset, each.apex, each.offset, each.length) for each in samples}
    assert at == {"s03_s3_sur_01": (10, 28, 46, 50), "s03_s3_ne_02": (4, 13, 23, 24)}
    assert [each.label for each in samples] == [2, 0]
    assert skipped == [
        "SMIC-HS-E_annotation.xlsx, row 4: no folder s4_ne_01 in SMIC-HS-E",
        "SMIC-HS-E_annotation.xlsx, row 5: no folder ../s3_ne_02 in SMIC-HS-E",
    ]


def test_the_paper_takes_the_longer_clips_and_the_composite_the_short_ones(tmp_path: Path) -> None:
    extended(tmp_path)
    clips = {"s1/micro/negative/s1_ne_01": range(5), "s3/micro/surprise/s3_sur_01": range(6)}
    write(tmp_path / "SMIC_all_raw" / "HS", clips, lambda number: f"image{number:06d}.bmp")
    assert {each.name: each.length for each in read(Smic(tmp_path))[0]} == {"s01_s1_ne_01": 5, "s03_s3_sur_01": 6}
    paper = read(Smic(tmp_path, classes=PAPER))[0]
    assert {each.name: each.length for each in paper} == {"s03_s3_sur_01": 50, "s03_s3_ne_02": 24}


def test_what_a_wrong_root_lacks_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"no clip's folder; looked for VIS/s1/micro/negative/s1_ne_01/; found nothing"):
        read(Smic(tmp_path, "vis"))
    (tmp_path / "s01" / "s1_ne_01").mkdir(parents=True)
    with pytest.raises(
        BadSource, match=r"no coding sheet of SMIC-E; looked for SMIC-HS-E_annotation\.xlsx .*; found s01/"
    ):
        read(Smic(tmp_path))
