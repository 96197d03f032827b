"""What holding leaves of expressions is measured, and the decoy over a held face looks like it."""

from pathlib import Path

import numpy as np
import pytest
from conftest import Call

from deadpan.calibration.decoy import leftover as learning
from deadpan.calibration.synthetic.still import Still
from deadpan.models.motion import CROP, GRID
from deadpan.stickers.decoy import LEFT, MOST, USUAL, Decoy, leftover
from deadpan.stickers.field import SIDE

WIDTH = 90.0
WHOLE = np.column_stack([np.eye(2) * CROP / SIDE, np.full(2, (CROP / SIDE - 1) / 2)])
"""Lays the whole square on the whole crop."""


def seen(fields: np.ndarray) -> np.ndarray:
    """(n, 1568): fields of the square as cells of the crop that `WHOLE` lays on it."""
    step = SIDE / GRID
    at = np.rint((np.arange(GRID) + 0.5) * step - 0.5).astype(int)
    return np.asarray(fields[:, at[:, None], at].reshape(len(fields), -1))


def test_what_follows_from_what_was_shown_is_kept_and_noise_is_not() -> None:
    random = np.random.default_rng(0)
    size = GRID * GRID * 2
    amounts, kinds, leaks = (random.standard_normal(shape) for shape in ((200, 3), (3, size), (3, size)))
    left = 0.02 * amounts @ leaks + 0.05 * random.standard_normal((200, size))
    found = learning.fields(left, amounts @ kinds)
    assert found.shape == (learning.KINDS + 1, GRID, GRID, 2)
    assert float((found**2).sum(axis=(0, 3)).mean()) == pytest.approx(1)
    strongest = found[:3].reshape(3, -1)
    strongest /= np.linalg.norm(strongest, axis=1, keepdims=True)
    assert np.linalg.norm(strongest @ np.linalg.qr(leaks.T)[0], axis=1).min() > 0.95


def test_little_is_left_of_an_expression(people: list[Still], model: bytes) -> None:
    pair = learning._left(people[0], "surprise", (1, 2), 0.015, 0.0, model)
    assert pair is not None
    left, true = pair
    assert left.shape == true.shape == (GRID, GRID, 2)
    assert abs(float((left * true).sum() / (true**2).sum())) < 0.2


def test_the_fields_that_come_along_are_whole() -> None:
    fields = leftover()
    assert fields.shape == (learning.KINDS + 1, GRID, GRID, 2)
    assert float((fields**2).sum(axis=(0, 3)).mean()) == pytest.approx(1, abs=0.01)


def test_a_decoy_over_a_held_face_looks_in_part_like_what_is_left_and_is_no_larger() -> None:
    along = np.linalg.qr(leftover().reshape(learning.KINDS + 1, -1).T)[0]
    power = []
    for left in (leftover(), None):
        fields = np.stack([Decoy(seed, left=left).step(0.0, WIDTH, crop=WHOLE) for seed in range(60)])
        length = np.linalg.norm(fields, axis=-1)
        assert float(length.max()) <= MOST * WIDTH
        assert 0.6 * USUAL < float(np.sqrt((length**2).mean())) / (MOST * WIDTH) < 1.05 * USUAL
        flat = seen(fields)
        power.append(float(np.square(flat @ along).sum() / np.square(flat).sum()))
    assert power[0] > 0.8 * LEFT > 2 * power[1]


def test_it_lies_where_the_crop_lies() -> None:
    """Twice as wide a crop, and what is left lies twice as wide on the face."""
    only = np.zeros((1, GRID, GRID, 2), np.float32)
    only[0, 6:8, 6:8] = 30.0
    places = []
    for zoom in (1, 2):
        fields = np.stack([Decoy(seed, left=only).step(0.0, WIDTH, crop=WHOLE / zoom) for seed in range(80)])
        places.append(np.unravel_index(np.square(fields).sum(axis=(0, 3)).argmax(), (SIDE, SIDE)))
    assert np.abs(np.array(places[0]) - 7 * SIDE / GRID).max() < 6
    assert np.abs(np.array(places[1]) - 14 * SIDE / GRID).max() < 12


def test_a_wrong_picture_is_one_line(deadpan: Call, tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("no picture")
    said = deadpan("calibrate", "leftover", tmp_path / "notes.jpg", "-o", tmp_path / "left.npy")
    assert (said.code, len(said.err.splitlines())) == (1, 1)
    assert "not a picture that can be read" in said.err
    assert not (tmp_path / "left.npy").exists()
