"""Labelled clips of micro-expressions, as the recognizers of clips see them, all in memory."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deadpan.models.alignment import Sample
from deadpan.models.description import Window


@dataclass(frozen=True, eq=False)
class Clips:
    """n labelled clips and whom each was taken from."""

    pictures: NDArray[np.uint8]
    """(n, d, h, w, c) uint8, 0–255: what `models.alignment` makes of each."""
    window: Window
    """Which pictures of the original clip these are."""
    label: NDArray[np.int64]
    """(n,) int64: an index into `models.maps.LABELS`."""
    subject: NDArray[np.str_]
    """(n,): a name that belongs to one person over all data sets."""
    dataset: NDArray[np.str_]
    """(n,): the data set a clip comes from."""
    clip: NDArray[np.str_]
    """(n,): the clip's name within its data set."""

    def __len__(self) -> int:
        return len(self.label)

    @property
    def sample(self) -> Sample:
        """The shape of one clip, (d, h, w, c)."""
        depth, rows, columns, channels = self.pictures.shape[1:]
        return depth, rows, columns, channels

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """Every subject once, in alphabetical order."""
        return tuple(str(name) for name in np.unique(self.subject))

    @cached_property
    def sha256(self) -> str:
        """Of what a network learns from: pictures, labels, subjects."""
        digest = hashlib.sha256(f"{self.window} {self.pictures.shape}\n".encode())
        digest.update(np.ascontiguousarray(self.pictures).tobytes())
        digest.update(self.label.astype("<i8").tobytes())
        digest.update("\0".join(self.subject.tolist()).encode())
        return digest.hexdigest()

    def only(self, rows: NDArray[np.intp]) -> "Clips":
        """The clips at `rows`, indices."""
        kept = {name: getattr(self, name)[rows] for name in ("pictures", "label", "subject", "dataset", "clip")}
        return replace(self, **kept)
