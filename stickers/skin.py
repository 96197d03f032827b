"""Where the skin has gone: how a face has moved since a picture of its own past, without the head's motion.

The face is laid in a square of its own by its landmarks, dense inverse search (Kroeger 2016) follows the skin from the
baseline's square to this frame's, `template.py` refines what it found, and the one affine motion that most of the face
follows is taken for the head's. That is finer than landmarks, which are found anew on every frame: they miss by 0.5 %
of the face's width on the median.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.face import LEFT_SIDE, RIGHT_SIDE, Face, Points
from deadpan.models.frame import Image
from deadpan.models.motion import frontal
from deadpan.stickers.field import SIDE, Affine, Field, round_about, together
from deadpan.stickers.search import Search
from deadpan.stickers.template import Template

ROOM = 1.25
"""The square's side in shares of the face's longer side."""
OUT = 0.07
"""Share of the face's width beyond its outline at which a field ends. Fading in over 0.06 from the outline itself
leaves temples and jaw their motion, which whoever stretches what he sees reads: of frozen real micro-expressions
`motion` reads UF1 0.44 then and 0.37 with this, `motion-large` 0.36 and 0.34, no motion 0.30. Half the people and
`motion` would always choose 0.10, the most that was tried; of the other half `motion-large` reads 0.32 then, 0.34 with
this and 0.36 at the outline (models of `deadpan evaluate protection --data mer_flow.npz`, each value set here)."""
EDGE = 0.08
"""Share of the face's width over which a field fades in from there: hair and wall farther away stay where they are."""
SOFT = 0.28
"""Px of the square, sigma, by which a larger picture is softened before it is laid there: detail above the square's own
resolution would fold into it. From .22 to .35 it makes no difference to what is left of a motion."""
RIM = 2
"""Px of the square: so far into the skin the search mixes the wall behind it. More is read: what is farther in moves
more, and with it would go hair and wall."""
HOLE = 9
"""Px of the square: so wide is the mean that fills in where skin is not found again."""
STEP = 5
"""Px of the square between the places that the head's motion is fitted to."""
FITS = 10
"""Times that the head's motion is fitted anew without those places that do not follow it. After 5, less strict ones, an
expression was taken for a motion of the head by 0.05 % of the face's width, r.m.s. on 81 clips of seed 1008, and by
0.03 % now (a lab script). What moves as a third of the face does, such as a jaw, still is."""
SURE_OVER = 0.02
"""Share of the square's side, sigma, over which it is judged whether skin is found again."""
MISSED = 0.4
"""Share of the squared difference that its motion must not leave unexplained, or it is not the same skin."""
LEVELS = 8.0
"""Grey levels, root mean square, that are never held against it: noise, and a little change of light."""
# fmt: off
OUTLINE = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
           152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)
# fmt: on
"""Landmarks round the face, in order."""


@dataclass(frozen=True, eq=False)
class Baseline:
    """A face at a moment of the past, laid in its square."""

    face: Face
    place: Affine
    """Takes px of its frame to px of the square."""
    landmarks: Points
    """(478, 2), px of the square."""
    width: float
    """The face's width, px of the square."""
    crop: Affine
    """Takes px of the square to px of the recognizers' crop (`models.motion`)."""
    fade: NDArray[np.float32]
    """(SIDE, SIDE), as `fade`."""
    part: tuple[slice, slice]
    """Rows and columns of the square that a field may move, h and w of them: all that is looked at."""
    grey: NDArray[np.uint8]
    """(h, w): that part."""
    search: Search
    """To find it again."""
    template: Template
    """To find it more finely."""
    nearest: NDArray[np.float32]
    """(h, w, 2): x and y of the nearest place that lies on skin, `RIM` within the outline; its own, there."""
    cells: NDArray[np.intp]
    """(n, 2): rows and columns of the square's places every `STEP` px that lie on the face."""


@dataclass(frozen=True, eq=False)
class Moved:
    """How the skin of a face lies on a frame, against its baseline."""

    field: Field
    """Where the skin at a place of the baseline has gone, the head's motion taken off."""
    place: Affine
    """Takes px of the frame to px of the baseline's square, the head's motion being undone."""
    sure: NDArray[np.float32]
    """(SIDE, SIDE), 0 where the baseline's skin is not found again (a shut eye, a hand before the face) to 1."""
    raw: Field
    """The field of the baseline's part with the head's motion in it, for the next frame's search to start from."""


def baseline(picture: Image, face: Face) -> Baseline:
    """Take (h, w, 3) uint8 BGR with this face as the moment that later ones are measured against."""
    axes = np.stack([face.left, face.down]).astype(np.float64)
    upright = face.landmarks @ axes.T
    low, high = upright.min(axis=0), upright.max(axis=0)
    scale = SIDE / (ROOM * max(float((high - low).max()), 1.0))
    place = np.column_stack([scale * axes, (SIDE - 1) / 2 - scale * (low + high) / 2])
    landmarks = np.asarray(face.landmarks @ place[:, :2].T + place[:, 2], np.float32)
    width = float(np.linalg.norm(landmarks[LEFT_SIDE] - landmarks[RIGHT_SIDE]))
    outline = landmarks[list(OUTLINE)]
    inside = _inside(outline)
    faded = fade(outline, width)
    part = _span(faded.max(axis=1)), _span(faded.max(axis=0))
    grey = _laid(picture, place, part)
    with np.errstate(divide="ignore", invalid="ignore"):  # a face without a shape: what is not finite is not bent
        crop = frontal(landmarks)
    cells = np.argwhere(inside[STEP // 2 :: STEP, STEP // 2 :: STEP]) * STEP + STEP // 2
    nearest = _nearest(np.asarray(cv2.erode(inside, np.ones((2 * RIM + 1, 2 * RIM + 1))), np.uint8)[part])
    return Baseline(
        face=face,
        place=place,
        landmarks=landmarks,
        width=width,
        crop=crop,
        fade=faded,
        part=part,
        grey=grey,
        search=Search(grey),
        template=Template(grey),
        nearest=nearest,
        cells=cells,
    )


def fade(outline: Points, width: float) -> NDArray[np.float32]:
    """(SIDE, SIDE): 0 from `OUT` beyond the outline of a face `width` px wide on, 1 from `EDGE` farther in on.

    `outline` is (36, 2), px of the square: the landmarks `OUTLINE`.
    """
    inside = _inside(outline)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5) - cv2.distanceTransform(255 - inside, cv2.DIST_L2, 5)
    share = np.clip((depth + np.float32(OUT * width)) / np.float32(EDGE * width), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _span(faded: NDArray[np.float32]) -> slice:
    """From the first to the last of (SIDE,) that is not 0, and the middle half, for the search takes no narrow part."""
    there = np.flatnonzero(faded)
    low, high = (int(there[0]), int(there[-1]) + 1) if len(there) else (0, SIDE)
    return slice(min(low, SIDE // 4), max(high, SIDE - SIDE // 4))


def _inside(outline: Points) -> NDArray[np.uint8]:
    """(SIDE, SIDE), 255 within the outline and 0 elsewhere."""
    drawn = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillPoly(drawn, [np.rint(outline * 16).astype(np.int32)], 255, shift=4)
    return drawn


def _nearest(inside: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(h, w, 2): x and y of the nearest place `inside`, (h, w), without the creases where two are as near."""
    if not inside.any():
        return np.asarray(np.dstack(np.meshgrid(*map(np.arange, inside.shape[::-1]))), np.float32)
    _, which = cv2.distanceTransformWithLabels(255 - inside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    down, across = np.nonzero(inside)
    place = np.zeros((int(which.max()) + 1, 2), np.float32)
    place[which[down, across]] = np.stack([across, down], axis=1)
    sharp = place[which]
    return np.asarray(np.where(inside[..., None] > 0, sharp, cv2.GaussianBlur(sharp, (0, 0), 1.5)), np.float32)


def move(picture: Image, onto: Affine, since: Baseline, last: Field | None = None) -> Moved:
    """Follow the skin from the baseline to this frame; `last` is the last frame's `raw`, where there is one.

    `onto` lays this frame's landmarks on the baseline's (see `models.motion.similarity`).
    """
    matrix = together(since.place, onto)
    now = _laid(picture, matrix, since.part)
    raw = since.template.refined(now, since.search.flow(now, last))
    across, down, shift = motion = _head(raw, since)
    head = _everywhere(motion, since.part)
    carried = _carried(raw - head, _found_again(since.grey, now, raw, head), since.nearest)
    field, sure = (_beyond(each, since.part) for each in carried)
    # A pixel x of the baseline lies at x + head(x) on this frame's square; undo that on the way in.
    linear = np.linalg.inv(np.eye(2) + np.stack([across, down], axis=1))
    middle = np.full(2, (SIDE - 1) / 2)
    place = np.column_stack([linear @ matrix[:, :2], linear @ (matrix[:, 2] - middle - shift) + middle])
    return Moved(field, place, sure, raw)


def _beyond(values: NDArray[np.float32], part: tuple[slice, slice]) -> NDArray[np.float32]:
    """(SIDE, SIDE, …): what lies in a part of the square, carried on as it is at the part's edge."""
    rows, columns = part
    rim = rows.start, SIDE - rows.stop, columns.start, SIDE - columns.stop
    return np.asarray(cv2.copyMakeBorder(values, *rim, cv2.BORDER_REPLICATE), np.float32)


def _carried(
    field: Field, sure: NDArray[np.float32], nearest: NDArray[np.float32]
) -> tuple[Field, NDArray[np.float32]]:
    """The field, carried on from skin that is found again to what lies between and beyond, and how much of it there is.

    Beyond the outline the search follows the wall, which would swim along with the head: what is there moves as the
    nearest skin does. (A mean over much skin would drag hair and wall where the skin beside them rests: that is read.)
    Between lips that part, and where a turning cheek hides what is behind it, the search finds nothing and tears.
    """
    across, down = cv2.split(field)
    known = cv2.remap(cv2.merge([across * sure, down * sure, sure]), nearest, None, cv2.INTER_LINEAR)
    (across, down, weight), (*mean, around) = cv2.split(known), cv2.split(cv2.blur(known, (HOLE, HOLE)))
    rest = (1 - weight) / np.maximum(around, 1e-3)
    field = np.asarray(cv2.merge([across + mean[0] * rest, down + mean[1] * rest]), np.float32)
    # All of it where three quarters of the skin around are found again, nothing where a quarter is.
    return field, np.asarray(np.clip(2 * around - 0.5, 0, 1), np.float32)


def _found_again(before: NDArray[np.uint8], after: NDArray[np.uint8], raw: Field, head: Field) -> NDArray[np.float32]:
    """(h, w): how much of what differs between the two the skin's motion explains, above the camera's noise."""
    # Every other pixel is enough to judge by, and costs a quarter.
    small = before[::2, ::2].astype(np.float32)
    y, x = (np.arange(0, size, 2, dtype=np.float32) for size in before.shape)
    missed = []
    for way in (raw[::2, ::2], head[::2, ::2]):
        off = cv2.remap(after, x + way[..., 0], y[:, None] + way[..., 1], cv2.INTER_LINEAR) - small
        off -= cv2.blur(off, (9, 9))
        missed.append(cv2.GaussianBlur(off * off, (0, 0), SURE_OVER * SIDE / 2))
    share = missed[0] / np.maximum(MISSED * missed[1], LEVELS**2)
    sure = cv2.resize(np.clip(2 - share, 0, 1), None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    return np.asarray(sure[: len(before), : before.shape[1]], np.float32)


def _laid(picture: Image, place: Affine, part: tuple[slice, slice]) -> NDArray[np.uint8]:
    """(h, w): the face in grey, in that part of its square."""
    # Softening costs with its width: of faces larger than any camera's that much is enough.
    scale = max(float(np.sqrt(abs(np.linalg.det(place[:, :2])))), 1 / 16)
    rows, columns = part
    room = math.ceil(3 * SOFT / scale) + 1
    left, top, right, bottom = round_about((columns.start, rows.start), (columns.stop, rows.stop), place, room)
    height, width = picture.shape[:2]
    left, top = (min(max(first, 0), size - 1) for first, size in ((left, width), (top, height)))
    grey = cv2.cvtColor(picture[top : max(bottom, top + 1), left : max(right, left + 1)], cv2.COLOR_BGR2GRAY)
    if scale < 1:
        grey = cv2.GaussianBlur(grey, (0, 0), SOFT / scale)
    shift = place[:, :2] @ (left, top) + place[:, 2] - (columns.start, rows.start)
    here, size = np.column_stack([place[:, :2], shift]), (columns.stop - columns.start, rows.stop - rows.start)
    laid = cv2.warpAffine(grey, here, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.uint8)


_FROM_MIDDLE = np.arange(SIDE, dtype=np.float32) - np.float32((SIDE - 1) / 2)
"""(SIDE,) float32: px of the square, right or down of its middle."""
_SOLVABLE = 1e-9 * np.eye(3)
"""Added where the places lie in a line."""


def _head(raw: Field, since: Baseline) -> NDArray[np.float64]:
    """(3, 2): what the affine motion that most of the face follows adds a px right, a px down, and everywhere."""
    if not len(since.cells):
        return np.zeros((3, 2))  # a face seen from its edge has no place on it
    rows, columns = since.cells.T
    sampled = raw[rows - since.part[0].start, columns - since.part[1].start].astype(np.float64)
    design = np.column_stack([_FROM_MIDDLE[columns], _FROM_MIDDLE[rows], np.ones(len(rows))])
    both = np.hstack([design, sampled])
    weight: NDArray[np.floating] = np.ones(len(design))
    solution = np.zeros((3, 2))
    for _ in range(FITS):
        sums = (design.T * weight) @ both
        solution = np.linalg.solve(sums[:, :3] + _SOLVABLE, sums[:, 3:])
        off = ((sampled - design @ solution) ** 2) @ (1, 1)
        middle = np.partition(off, len(off) // 2)[len(off) // 2]
        weight = 1 / (1 + off / max(float(middle), 1e-6)) ** 2
    return solution


def _everywhere(motion: NDArray[np.float64], part: tuple[slice, slice]) -> Field:
    """(h, w, 2) float32: what an affine motion, (3, 2) as of `_head`, adds at each place of that part."""
    y, x = (_FROM_MIDDLE[each] for each in part)
    both = (x * across + (y[:, None] * down + shift) for across, down, shift in motion.T.astype(np.float32))
    return np.asarray(cv2.merge(list(both)), np.float32)
