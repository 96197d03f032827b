"""A linear attacker who learns on protected pictures: little data suffice him, and what leaks linearly he finds."""

import numpy as np
from numpy.typing import NDArray

from deadpan.models.maps import LABELS

PENALTIES = (1e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1e0, 1e1, 1e2)
"""Ridge penalties, shares of the mean squared length of a field."""


class Linear:
    """Ridge regression from a field of motion to its class; faces in a mirror are learned from, too.

    Each field is brought to length 1 first, as the recognizers' maps are stretched. The penalty is chosen on the people
    that it learns from, each judged by what was learned on the rest of them.
    """

    def __init__(self, seen: NDArray[np.float32], label: NDArray[np.int64], subject: NDArray[np.str_]) -> None:
        """Learn from n clips: `seen` (n, 28, 28, 2), `label` (n,) and `subject` (n,)."""
        fields = np.concatenate([_flat(seen), _flat(mirrored(seen))])
        wanted = np.eye(len(LABELS))[np.concatenate([label, label])]
        who = np.concatenate([subject, subject])
        right = np.zeros(len(PENALTIES))
        for person in np.unique(subject):
            own = who == person
            ridge = _Ridge(fields[~own], wanted[~own])
            for number, penalty in enumerate(PENALTIES):
                says = ridge.scores(fields[own], penalty).argmax(axis=1)
                right[number] += (says == wanted[own].argmax(axis=1)).sum()
        self.penalty = PENALTIES[int(right.argmax())]
        self._ridge = _Ridge(fields, wanted)

    def predict(self, seen: NDArray[np.float32]) -> NDArray[np.int8]:
        """(n,) columns of `LABELS`, for (n, 28, 28, 2)."""
        return np.asarray(self._ridge.scores(_flat(seen), self.penalty).argmax(axis=1), np.int8)


class _Ridge:
    """Solved among the samples, of which there are fewer than cells."""

    def __init__(self, fields: NDArray[np.float64], wanted: NDArray[np.float64]) -> None:
        self._mean, self._usual = fields.mean(axis=0), wanted.mean(axis=0)
        self._fields = fields - self._mean
        self._values, self._axes = np.linalg.eigh(self._fields @ self._fields.T)
        self._turned = self._axes.T @ (wanted - self._usual)
        self._unit = float(self._values.sum())

    def scores(self, fields: NDArray[np.float64], penalty: float) -> NDArray[np.float64]:
        """(n, classes)."""
        inverse = 1 / (np.maximum(self._values, 0) + max(penalty * self._unit / len(self._fields), 1e-12))
        weights = self._fields.T @ (self._axes @ (self._turned * inverse[:, None]))
        return np.asarray((fields - self._mean) @ weights + self._usual)


def mirrored(seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 28, 28, 2) as in a mirror: columns in reverse, and what went right goes left."""
    return np.asarray(seen[:, :, ::-1] * np.array([-1, 1], np.float32), np.float32)


def _flat(seen: NDArray[np.float32]) -> NDArray[np.float64]:
    flat = seen.reshape(len(seen), -1).astype(np.float64)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9))
