"""Maps as motion with a unit: what a map has lost is found again or assumed, and nothing else changes."""

import cv2
import numpy as np
import pytest

from deadpan.calibration.on_maps.fields import FAR, Fields, decoded, encoded, strain


@pytest.fixture(scope="module")
def moved() -> Fields:
    """Motion in a few places of a face that lies still elsewhere, as a map has it."""
    generator = np.random.default_rng(0)
    fields = np.zeros((20, 28, 28, 2), np.float32)
    for each in fields:
        for _ in range(3):
            y, x = generator.integers(5, 23, 2)
            each[y, x] = generator.normal(0, 30, 2)
        each[:] = cv2.GaussianBlur(each, (0, 0), 1.5)
    return fields


def test_what_was_decoded_is_encoded_as_it_was(moved: Fields) -> None:
    motion = encoded(moved)
    again = encoded(decoded(motion, 0.7))
    assert np.abs(again[..., 1:].astype(int) - motion[..., 1:]).max() <= 1
    assert np.corrcoef(again[..., 0].ravel(), motion[..., 0].ravel())[0, 1] > 0.97


@pytest.mark.parametrize("amplitude", [0.35, 1.4])
def test_every_clip_moves_as_far_as_assumed(amplitude: float, moved: Fields) -> None:
    far = np.percentile(np.linalg.norm(decoded(encoded(moved), amplitude), axis=-1), FAR, axis=(1, 2))
    assert far == pytest.approx(amplitude, rel=1e-3)


@pytest.mark.parametrize("ratio", [0.4, 1.0, 2.5])
def test_the_unit_that_the_stretch_took_from_u_is_found_in_the_strain(ratio: float, moved: Fields) -> None:
    true = moved * np.float32([ratio, 1])
    found = decoded(encoded(true), 1.0)

    def sizes(fields: Fields) -> np.ndarray:
        across, down = (np.sqrt((fields[..., axis] ** 2).mean(axis=(1, 2))) for axis in (0, 1))
        return np.asarray(across / down)

    assert float(np.median(np.abs(np.log(sizes(found) / sizes(true))))) < 0.2


def test_a_field_that_only_shifts_has_no_strain_and_one_that_stretches_has_it_everywhere() -> None:
    across = np.arange(28, dtype=np.float32)
    shifted = np.ones((1, 28, 28, 2), np.float32)
    wider = np.zeros((1, 28, 28, 2), np.float32)
    wider[..., 0] = 0.5 * across
    assert not strain(shifted).any()
    assert strain(wider) == pytest.approx(0.5)


def test_a_map_on_which_nothing_moves_stays_so() -> None:
    nothing = np.zeros((1, 28, 28, 3), np.uint8)
    assert not decoded(nothing, 0.7).any()
    assert not encoded(decoded(nothing, 0.7)).any()
