"""Where a sticker goes: centred on a region, sized with the face, turned with the head, and steady."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.models.face import Face, Points
from deadpan.stickers.regions import Region
from deadpan.stickers.smoothing import OneEuro, State

MOST_LAG = 0.06
"""Shares of a sticker's smaller side by which its seat and smoothing may keep it off its region, never more. At .06 the
default sticker of 2/10 still lies on 93 % of the outer brow's window, whichever way it strays; at .1 on 87 %."""
MOST_TURN = 2 * MOST_LAG
"""Radians by which it may be turned away, never more: so much moves the middle of an edge by `MOST_LAG` of its side. A
face that was first seen badly, turned by 75°, would otherwise keep a sticker askew for seconds."""
FORGET = 1.0
"""Seconds after which a face that was not seen starts afresh."""


@dataclass(frozen=True, eq=False)
class Placement:
    """One sticker's place on one frame."""

    region: Region
    track: int
    """Number of the face it is on."""
    centre: tuple[float, float]
    """Px, x right, y down."""
    size: tuple[float, float]
    """Px along the head's own horizontal and vertical."""
    turn: float
    """Radians, clockwise in the picture."""

    @property
    def axes(self) -> NDArray[np.float64]:
        """(2, 2): the columns are the sticker's rightward and downward edges, px in the picture."""
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        return np.array([[cos * self.size[0], -sin * self.size[1]], [sin * self.size[0], cos * self.size[1]]])

    def affine(self, width: int, height: int) -> NDArray[np.float64]:
        """(2, 3): takes a pixel's centre in art of `width` × `height` px to its place in the frame, px."""
        matrix = self.axes / np.array([width, height])
        shift = np.array(self.centre) - matrix @ np.array([(width - 1) / 2, (height - 1) / 2])
        return np.column_stack([matrix, shift])

    def corners(self) -> Points:
        """(4, 2) float32, px: the sticker's corners in order round it."""
        signs = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
        return (signs @ self.axes.T + self.centre).astype(np.float32)

    def holds(self, point: Points) -> bool:
        """Whether `point` (px) lies under the sticker's middle, the part that is opaque in every sticker."""
        inside = np.linalg.solve(self.axes, np.asarray(point, float) - self.centre)
        return bool(np.abs(inside).max() <= 0.125)


def aim(face: Face, region: Region, k: float) -> Placement:
    """The unsmoothed place of a sticker of k tenths of `face` on `region`: S = (kW/10, kH/10)."""
    x, y = region.centre(face)
    left = face.left
    size = (k / 10 * face.width, k / 10 * face.height)
    return Placement(region, face.track, (float(x), float(y)), size, float(np.arctan2(left[1], left[0])))


class Steady:
    """Smooths placements over time, each face and region by itself, so that a sticker does not tremble.

    On a still face of 207 px with a webcam's noise a sticker's centre moves by 0.03 px r.m.s. instead of 0.15, mean of
    the regions (`tests/test_placement.py` measures it); on a moving one it lags at most `MOST_LAG` of its size.
    """

    def __init__(self) -> None:
        """Start with no memory."""
        self._filter = OneEuro(cutoff=1.2, beta=12.0)
        self._states: dict[tuple[int, str], State] = {}

    def settle(self, held: Placement, scale: float, time: float, aimed: Placement | None = None) -> Placement:
        """The smoothed placement at `time` (seconds); `scale` is the face's width in px.

        `held` is what is smoothed, and `aimed` what it may not stray from: the sticker over its region's centre.
        """
        aimed = held if aimed is None else aimed
        edge = held.size[0] * np.array([np.cos(held.turn), np.sin(held.turn)])
        key = (aimed.track, aimed.region.name)
        value = np.array([*held.centre, *held.size, *edge])
        state = self._filter.step(self._states.get(key), value, time, unit=scale)
        self._states[key] = state
        centre, size, edge = state.value[:2], state.value[2:4], state.value[4:]
        lag, most = centre - aimed.centre, MOST_LAG * min(aimed.size)
        centre = aimed.centre + lag * min(1.0, most / max(float(np.linalg.norm(lag)), 1e-9))
        size = np.maximum(size, (1 - MOST_LAG) * np.array(aimed.size))
        turned = float(np.arctan2(edge[1], edge[0])) - aimed.turn
        turned = (turned + np.pi) % (2 * np.pi) - np.pi  # the short way round
        return Placement(
            aimed.region,
            aimed.track,
            (float(centre[0]), float(centre[1])),
            (float(size[0]), float(size[1])),
            aimed.turn + float(np.clip(turned, -MOST_TURN, MOST_TURN)),
        )

    def forget(self, time: float) -> None:
        """Drop faces not seen for `FORGET` seconds before `time`."""
        self._states = {key: state for key, state in self._states.items() if time - state.time <= FORGET}
