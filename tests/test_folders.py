"""Pictures are found by the numbers in their names, and only where they are."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from deadpan.calibration.sources import folders
from deadpan.calibration.sources.source import BadSource
from deadpan.calibration.sources.unusable import Unusable

SUBJECT, CLIP = re.compile(r"sub([0-9]+)"), re.compile(r"EP.*")


def picture(path: Path, level: int = 90, size: int = 8) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((size, size, 3), level, np.uint8))


def test_pictures_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (9, 10, 11, 100):
        picture(tmp_path / f"reg_img{number}.jpg", number)
    for other in ("._reg_img12.jpg", "Thumbs.db", "note13.txt", "cover.jpg"):
        (tmp_path / other).write_bytes(b"x")
    found = folders.numbered(tmp_path)
    assert found.numbers == (9, 10, 11, 100)
    assert [found.index(number) for number in (9, 100, 12, 101, 8)] == [0, 3, None, None, None]
    assert [round(float(image.mean())) for image in found.load(1, 3)] == [10, 11, 100]


@pytest.mark.parametrize(
    ("name", "number"),
    [("006_05562.jpg", 5562), ("EP01_12-73.jpg", 73), ("reg_EP03_1-007.JPG", 7), ("image308866.bmp", 308866)],
)
def test_the_last_digits_are_the_number(tmp_path: Path, name: str, number: int) -> None:
    picture(tmp_path / name)
    assert folders.numbered(tmp_path).numbers == (number,)


def test_a_grey_picture_has_three_channels(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), np.full((4, 6), 90, np.uint8))
    assert folders.read(tmp_path / "1.png").shape == (4, 6, 3)


def test_two_pictures_of_one_number_and_none_at_all_are_unusable(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="has no numbered picture"):
        folders.numbered(tmp_path)
    picture(tmp_path / "img7.jpg")
    picture(tmp_path / "img007.jpg")
    with pytest.raises(Unusable, match=r"has two pictures 7: img007\.jpg and img7\.jpg"):
        folders.numbered(tmp_path)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp"])
def test_a_picture_that_is_cut_off_is_one_line_with_its_name(tmp_path: Path, suffix: str) -> None:
    for number in (1, 2):
        picture(tmp_path / f"img{number}{suffix}", size=64)
    broken = tmp_path / f"img2{suffix}"
    whole = broken.read_bytes()
    for content in (b"", b"hello", whole[: len(whole) // 2]):
        broken.write_bytes(content)
        found = folders.numbered(tmp_path)
        assert len(found.load(0, 0)) == 1
        with pytest.raises(BadSource) as raised:
            found.load(0, 1)
        assert str(raised.value) == f"{broken}: not a picture that can be read; is it cut off?"


def test_pictures_of_one_clip_have_one_size(tmp_path: Path) -> None:
    picture(tmp_path / "1.png", size=8)
    picture(tmp_path / "2.png", size=9)
    with pytest.raises(BadSource, match=r"2\.png: 9×9 px among pictures of 8×8 px"):
        folders.numbered(tmp_path).load(0, 1)


def test_of_several_trees_the_fullest_is_taken_then_the_raw_one(tmp_path: Path) -> None:
    for tree in ("Cropped", "RAW_selected"):
        (tmp_path / "CASME2" / tree / "sub01" / "EP02_01f").mkdir(parents=True)
    assert folders.tree(tmp_path, SUBJECT, CLIP, "sub01/EP02_01f/").path.name == "RAW_selected"
    (tmp_path / "CASME2" / "Cropped" / "sub2" / "EP01_1").mkdir(parents=True)
    found = folders.tree(tmp_path, SUBJECT, CLIP, "sub01/EP02_01f/")
    assert (found.path.name, sorted(found.clips)) == ("Cropped", [(1, "ep02_01f"), (2, "ep01_1")])


def test_a_root_that_is_none_says_what_was_looked_for_and_found(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(BadSource) as raised:
        folders.tree(tmp_path, SUBJECT, CLIP, "sub01/EP02_01f/")
    assert str(raised.value) == f"{tmp_path}: no clip's folder; looked for sub01/EP02_01f/; found holiday/, a.txt"
    for wrong, said in ((tmp_path / "absent", "no such folder"), (tmp_path / "a.txt", "not a folder")):
        with pytest.raises(BadSource, match=f"{said}; expected a data set's root"):
            next(folders.walk(wrong))


def test_a_root_without_end_is_not_searched_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST", 10)
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("up", "again"):
        (tmp_path / "a" / "b" / name).symlink_to(tmp_path)
    with pytest.raises(BadSource, match="over 10 folders; expected a data set's root"):
        list(folders.walk(tmp_path))


def test_names_match_whatever_their_case_and_spaces_but_not_their_separators() -> None:
    assert folders.key("EP02_01F ") == folders.key("ep02-01f") == "ep02_01f"
    assert folders.key("006_1_23") != folders.key("006_12_3")
