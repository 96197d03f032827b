"""A sticker is a picture that hides what it is laid on, and everything else is refused in one line."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from deadpan.stickers import sticker
from deadpan.stickers.sticker import LARGEST, LEAST_COVER, OPAQUE, StickerError

OWN = {"star", "heart", "sun", "flower", "band-aid", "smiley", "moustache", "butterfly"}


def card(width: int = 64, height: int = 64, alpha: int = 255) -> NDArray[np.uint8]:
    """One orange rectangle."""
    picture = np.empty((height, width, 4), np.uint8)
    picture[:] = (0, 128, 255, alpha)
    return picture


def write(path: Path, picture: NDArray[np.generic]) -> str:
    """Store the picture as its name's ending says."""
    good, data = cv2.imencode(path.suffix, picture)
    assert good
    path.write_bytes(data.tobytes())
    return str(path)


def refusal(name: str) -> str:
    """The one line that `name` is refused with."""
    with pytest.raises(StickerError) as caught:
        sticker.load(name)
    message = str(caught.value)
    assert name in message
    assert "\n" not in message
    return message


def test_there_are_eight_stickers_of_our_own() -> None:
    assert set(sticker.art()) == OWN


@pytest.mark.parametrize("name", sorted(OWN))
def test_each_of_ours_hides_what_it_is_laid_on(name: str) -> None:
    own = sticker.load(name)
    assert own.name == name
    assert own.cover >= LEAST_COVER
    height, width = own.pixels.shape[:2]
    # What `Placement.holds` relies on: the middle quarter is opaque, at every size the art is kept in.
    assert own.pixels[3 * height // 8 : 5 * height // 8, 3 * width // 8 : 5 * width // 8, 3].min() >= OPAQUE
    for version in own.smaller:
        middle = version[3 * len(version) // 8 : -(3 * len(version) // 8) or None]
        assert middle[:, 3 * version.shape[1] // 8 : -(3 * version.shape[1] // 8) or None, 3].min() >= OPAQUE - 1e-6


@pytest.mark.parametrize("name", sorted(OWN))
def test_pixels_are_premultiplied(name: str) -> None:
    own = sticker.load(name)
    for version in (own.pixels, *own.smaller):
        assert version.dtype == np.float32
        assert version.min() >= 0
        assert version.max() <= 1
        assert (version[..., :3] <= version[..., 3:] + 1e-5).all()


def test_straight_alpha_becomes_premultiplied() -> None:
    half = sticker.make("half", np.full((8, 8, 4), (51, 102, 255, 51), np.uint8))
    np.testing.assert_allclose(half.pixels[0, 0], (0.04, 0.08, 0.2, 0.2), atol=1e-6)


def test_a_users_own_png_is_taken(tmp_path: Path) -> None:
    taken = sticker.load(write(tmp_path / "mine.png", card(40, 20)))
    assert taken.name == "mine"
    assert taken.pixels.shape == (20, 40, 4)
    assert taken.cover == 1
    np.testing.assert_allclose(taken.pixels[3, 3], (0, 128 / 255, 1, 1), atol=1e-6)


def test_a_png_of_16_bits_is_the_same_sticker(tmp_path: Path) -> None:
    fine = sticker.load(write(tmp_path / "fine.png", card().astype(np.uint16) * 257))
    np.testing.assert_allclose(fine.pixels, sticker.make("coarse", card()).pixels, atol=1e-6)


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("this is not a picture\n")
    assert "not a picture; expected a PNG with alpha" in refusal(str(tmp_path / "text.png"))
    (tmp_path / "empty.png").touch()
    assert "not a picture" in refusal(str(tmp_path / "empty.png"))


def test_half_a_png_is_refused(tmp_path: Path) -> None:
    whole = Path(write(tmp_path / "whole.png", np.random.default_rng(0).integers(0, 256, (64, 64, 4), np.uint8)))
    (tmp_path / "half.png").write_bytes(whole.read_bytes()[:60])
    refusal(str(tmp_path / "half.png"))


@pytest.mark.parametrize(("name", "channels"), [("photo.jpg", 3), ("photo.png", 3), ("grey.png", 1)])
def test_a_picture_without_alpha_is_refused(name: str, channels: int, tmp_path: Path) -> None:
    path = write(tmp_path / name, np.full((64, 64, channels), 200, np.uint8))
    assert "no alpha channel" in refusal(path)


def test_a_name_that_is_neither_ours_nor_a_file_is_answered_with_ours(tmp_path: Path) -> None:
    for name in ("starr", str(tmp_path / "none.png"), str(tmp_path)):
        message = refusal(name)
        assert all(own in message for own in OWN)


@pytest.mark.parametrize("alpha", [0, 200])
def test_a_picture_that_shows_through_is_refused(alpha: int, tmp_path: Path) -> None:
    assert "hides 0% of its box" in refusal(write(tmp_path / "clear.png", card(alpha=alpha)))


def test_a_picture_that_covers_too_little_is_refused(tmp_path: Path) -> None:
    thin = card()
    thin[:, : 64 * 3 // 8] = thin[:, 64 * 5 // 8 :] = 0
    assert "hides 25% of its box; expected at least 40%" in refusal(write(tmp_path / "thin.png", thin))


def test_a_ring_is_refused_for_its_hole(tmp_path: Path) -> None:
    ring = card()
    ring[28:36, 28:36] = 0
    assert "opaque middle" in refusal(write(tmp_path / "ring.png", ring))


@pytest.mark.parametrize(
    ("width", "height", "trouble"),
    [(7, 64, "expected at least 8×8"), (64, 7, "expected at least 8×8"), (LARGEST + 1, 8, "expected at most 4096")],
)
def test_a_picture_of_a_wrong_size_is_refused(width: int, height: int, trouble: str, tmp_path: Path) -> None:
    message = refusal(write(tmp_path / "size.png", card(width, height)))
    assert f"{width}×{height} px" in message
    assert trouble in message


def test_the_least_picture_that_is_taken_has_8_px_a_side(tmp_path: Path) -> None:
    assert sticker.load(write(tmp_path / "least.png", card(8, 8))).pixels.shape == (8, 8, 4)


def test_the_version_used_is_the_smallest_that_is_large_enough() -> None:
    own = sticker.load("heart")
    sides = [512, 256, 128, 64, 32, 16, 8]
    assert [len(version) for version in (own.pixels, *own.smaller)] == sides
    for side in (1, 8, 8.1, 20, 64, 64.5, 300, 512, 2000):
        expected = min((known for known in sides if known >= side), default=512)
        assert len(own.at_least(side)) == expected


def test_a_smaller_version_is_the_same_sticker() -> None:
    own = sticker.load("heart")
    for version in own.smaller[:4]:
        mean = version.mean(axis=(0, 1), dtype=np.float64)
        np.testing.assert_allclose(mean, own.pixels.mean(axis=(0, 1), dtype=np.float64), atol=1e-6)
