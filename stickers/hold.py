"""Holds the skin where it was, region by region, and lets a region go while it moves far or for long.

What is held is a field `kept`: where the skin is shown, against the baseline. It stays when the skin moves briefly and
little, as in a micro-expression, and comes after when the skin moves far (speech, a blink, a broad smile) or stays
away.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.stickers.field import SIDE, Field, times
from deadpan.stickers.regions import NAMES, REGIONS, UNIT
from deadpan.stickers.skin import Baseline

FAR = 0.022
"""Share of the face's width, root mean square over a region, that it is shown behind its skin at most: a
micro-expression moves a place by up to 0.02, its surroundings less. What moves farther is let go, and comes after."""
NEAR = 0.008
"""The same for a region that comes after: below it, it counts as calm."""
WITHIN = 0.025
"""The same for any single place. Less is taken off what is farther away, but never nothing: skin would tear there."""
CALM = 0.12
"""Seconds of calm after which a region that was let go is held again."""
FOLLOW = 0.12
"""Seconds: time constant with which what is shown comes after in a region that was let go. What is shown never jumps,
neither when it is let go nor when it is held again, and fast small motion on top of large motion is damped."""
LONG = 0.6
"""Seconds for which a region may be away by more than `NEAR`; a micro-expression lasts at most 0.5."""
RETURN = 0.02
"""Shares of the face's width a second by which what is shown comes after from `LONG` on. Before, not at all: coming
after by 0.0015 a second doubles what can be read of a micro-expression (0.06 of the motion instead of 0.04)."""
BLINK = 0.35
"""Seconds: eyes that are shut, or look elsewhere, for less than that are held where they were once they are back."""
GIVE, TAKE = 0.03, 0.08
"""Seconds: time constants with which the hold on skin that is not found again ends, and begins again."""
HELD = 0.9
"""Share of its motion that must be taken off for a region to count as held."""
COARSE = 11
"""Px of the square: what is taken off where skin is let go is as smooth as that. Teeth that a smile lays bare are
found nowhere on the baseline, and what the search makes of them would bend them."""
STEEP, STEEPEST = 0.3, 0.7
"""Px a px: where the field begins to be smoothed because it changes so fast, and where it is no more than a mean of
what is around. From 1 on it folds: the same tooth is shown twice, the second time in a mirror."""
SMOOTHED = (7, 13)
"""Px of the square: so wide are the means, one after the other. What they give free of a region's motion counts."""
NEXT_TO_NOTHING = 1e-2
"""Squared px of the square: of motion as small as a tenth of a px nothing is given free that could be seen."""
RISE = 0.17
"""Seconds from an onset to an apex."""
GRID = 32
"""Cells along the square's side in which regions are measured."""
_EYES = [number for number, region in enumerate(REGIONS) if 45 in region.action_units]
"""Where people blink."""
BLUR = 0.04
"""Share of the face's width by which regions run into one another: a hold that ended at an edge would tear."""


@dataclass(frozen=True, eq=False)
class Held:
    """What becomes of one face on one frame."""

    field: Field
    """To take off: how far the skin is from where it is shown."""
    let_go: tuple[str, ...]
    """Regions whose motion can be seen."""


class Hold:
    """The state of every region of one face; knows only the past."""

    def __init__(self, since: Baseline) -> None:
        """Hold everything where it is on the baseline."""
        self._loose = np.zeros(len(REGIONS), bool)
        self._grip = np.ones(len(REGIONS))
        """0 where a region's own motion is shown, 1 where it is held."""
        self._calm = np.zeros(len(REGIONS))
        """Seconds since it last moved."""
        self._away = np.zeros(len(REGIONS))
        """Seconds for which it has been away."""
        self._back = np.zeros(len(REGIONS), bool)
        """Whether what is shown comes after though it is held."""
        self._lost = np.zeros(len(REGIONS))
        """Seconds for which its skin has not been found again."""
        self._free = np.zeros(len(REGIONS))
        """Seconds for which it has been let go, against this baseline."""
        self._time: float | None = None
        self.kept: Field = np.zeros((SIDE, SIDE, 2), np.float32)
        self.renew(since, self.kept)

    @property
    def settled(self) -> bool:
        """Whether nothing is away, and no eye shut for a moment."""
        return not self._away.any() and not self._lost.any()

    @property
    def outlived(self) -> bool:
        """Whether some skin has not been found again, or moved, for so long that another baseline is due.

        Against one without teeth, a laugh is all noise.
        """
        return float(max(self._lost.max(), self._free.max())) >= BLINK

    def renew(self, since: Baseline, away: Field) -> None:
        """Measure against another baseline, on which the skin is `away` from where it is shown."""
        self._weight, self._share = _regions(since)
        self._width = since.width
        self._lost[:] = self._free[:] = 0.0
        self.kept = np.asarray(-away, np.float32)

    def step(self, field: Field, sure: NDArray[np.float32], time: float, shut: bool = False) -> Held:
        """The skin lies at `field` now, at `time` (seconds).

        Where it is not `sure`, (SIDE, SIDE) 0…1, it is let go, and so are the eyes while they are `shut` or look
        elsewhere than on the baseline.
        """
        elapsed = 0.0 if self._time is None else min(max(time - self._time, 0.0), 0.1)
        self._time = time
        off = np.asarray(field - self.kept, np.float32)
        length = np.asarray(cv2.magnitude(*cv2.split(off)), np.float32) / np.float32(self._width)
        size = np.sqrt(self._weight @ _cells(length * length))
        blind = self._weight @ _cells(sure) < 0.5
        blind[_EYES] |= shut
        after = self._judge(size, blind, elapsed)
        self._grip += (~blind - self._grip) * (1 - np.exp(-elapsed / np.where(blind, GIVE, TAKE)))
        left = 1 - self._spread(after)
        self.kept += times(off, 1 - left)
        local = sure * np.minimum(np.float32(WITHIN) / np.maximum(length * left, np.float32(1e-6)), 1)
        shown = times(off, self._spread(self._grip) * local * left)
        if self._loose.any():
            shown += times(cv2.blur(shown, (COARSE, COARSE)) - shown, self._spread(self._loose.astype(float)))
        shown, rough = _unfolded(shown), shown
        taken = 1.0 if shown is rough else _along(self._weight, shown, rough)
        # What is shown comes after its neighbours', too: so much is held of a motion as quick as a micro-expression's.
        comes = (self._weight @ _cells(left)) ** (RISE / max(elapsed, 1e-3))
        seen = self._loose | (self._grip * (self._weight @ _cells(local)) * comes * taken < HELD)
        return Held(shown, tuple(name for name, free in zip(NAMES, seen, strict=True) if free))

    def _judge(self, size: NDArray[np.float64], blind: NDArray[np.bool_], elapsed: float) -> NDArray[np.float64]:
        """Let go of what moves far or is lost for long, take back what has been calm.

        The share of each region's way by which what is shown comes after on this frame.
        """
        quiet = size <= NEAR
        self._lost = np.asarray(np.where(blind, self._lost + elapsed, 0.0), np.float64)
        self._calm = np.asarray(np.where(quiet & ~blind, self._calm + elapsed, 0.0), np.float64)
        self._loose = (self._loose & (self._calm < CALM)) | np.where(blind, self._lost >= BLINK, size > FAR)
        self._free = np.asarray(np.where(self._loose, self._free + elapsed, 0.0), np.float64)
        self._away = np.asarray(np.where(quiet | self._loose | blind, 0.0, self._away + elapsed), np.float64)
        self._back = ~self._loose & ~blind & ((self._away > LONG) | (self._back & (size > NEAR / 4)))
        # What is lost for a moment, as eyes are in a blink, is held where it was once it is back.
        follow = np.where(self._loose, 1 - np.exp(-elapsed / FOLLOW), 0.0)
        slow = np.where(self._back, np.minimum(RETURN * elapsed / np.maximum(size, 1e-6), 1), 0.0)
        after = np.maximum(np.maximum(follow, slow), 1 - FAR / np.maximum(size, FAR))
        return np.asarray(np.where(blind & (self._lost < BLINK), 0.0, after), np.float64)

    def _spread(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """(SIDE, SIDE): one value a region, run smoothly into one another."""
        small = (self._share @ values).reshape(GRID, GRID).astype(np.float32)
        return np.asarray(cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.float32)


def _unfolded(field: Field) -> Field:
    """The field, smoother where it changes faster than skin does."""
    for size in SMOOTHED:
        steepness = np.zeros((SIDE, SIDE), np.float32)
        for part in cv2.split(field):
            np.maximum(steepness[:, 1:], cv2.absdiff(part[:, 1:], part[:, :-1]), out=steepness[:, 1:])
            np.maximum(steepness[1:], cv2.absdiff(part[1:], part[:-1]), out=steepness[1:])
        if float(steepness.max()) <= STEEP:
            return field
        steepest = cv2.dilate(steepness, np.ones((size, size), np.uint8))
        share = np.clip((steepest - np.float32(STEEP)) / np.float32(STEEPEST - STEEP), 0, 1)
        field = field + times(cv2.blur(field, (size, size)) - field, cv2.blur(share, (size, size)))
    return field


def _along(weight: NDArray[np.float64], field: Field, of: Field) -> NDArray[np.float64]:
    """(14,): how much of one field there is in another, over each region's window; 1 where it is next to nothing."""
    there, whole = (weight @ _cells(np.einsum("yxc,yxc->yx", each, of)) for each in (field, of))
    return np.asarray(np.where(whole > NEXT_TO_NOTHING, there / np.maximum(whole, NEXT_TO_NOTHING), 1.0))


def _cells(places: NDArray[np.float32]) -> NDArray[np.float32]:
    """(GRID · GRID,): the mean over each cell of (SIDE, SIDE)."""
    return np.asarray(cv2.resize(places, (GRID, GRID), interpolation=cv2.INTER_AREA), np.float32).ravel()


def _regions(since: Baseline) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(14, cells) and (cells, 14): the cells of each region's window, and to which regions each cell belongs."""
    at = (np.arange(GRID) + 0.5) * SIDE / GRID - 0.5
    x, y = np.meshgrid(at, at)
    windows, belongs = [], []
    scale = since.width / UNIT
    for region in REGIONS:
        centre = since.place[:, :2] @ region.centre(since.face) + since.place[:, 2]
        half = np.array(region.half_window) * scale
        beyond = np.maximum(np.abs(np.stack([x - centre[0], y - centre[1]])) - half[:, None, None], 0)
        distance = np.linalg.norm(beyond, axis=0)
        window = (distance <= 0.75 * SIDE / GRID).ravel().astype(np.float64)
        windows.append(window / max(window.sum(), 1.0))
        belongs.append(np.exp(-distance / (BLUR * since.width)).ravel() + 1e-9)
    share = np.stack(belongs, axis=1)
    return np.stack(windows), share / share.sum(axis=1, keepdims=True)
