"""The model is held against pictures: where it is right it says the same, where it is wrong that is seen."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from deadpan.calibration.on_maps.check import check
from deadpan.calibration.on_maps.fields import encoded
from deadpan.calibration.on_maps.transfer import BANDS, MEASURED, Measured, Transfer
from deadpan.models.recognizer import Recognizer

SILENT = Transfer((1.0,) * len(BANDS), (1e-6,) * len(BANDS), (0.0,) * len(BANDS))


@pytest.fixture(scope="module")
def found() -> Measured:
    """Freezing that leaves everything, without noise."""
    rough = np.random.default_rng(0).normal(size=(30, 28, 28, 2)).astype(np.float32)
    moved = np.stack([cv2.GaussianBlur(each, (0, 0), 3) for each in rough])
    people = np.array([f"p{number % 6}" for number in range(30)])
    said = Recognizer.load("motion").predict(encoded(moved)).argmax(axis=1)
    return Measured(SILENT, people, said.astype(np.int64), moved, moved)


def test_a_model_that_is_right_says_what_pictures_show(found: Measured) -> None:
    checked = check(found, Recognizer.load("motion"))
    assert checked.plain.value == checked.frozen.value == checked.modelled.value
    assert checked.plain.value >= 2 / 3


def test_a_model_that_takes_too_much_off_is_found_out(found: Measured) -> None:
    checked = check(
        replace(found, transfer=replace(MEASURED, left=(0.0,) * len(BANDS), uneven=(0.0,) * len(BANDS))),
        Recognizer.load("motion"),
    )
    assert checked.modelled.value < 0.7 * checked.frozen.value
