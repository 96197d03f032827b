"""Folders of stills per class are read in a fixed order; a picture that is none is told and passed over."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from deadpan.calibration.sources.images import Images, Picture
from deadpan.calibration.sources.source import BadSource, Skipped
from deadpan.models.fer2013 import LABELS


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((48, 48), 90, np.uint8))


def read(images: Images) -> tuple[list[Picture], list[str]]:
    skipped: list[Skipped] = []
    return list(images.pictures(skipped.append)), [str(each) for each in skipped]


def test_fer2013_as_it_is_unpacked(tmp_path: Path) -> None:
    for split in ("train", "test"):
        for word in LABELS:
            picture(tmp_path / "fer2013" / split / word / "PrivateTest_1.jpg")
    images = Images(tmp_path)
    pictures, skipped = read(images)
    assert images.classes == LABELS
    assert not skipped
    assert [(each.split, each.label) for each in pictures] == [
        (split, LABELS.index(word)) for split in ("test", "train") for word in sorted(LABELS)
    ]
    assert all(each.emotion == LABELS[each.label] == each.path.parent.name for each in pictures)
    assert pictures[0].read().shape == (48, 48, 3)


def test_other_spellings_of_the_seven_are_the_seven(tmp_path: Path) -> None:
    for word in ("Happiness", "anger", "neutral"):
        picture(tmp_path / word / "1.png")
    images = Images(tmp_path)
    assert images.classes == LABELS
    assert {each.emotion for each in read(images)[0]} == {"happy", "angry", "neutral"}
    assert {each.split for each in read(images)[0]} == {""}


def test_any_class_names_do(tmp_path: Path) -> None:
    for word in ("smile", "frown"):
        picture(tmp_path / word / "1.png")
    images = Images(tmp_path)
    assert images.classes == ("frown", "smile")
    assert [(each.emotion, each.label) for each in read(images)[0]] == [("frown", 0), ("smile", 1)]


def test_a_picture_that_cannot_be_read_is_one_line_and_the_rest_is_read(tmp_path: Path) -> None:
    for word in ("smile", "frown"):
        for number in (1, 2):
            picture(tmp_path / word / f"{number}.png")
        (tmp_path / word / "._1.png").write_bytes(b"x")
        (tmp_path / word / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "smile" / "1.png").write_bytes(b"x")
    pictures, skipped = read(Images(tmp_path))
    assert len(pictures) == 3
    assert skipped == ["smile/1.png: not a picture that can be read; is it cut off?"]


def test_what_is_no_folder_per_class_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"no folder of pictures; expected one folder per class: angry/1\.png"):
        Images(tmp_path)
    picture(tmp_path / "angry" / "1.png")
    with pytest.raises(BadSource, match="all pictures in folders angry; expected one folder per class"):
        Images(tmp_path)
    picture(tmp_path / "1.png")
    with pytest.raises(BadSource, match=r"pictures in no folder, 1\.png; expected one folder per class"):
        Images(tmp_path)
