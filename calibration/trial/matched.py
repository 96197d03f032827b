"""Filters that know what each expression does to this very face: no network to be fooled."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.synthetic.action_units import EXPRESSIONS, Field, field
from deadpan.calibration.synthetic.still import Still
from deadpan.models.maps import LABELS
from deadpan.models.motion import CROP, GRID, Flow, affine_part, frontal

Small = NDArray[np.float32]
"""(28, 28, 2) float32, px of the crop: a flow at the maps' own resolution, right and down."""
SHRINKAGES = (1e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1e0, 1e1, 1e4)
"""How much of an even spread is added to the measured one, shares of its mean variance; the last is hardly whitened."""


class MatchedFilter:
    """Tells the class whose true motion on this very face goes best with what was seen."""

    def __init__(self, still: Still) -> None:
        """Take the templates of all of `EXPRESSIONS` from the face on `still`."""
        size = still.image.shape[1], still.image.shape[0]
        labels: list[int] = []
        templates = []
        for label, combinations in EXPRESSIONS.items():
            for units in combinations:
                moved = small(in_crop(still, field(still.face, size, units)))
                labels.append(LABELS.index(label))
                templates.append(moved / np.linalg.norm(moved))
        self.labels = np.array(labels, np.int8)
        """(k,): what each template shows, a column of `LABELS`."""
        self.templates: NDArray[np.float32] = np.stack(templates)
        """(k, 28, 28, 2), each of length 1."""

    def __call__(self, seen: Small, covered: NDArray[np.float32] | None = None) -> int:
        """A column of `LABELS`; of `covered`, (28, 28) shares under a sticker, neither side is looked at."""
        weight = np.ones(seen.shape, np.float32) if covered is None else 1 - covered[..., None]
        known = self.templates * weight
        lengths = np.linalg.norm(known.reshape(len(known), -1), axis=1)
        scores = (known * (seen * weight)).sum(axis=(1, 2, 3)) / np.maximum(lengths, 1e-9)
        return int(self.labels[scores.argmax()])


class Whitened:
    """The matched filter in the presence of what else moves: the best linear one, when that spreads as it did before.

    What else moves is learned on other people's protected clips, of which the attacker knows the truth: what was seen
    less the part along the true motion. Its mean is taken off, and its covariance, shrunk towards an even spread, is
    undone (Kay 1998, chapter 4). How much to shrink is chosen on the people that it learns from, each judged by what
    was learned on the rest of them.
    """

    def __init__(
        self,
        filters: Mapping[str, MatchedFilter],
        seen: NDArray[np.float32],
        true: NDArray[np.float32],
        label: NDArray[np.int64],
        subject: NDArray[np.str_],
    ) -> None:
        """Learn from n clips: `seen` and `true` motion (n, 28, 28, 2), `label` (n,) and `subject` (n,)."""
        flat, known = seen.reshape(len(seen), -1), true.reshape(len(true), -1)
        along = (flat * known).sum(axis=1) / np.maximum((known * known).sum(axis=1), 1e-12)
        rest = flat - along[:, None] * known
        right = np.zeros(len(SHRINKAGES))
        for person in np.unique(subject):
            own = subject == person
            spread = _Spread(rest[~own])
            for number, shrinkage in enumerate(SHRINKAGES):
                says = spread.tell(flat[own], filters[str(person)], shrinkage)
                right[number] += (says == label[own]).sum()
        self.shrinkage = SHRINKAGES[int(right.argmax())]
        self._filters, self._spread = filters, _Spread(rest)

    def predict(self, seen: NDArray[np.float32], subject: str) -> NDArray[np.int8]:
        """(n,) columns of `LABELS`, for (n, 28, 28, 2) of one person."""
        return self._spread.tell(seen.reshape(len(seen), -1), self._filters[subject], self.shrinkage)


class _Spread:
    """A mean and a covariance of rank n − 1, to be undone with any shrinkage."""

    def __init__(self, samples: NDArray[np.float32]) -> None:
        """(n, d)."""
        self._mean = samples.mean(axis=0)
        _, singular, self._axes = np.linalg.svd(samples - self._mean, full_matrices=False)
        self._variance = singular**2 / max(1, len(samples) - 1)
        self._even = float(self._variance.sum()) / samples.shape[1]

    def tell(self, seen: NDArray[np.float32], matched: MatchedFilter, shrinkage: float) -> NDArray[np.int8]:
        """(n,) columns of `LABELS`, for (n, d) seen."""
        floor = max(shrinkage * self._even, 1e-12)
        templates = matched.templates.reshape(len(matched.templates), -1)
        # (V + cI)⁻¹ in the axes of V: 1/(v + c) along them, 1/c across.
        gain = 1 / (self._variance + floor) - 1 / floor
        undone = templates / floor + ((templates @ self._axes.T) * gain) @ self._axes
        lengths = np.sqrt((undone * templates).sum(axis=1))
        scores = (seen - self._mean) @ (undone / lengths[:, None]).T
        return np.asarray(matched.labels[scores.argmax(axis=1)], np.int8)


def filters(stills: Sequence[Still]) -> dict[str, MatchedFilter]:
    """One for each person."""
    return {still.name: MatchedFilter(still) for still in stills}


def in_crop(still: Still, moved: Field) -> Flow:
    """A displacement in px of the still, as it looks in the crop."""
    matrix = frontal(still.face.landmarks)
    laid: Flow = np.asarray(cv2.warpAffine(moved, matrix, (CROP, CROP)) @ matrix[:, :2].T, np.float32)
    return np.asarray(laid - affine_part(laid), np.float32)


def small(moved: Flow) -> Small:
    """A flow at the maps' own resolution."""
    return np.asarray(cv2.resize(moved, (GRID, GRID), interpolation=cv2.INTER_AREA), np.float32)
