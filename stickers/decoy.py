"""The decoy: a small smooth motion of the skin that never stops, never repeats and that nobody can know in advance.

What is left of the true motion lies under it, and because it is drawn anew all the time, neither averaging nor
subtracting what was seen before takes it away again. A plan may bring fields that were learned to confuse recognizers
(`basis.py`); then most of its broad motion is a mixture of these, with weights that are drawn anew all the time.
"""

import functools
import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.motion import CROP
from deadpan.stickers.basis import FACE, NODES
from deadpan.stickers.field import SIDE, Affine, Field

MOST = 0.01
"""Share of the face's width that nothing is moved farther than, at strength 1."""
USUAL = 0.5
"""Share of `MOST` that the motion has on the root mean square."""
OCTAVES = ((NODES, 0.8), (2 * NODES, 0.5), (4 * NODES, 0.35))
"""Nodes along the square's side, and the share of the root mean square that motion between them has. With the first
alone, an attacker who learns on other people's protected pictures looks where the decoy has no power. Chosen on clips
of seed 8: a linear one was right on 64 % of 81 under the first alone, on 41 % under all three, as strong together, and
on 28 % where nothing moves. What is left on other clips: `deadpan evaluate protection --retrain 81` (README)."""
FINE = 64
"""Along the square's side: where the curves between nodes are drawn."""
TIME, SLOW = 0.09, 0.2
"""Seconds: time constants of the two low-passes that white noise goes through, and of the slow mean that is then taken
off. What is left has its power where an expression has it, which rises and falls within half a second: who knows the
course of one and weighs 40 frames by it gains nothing from slower motion ("whole film" of `deadpan evaluate protection
--retrain 81`)."""
STEP = 1 / 60
"""Seconds: in such steps the process goes on, so that it is as lively at any frame rate up to 60 a second."""
LONG = 60
"""Steps after which nothing of what was is left."""
LEFT = 0.3
"""Share of the power under a held face that looks like what holding it leaves of expressions; of what lies on the face
itself, where octaves are weaker between their nodes, .39. Chosen as `calibration/decoy/leftover.py` says of `KINDS`."""
FREE = 0.25
"""Share of the motion's power that follows no plan: whatever a plan says, the decoy neither stops nor can be known."""


class Decoy:
    """A band-limited Gaussian process in space and time; knows only its own past."""

    def __init__(
        self,
        seed: int | None = None,
        basis: NDArray[np.floating] | None = None,
        left: NDArray[np.floating] | None = None,
    ) -> None:
        """Draw from the system's own randomness; `seed` is for tests and tables, never for a call.

        `basis`, (k, 7, 7, 2), is what is mixed, where a plan brings it (`Basis.array`). `left`, (m, n, n, 2), is what
        holding leaves of expressions (`leftover`): a share `LEFT` of the power then looks like it.
        """
        self._random = np.random.default_rng(int.from_bytes(os.urandom(16), "big") if seed is None else seed)
        self._basis = None if basis is None else levelled(basis)
        self._left = left
        counts = [2 * nodes * nodes for nodes, _ in OCTAVES]
        counts += [0 if each is None else len(each) for each in (self._basis, self._left)]
        self._ends = np.cumsum(counts)
        self._state = np.zeros((3, self._ends[-1]))
        self._before = _SHOWN @ self._state
        # In its stationary state from the first frame on: one that swells up would show when the session began.
        self._go_on(LONG)
        self._time: float | None = None

    def step(self, time: float, width: float, strength: float = 1.0, crop: Affine | None = None) -> Field:
        """(SIDE, SIDE, 2), px of the square of a face `width` px wide there, at `time` (seconds).

        `crop` takes px of the square to px of the recognizers' crop: needed where there is something `left`, which lies
        there.
        """
        most = MOST * width * strength
        field = np.zeros((FINE, FINE, 2), np.float32)
        *octaves, mixed, left, _ = np.split(self._at(time), self._ends)
        rest = 1.0 if self._left is None else np.sqrt(1 - LEFT)
        for number, ((nodes, share), drawn) in enumerate(zip(OCTAVES, octaves, strict=True)):
            values = drawn.reshape(nodes, nodes, 2)
            if number == 0 and self._basis is not None:
                values = np.sqrt(FREE) * values + np.sqrt(1 - FREE) * np.tensordot(mixed, self._basis, 1)
            # Two components of variance ½ make one vector of length 1 on the root mean square.
            field += np.float32(rest * share * USUAL * most * np.sqrt(0.5)) * _drawn(values)
        if self._left is not None:
            assert crop is not None
            field += np.float32(np.sqrt(LEFT) * USUAL * most) * _laid(np.tensordot(left, self._left, 1), crop)
        # Rounded off towards the bound rather than cut, which would leave an edge.
        across, down = cv2.split(field)
        over = np.sqrt(1 + (across * across + down * down) / max(most, 1e-9) ** 2)
        bounded = cv2.merge([across / over, down / over])
        return np.asarray(cv2.resize(bounded, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.float32)

    def _at(self, time: float) -> NDArray[np.float64]:
        """(n,): every value that the motion is made of, of variance 1."""
        since = self._time if self._time is not None else time
        steps = int((time - since) / STEP + 1e-6)
        self._go_on(min(steps, LONG))
        self._time = since + steps * STEP if steps <= LONG else time
        # Between two steps it is between them: at 25 frames/s two or three whole ones would judder.
        share = min(max((time - self._time) / STEP, 0.0), 1.0)
        now = (1 - share) * self._before + share * (_SHOWN @ self._state)
        return np.asarray(now / _SPREAD)

    def _go_on(self, steps: int) -> None:
        for _ in range(steps):
            self._before = _SHOWN @ self._state
            self._state = _NEXT @ self._state
            self._state[0] += _NEW * self._random.standard_normal(self._state.shape[1])


@functools.cache
def leftover() -> NDArray[np.float32]:
    """(m, n, n, 2) float32: fields of the recognizers' crop whose mixtures, with normal weights, look like what holding
    leaves; without unit, 1 on the root mean square.

    Measured by `calibration/decoy/leftover.py` on 13 people whom no table judges (leftover.md).
    """
    return np.asarray(np.load(Path(__file__).parent / "leftover.npy"), np.float32)


def course(lag: float) -> float:
    """How much a place's motion goes with its own `lag` seconds later, −1 to 1: the process is no secret."""
    return _after(round(lag / STEP))


@functools.cache
def _after(steps: int) -> float:
    away = np.linalg.matrix_power(_NEXT, max(0, steps)) @ _TOGETHER
    return float(_SHOWN @ away @ _SHOWN) / _SPREAD**2


def levelled(basis: NDArray[np.floating]) -> NDArray[np.float64]:
    """The fields, (k, 7, 7, 2), scaled so that mixtures of normal weights move a face as far as white noise does.

    That is the root mean square between the nodes as well, where white noise falls off and a broad field does not.
    """
    gram = together()
    flat = basis.reshape(len(basis), -1, 2)
    of_each = np.einsum("kic,ij,kjc->k", flat, gram, flat)
    return np.asarray(basis * np.sqrt(2 * np.trace(gram) / of_each / len(basis))[:, None, None, None])


def together() -> NDArray[np.float64]:
    """(49, 49): the mean over a face of the product of what two nodes give; with it, a field's mean square."""
    nodes = np.eye(NODES * NODES, dtype=np.float32).reshape(-1, NODES, NODES, 1)
    given = on_face(spread(nodes)).reshape(len(nodes), -1).astype(np.float64)
    return np.asarray(given @ given.T / given.shape[1])


def on_face(fields: NDArray[np.float32]) -> NDArray[np.float32]:
    """The part of (n, FINE, FINE, channels) that lies on a face."""
    part = slice(FACE.start * FINE // NODES, FACE.stop * FINE // NODES)
    return fields[:, part, part]


def spread(nodes: NDArray[np.floating]) -> NDArray[np.float32]:
    """(n, FINE, FINE, channels): the smooth fields through the values at their nodes, (n, nodes, nodes, channels)."""
    return np.stack([_drawn(each) for each in nodes]).reshape(len(nodes), FINE, FINE, -1)


def _laid(nodes: NDArray[np.floating], crop: Affine) -> NDArray[np.float32]:
    """(FINE, FINE, 2): the smooth field through (n, n, 2) of the crop, where `crop` lays the square on it."""
    # From the middle of one cell to the middle of another: px of FINE to those of SIDE, of CROP, of n.
    fine, cell = SIDE / FINE, CROP / len(nodes)
    shift = (crop @ ((fine - 1) / 2, (fine - 1) / 2, 1) + 0.5) / cell - 0.5
    matrix = np.column_stack([crop[:, :2] * fine / cell, shift])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(nodes.astype(np.float32), matrix, (FINE, FINE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.float32)


def _drawn(nodes: NDArray[np.floating]) -> NDArray[np.float32]:
    """(FINE, FINE, channels), of one channel without the last: the smooth field through (nodes, nodes, channels)."""
    drawn = cv2.resize(nodes.astype(np.float32), (FINE, FINE), interpolation=cv2.INTER_CUBIC)
    return np.asarray(drawn, np.float32)


def _process() -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
    """How noise, its low-pass and that one's slow mean go on, what is new in the noise, and their covariance."""
    keep, slow = np.exp(-STEP / TIME), np.exp(-STEP / SLOW)
    following = np.array([[keep, 0, 0], [1 - keep, keep, 0], [0, 1 - slow, slow]])
    new = np.sqrt(1 - keep**2)
    covariance = np.zeros((3, 3))
    for _ in range(10 * LONG):
        covariance = following @ covariance @ following.T + np.diag([new**2, 0, 0])
    return following, float(new), covariance


_NEXT, _NEW, _TOGETHER = _process()
_SHOWN = np.array([0.0, 1.0, -1.0])
"""What is shown of a state: the low-pass less its slow mean."""
_SPREAD = float(np.sqrt(_SHOWN @ _TOGETHER @ _SHOWN))
