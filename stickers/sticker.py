"""A sticker's picture: our own art or any PNG with alpha."""

from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.errors import DeadpanError

Premultiplied = NDArray[np.float32]
"""(h, w, 4) float32 in 0…1: blue, green and red already multiplied by alpha, then alpha."""

OPAQUE = 0.95
"""Alpha from which a pixel counts as hiding what is under it."""
LEAST_COVER = 0.4
"""Share of its box that a sticker must hide: below that it is decoration."""
LARGEST = 4096
"""Px: the longest side of a picture that is taken for a sticker."""


class StickerError(DeadpanError):
    """A picture cannot serve as a sticker."""


@dataclass(frozen=True, eq=False)
class Sticker:
    """A picture with alpha that hides what it is laid on."""

    name: str
    pixels: Premultiplied
    """(h, w, 4) float32: premultiplied, because straight alpha leaves a dark rim where the art fades out."""
    smaller: list[Premultiplied] = field(default_factory=list)
    """The same at 1/2, 1/4, … of the size: shrinking further than by half in one step would shimmer."""

    @property
    def cover(self) -> float:
        """Share of the box that is opaque, 0…1."""
        return float((self.pixels[..., 3] >= OPAQUE).mean())

    def at_least(self, side: float) -> Premultiplied:
        """The smallest version whose shorter side has at least `side` px."""
        best = self.pixels
        for version in self.smaller:
            if min(version.shape[:2]) >= side:
                best = version
        return best


def art() -> dict[str, Path]:
    """deadpan's own stickers: name → PNG."""
    with as_file(files("deadpan.stickers") / "art") as folder:
        return {path.stem: path for path in sorted(folder.glob("*.png"))}


def load(name: str) -> Sticker:
    """The sticker called `name`, or the PNG file `name`; raises `StickerError` in one line."""
    own = art()
    path = own.get(name, Path(name))
    if not path.is_file():
        raise StickerError(f"no sticker called {name!r} and no such file; there is: {', '.join(own)}")
    try:
        picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    except (OSError, cv2.error):
        picture = None
    if picture is None:
        raise StickerError(f"{name}: not a picture; expected a PNG with alpha")
    if picture.ndim != 3 or picture.shape[2] != 4:
        raise StickerError(f"{name}: has no alpha channel; expected a PNG with alpha (see `deadpan stickers list`)")
    if max(picture.shape[:2]) > LARGEST:
        raise StickerError(f"{name}: {picture.shape[1]}×{picture.shape[0]} px, expected at most {LARGEST} a side")
    sticker = make(path.stem, picture)
    _check(sticker, name)
    return sticker


def make(name: str, picture: NDArray[np.generic]) -> Sticker:
    """A sticker from (h, w, 4) uint8 or uint16, blue, green, red and straight alpha."""
    scale = 65535.0 if picture.dtype == np.uint16 else 255.0
    pixels = picture.astype(np.float32) / np.float32(scale)
    pixels[..., :3] *= pixels[..., 3:]
    smaller: list[Premultiplied] = []
    half = pixels
    while min(half.shape[:2]) >= 16:
        size = (half.shape[1] // 2, half.shape[0] // 2)
        half = np.asarray(cv2.resize(half, size, interpolation=cv2.INTER_AREA), np.float32)
        smaller.append(half)
    return Sticker(name, pixels, smaller)


def _check(sticker: Sticker, origin: str) -> None:
    """Refuse a picture that would hide nothing."""
    if min(sticker.pixels.shape[:2]) < 8:
        raise StickerError(f"{origin}: {sticker.pixels.shape[1]}×{sticker.pixels.shape[0]} px, expected at least 8×8")
    h, w = sticker.pixels.shape[:2]
    middle = sticker.pixels[h * 3 // 8 : h - h * 3 // 8, w * 3 // 8 : w - w * 3 // 8, 3]
    if sticker.cover < LEAST_COVER or (middle < OPAQUE).any():
        raise StickerError(
            f"{origin}: hides {sticker.cover:.0%} of its box; expected at least {LEAST_COVER:.0%} and an opaque middle"
        )
