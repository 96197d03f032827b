"""Where a sticker sits on the head: it goes with the head at once, and with the expression hardly at all.

A region's landmarks move with the expression that its sticker is to hide: from onset to apex by a third to two thirds
of what the skin there does. A sticker that followed them would show, with an edge sharper than the skin's, what it
covers.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from deadpan.models.face import Face, Points
from deadpan.models.motion import similarity
from deadpan.stickers.placement import FORGET, Placement

PACE = 2.0
"""Seconds in which a seat makes up for two thirds of what its region has moved on the head: several times as long as a
micro-expression lasts, short enough for a head that turns."""
EVERY = 3
"""One landmark in so many says how the head lies: a third of them say it as well, in a third of the time."""


class Seats:
    """The seats of the stickers on every face; knows only the past."""

    def __init__(self) -> None:
        """Start with no memory."""
        self._first: dict[int, Points] = {}
        """Each face's landmarks on the frame on which it was first seen: seats are kept in that frame's px."""
        self._seen: dict[int, float] = {}
        """When each face was seen last, seconds."""
        self._seats: dict[tuple[int, str], NDArray[np.float64]] = {}
        """Centre, size and rightward edge of each sticker, two px each."""

    def hold(self, face: Face, aimed: list[Placement], time: float) -> list[Placement]:
        """The seats at `time` (seconds) of the stickers that are `aimed` at the regions of `face`, in that order."""
        marks = face.landmarks[::EVERY]
        first = self._first.setdefault(face.track, marks)
        onto = similarity(marks, first)
        turned, scale = onto[:, :2], float(np.sqrt(np.linalg.det(onto[:, :2])))
        back = np.linalg.inv(turned)
        elapsed = time - self._seen.get(face.track, time)
        weight = float(-np.expm1(-max(elapsed, 0.0) / PACE))
        self._seen[face.track] = time
        held = []
        for each in aimed:
            edge = each.size[0] * np.array([np.cos(each.turn), np.sin(each.turn)])
            here = np.array([*(turned @ each.centre + onto[:, 2]), *(scale * np.array(each.size)), *(turned @ edge)])
            seat = self._seats.get((face.track, each.region.name), here)
            seat = self._seats[face.track, each.region.name] = seat + weight * (here - seat)
            centre, size, edge = back @ (seat[:2] - onto[:, 2]), seat[2:4] / scale, back @ seat[4:]
            held.append(
                replace(
                    each,
                    centre=(float(centre[0]), float(centre[1])),
                    size=(float(size[0]), float(size[1])),
                    turn=float(np.arctan2(edge[1], edge[0])),
                )
            )
        return held

    def forget(self, time: float) -> None:
        """Drop faces not seen for `FORGET` seconds before `time`."""
        for track in [track for track, seen in self._seen.items() if time - seen > FORGET]:
            del self._seen[track], self._first[track]
            self._seats = {key: seat for key, seat in self._seats.items() if key[0] != track}
