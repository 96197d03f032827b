"""Lays a sticker on a picture: the paper's equation 2, x_adv = (1 − A)·x + A·δ, on the patch's pixels only."""

import cv2
import numpy as np

from deadpan.models.frame import Image
from deadpan.stickers.placement import Placement
from deadpan.stickers.sticker import Premultiplied, Sticker


def warp(sticker: Sticker, placement: Placement, width: int, height: int) -> tuple[Premultiplied, slice, slice]:
    """The sticker as it lies in a picture of `width` × `height` px: its pixels, and the rows and columns they fill.

    (h, w, 4) float32, premultiplied, 0…1; empty where the sticker lies outside the picture.
    """
    corners = placement.corners()
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 1, 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 2, (width, height))
    rows, columns = slice(int(top), max(int(bottom), int(top))), slice(int(left), max(int(right), int(left)))
    return sample(sticker, placement, rows, columns), rows, columns


def sample(sticker: Sticker, placement: Placement, rows: slice, columns: slice) -> Premultiplied:
    """The sticker's pixels on these rows and columns of the picture it lies in, as in `warp`."""
    size = (columns.stop - columns.start, rows.stop - rows.start)
    if min(size) <= 0:
        return np.zeros((max(size[1], 0), max(size[0], 0), 4), np.float32)
    art = sticker.at_least(min(placement.size))
    matrix = placement.affine(art.shape[1], art.shape[0])
    matrix[:, 2] -= (columns.start, rows.start)
    patch = cv2.warpAffine(art, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(patch, np.float32)


def lay(picture: Image, patch: Premultiplied, rows: slice, columns: slice) -> None:
    """Blend `patch` into `picture`, (…, h, w, c) uint8, in place, on all pictures alike; exact to the nearest level.

    The patch has the picture's own colours, such as blue, green, red, and alpha behind them.
    """
    under = picture[..., rows, columns, :]
    blended = under * (1 - patch[..., -1:]) + patch[..., :-1] * np.float32(255)
    np.rint(blended, out=blended)
    under[...] = np.clip(blended, 0, 255).astype(np.uint8)
