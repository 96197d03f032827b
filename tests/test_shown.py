"""Stories of the commands that only show something: `deadpan stickers` and `deadpan regions`."""

import re
import shutil
from pathlib import Path

import cv2
import numpy as np
from conftest import Call

from deadpan.models.frame import Image
from deadpan.stickers import sticker as stickers
from deadpan.stickers.regions import NAMES


def test_the_stickers_are_listed_and_shown(deadpan: Call, tmp_path: Path) -> None:
    listed = deadpan("stickers", "list")
    assert listed.code == 0
    assert len(stickers.art()) == 8
    for name in stickers.art():
        assert name in listed.out
    own = tmp_path / "own.png"
    shutil.copy(stickers.art()["sun"], own)
    for name in ("star", own):
        shown = deadpan("stickers", "show", name, "--columns", "20")
        assert shown.code == 0, shown.err
        assert shown.out.count("▀" * 20) == 10
        assert re.search(r"(star|own): \d+×\d+ px, hides \d+% of its box", shown.out)


def test_the_regions_are_drawn_over_a_face(deadpan: Call, posing: list[Image], tmp_path: Path) -> None:
    source, out = tmp_path / "face.png", tmp_path / "regions.png"
    cv2.imwrite(str(source), posing[0])
    said = deadpan("regions", "--image", source, "-o", out)
    assert said.code == 0, said.err
    assert all(name in said.out for name in NAMES)
    assert f"1 face: {out}" in said.out
    drawing = cv2.imread(str(out))
    assert drawing is not None
    plain = cv2.resize(posing[0], (drawing.shape[1], drawing.shape[0]), interpolation=cv2.INTER_CUBIC)
    assert (np.abs(drawing.astype(int) - plain).max(axis=2) > 60).mean() > 0.002
