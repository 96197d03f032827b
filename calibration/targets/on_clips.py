"""A victim before clips: a sticker's art is laid on the same place of all pictures, as it is laid live."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.victims import Victim
from deadpan.calibration.sources.aligning import Aligned
from deadpan.calibration.targets.target import Kind, Rows, Said, Spent, Stickers, ask
from deadpan.models.alignment import Pictures
from deadpan.models.face import Face
from deadpan.models.training.clips.folds import Folds
from deadpan.stickers.compositing import lay, warp
from deadpan.stickers.placement import Placement
from deadpan.stickers.regions import REGIONS, Region
from deadpan.stickers.sticker import Premultiplied, Sticker

GREY = 128
"""Level of the constant input."""
ANYWHERE = Region(0, "anywhere", (), (), (0, 0))


@dataclass(frozen=True, eq=False)
class OnClips:
    """A `Target`: the clips lie in the crop already, so that a sticker keeps its place on the face in all pictures."""

    aligned: Aligned
    """Of one data set."""
    victim: Victim
    folds: Folds | None = None
    """Whose networks the victim has, where it is of `judges.of_folds`: universal perturbations are learned so."""
    spent: Spent = field(default_factory=Spent, repr=False)

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """What arrives in another process has spent nothing."""
        return type(self), (self.aligned, self.victim, self.folds)

    @property
    def kind(self) -> Kind:
        """See `Target.kind`."""
        return "clips"

    @property
    def name(self) -> str:
        """See `Target.name`."""
        return self.victim.name

    @property
    def dataset(self) -> str:
        """See `Target.dataset`."""
        return str(self.aligned.clips.dataset[0])

    @cached_property
    def identity(self) -> str:
        """See `Target.identity`."""
        digest = hashlib.sha256(f"{self.victim.name} {self.victim.seed} {self.victim.identity}\n".encode())
        digest.update(self.aligned.clips.sha256.encode())
        digest.update(self.aligned.landmarks.tobytes())
        return digest.hexdigest()

    @property
    def label(self) -> NDArray[np.int64]:
        """See `Target.label`."""
        return self.aligned.clips.label

    @property
    def subject(self) -> NDArray[np.str_]:
        """See `Target.subject`."""
        return self.aligned.clips.subject

    @cached_property
    def centres(self) -> NDArray[np.float32]:
        """See `Target.centres`."""
        return np.array([[region.centre(face) for region in REGIONS] for face in self._faces], np.float32)

    @cached_property
    def face(self) -> NDArray[np.float32]:
        """See `Target.face`."""
        return np.array([(face.width, face.height) for face in self._faces], np.float32)

    def say(self, rows: Rows, stickers: Stickers, k: float, art: Sticker | None) -> Said:
        """See `Target.say`."""
        return ask(
            self.victim,
            self.subject[rows],
            lambda places: self.behind(rows[places], stickers[places], k, art),
            self.spent,
        )

    def behind(self, rows: Rows, stickers: Stickers, k: float, art: Sticker | None) -> Pictures:
        """(m, d, s, s, c) uint8: what the victim is shown. `ValueError` for stickers without art."""
        if art is None and stickers.shape[1]:
            raise ValueError(f"{stickers.shape[1]} stickers without art; expected a sticker")
        clips = self.aligned.clips.pictures[rows]
        side, channels = clips.shape[-2:]
        for pictures, own, face in zip(clips, stickers, self.face[rows], strict=True):
            width, height = (float(length) for length in k / 10 * side * face)
            for x, y, angle, opacity in own.astype(float):
                assert art is not None
                # The middle of the pixel at 0 lies half a pixel from the crop's edge.
                centre = (x * side - 0.5, y * side - 0.5)
                placement = Placement(ANYWHERE, 0, centre, (width, height), float(np.radians(angle)))
                patch, down, across = warp(art, placement, side, side)
                if patch.size:
                    lay(pictures, _coloured(patch, channels) * np.float32(opacity), down, across)
        return np.asarray(clips, np.uint8)

    def constant(self) -> Said:
        """See `Target.constant`: grey pictures."""
        sample = self.aligned.clips.sample

        def grey(places: NDArray[np.intp]) -> NDArray[np.uint8]:
            return np.full((len(places), *sample), GREY, np.uint8)

        return ask(self.victim, self.subject, grey, self.spent)

    @cached_property
    def _faces(self) -> list[Face]:
        return [Face(landmarks, (0.0, 0.0, 0.0), 0) for landmarks in self.aligned.landmarks]


def _coloured(patch: Premultiplied, channels: int) -> Premultiplied:
    """A patch of blue, green, red as clips have their colours: grey, or red first."""
    colours = cv2.cvtColor(patch[..., :3], cv2.COLOR_BGR2GRAY if channels == 1 else cv2.COLOR_BGR2RGB)
    return np.asarray(np.dstack([colours, patch[..., 3]]), np.float32)
