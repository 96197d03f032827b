"""Features: how much, or which way, each of the 14 regions moves in each sample."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.windows import windows
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import Maps
from deadpan.stickers.regions import REGIONS

FEATURES = ("strain", "magnitude", "direction")
"""What can be taken from a motion map, by name."""
DEFAULT = "strain"
"""Strain alone keeps its zero through the min–max stretch of the public maps (where nothing deforms it is 0), so it
is the deformation of a region as a share of the strongest in that clip. u and v are each stretched about a zero that
is then unknown and by a factor of their own, so their length mixes two units. Not chosen by what it makes of the graph.
"""
SECTORS = 8


@dataclass(frozen=True, eq=False)
class Features:
    """One number for each region and sample."""

    name: str
    unit: str
    values: NDArray[np.float32]
    """(n, 14) float32, columns in the order of `REGIONS`."""
    subject: NDArray[np.str_]
    """(n,): who; names repeat for samples of one person."""
    categorical: bool = False
    """Whether the values are names of classes, without an order, rather than quantities."""


def of_maps(maps: Maps, name: str = DEFAULT) -> Features:
    """The feature of that name, one of `FEATURES`, over the regions' own windows on each map.

    strain: mean of the strain channel, levels of 255 of the clip's strongest. magnitude: mean length of (u, v), each
    about the channel's median, levels. direction: of eight sectors of 45°, the first about the picture's right and the
    next clockwise as seen, that in which the window's cells move most in sum. Raises `DeadpanError` on other names.
    """
    inside = windows(maps).reshape(len(maps), len(REGIONS), -1).astype(np.float32)
    values = field(maps, name).reshape(len(maps), -1)
    if name != "direction":
        return Features(name, "level of 255", _inside(inside, values) / inside.sum(axis=-1), maps.subject)
    length = field(maps, "magnitude").reshape(len(maps), -1)
    sums = np.stack([_inside(inside, length * (values == each)) for each in range(SECTORS)], axis=-1)
    most = sums.argmax(axis=-1).astype(np.float32)
    return Features(name, f"sector of {360 // SECTORS}°", most, maps.subject, categorical=True)


def field(maps: Maps, name: str) -> NDArray[np.float32]:
    """(n, 28, 28) float32: what `of_maps` sums up, cell by cell; raises `DeadpanError` on other names."""
    if name == "strain":
        return maps.motion[..., 0].astype(np.float32)
    if name not in FEATURES:
        raise DeadpanError(f"feature {name}: expected one of {', '.join(FEATURES)}")
    moved = maps.motion[..., 1:].astype(np.float32)
    away = moved - np.median(moved, axis=(1, 2), keepdims=True)
    if name == "magnitude":
        return np.asarray(np.linalg.norm(away, axis=-1), np.float32)
    turn = np.arctan2(away[..., 0], away[..., 1]) / (2 * np.pi / SECTORS)
    return np.asarray(np.rint(turn).astype(int) % SECTORS, np.float32)


def _inside(inside: NDArray[np.float32], values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 14): sums over each window, given (n, 14, cells) and (n, cells)."""
    return np.asarray(np.matmul(inside, values[..., None])[..., 0], np.float32)
