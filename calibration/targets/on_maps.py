"""A victim before motion maps: under a sticker nothing moves, and what is left is stretched again."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect import intervention
from deadpan.calibration.effect.intervention import Intervention
from deadpan.calibration.effect.victims import Victim
from deadpan.calibration.effect.windows import cells
from deadpan.calibration.targets.target import Kind, Rows, Said, Spent, Stickers, ask
from deadpan.models.maps import Maps
from deadpan.stickers.sticker import Sticker

HIDING = 0.5
"""Opacity from which a patch is rigid; below it the skin's own motion shows."""


@dataclass(frozen=True, eq=False)
class OnMaps:
    """A `Target`: patches lie upright, whatever their angle, and their art is of no effect."""

    maps: Maps
    """Of one data set."""
    victim: Victim
    spent: Spent = field(default_factory=Spent, repr=False)

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """What arrives in another process has spent nothing."""
        return type(self), (self.maps, self.victim)

    @property
    def kind(self) -> Kind:
        """See `Target.kind`."""
        return "maps"

    @property
    def name(self) -> str:
        """See `Target.name`."""
        return self.victim.name

    @property
    def dataset(self) -> str:
        """See `Target.dataset`."""
        return str(self.maps.dataset[0])

    @cached_property
    def identity(self) -> str:
        """See `Target.identity`."""
        digest = hashlib.sha256(f"{self.victim.name} {self.victim.seed} {self.victim.identity}\n".encode())
        digest.update(self.maps.sha256.encode())
        digest.update(self.centres.tobytes() + self.face.tobytes())
        return digest.hexdigest()

    @property
    def label(self) -> NDArray[np.int64]:
        """See `Target.label`."""
        return self.maps.label

    @property
    def subject(self) -> NDArray[np.str_]:
        """See `Target.subject`."""
        return self.maps.subject

    @property
    def centres(self) -> NDArray[np.float32]:
        """See `Target.centres`."""
        return self.maps.roi_center

    @property
    def face(self) -> NDArray[np.float32]:
        """See `Target.face`."""
        return self.maps.face_size

    def say(self, rows: Rows, stickers: Stickers, k: float, art: Sticker | None = None) -> Said:
        """See `Target.say`."""
        taken = cells(stickers[..., :2], np.float32(k / 10) * self.face[rows, None])
        taken &= (stickers[..., 3] >= HIDING)[..., None, None]
        covered = np.asarray(taken.any(axis=1))

        def shown(places: NDArray[np.intp]) -> NDArray[np.uint8]:
            return self._do(covered[places], rows[places])

        return ask(self.victim, self.subject[rows], shown, self.spent)

    def constant(self) -> Said:
        """See `Target.constant`: level 0 everywhere."""
        return ask(self.victim, self.subject, lambda places: intervention.constant(len(places)), self.spent)

    @cached_property
    def _do(self) -> Intervention:
        return Intervention(self.maps.motion)
