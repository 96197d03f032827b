"""What a calibration found, all of it; the plan and the report are made of this."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.choice import COUNT, Choice, K
from deadpan.calibration.effect.effects import Effect, Effects
from deadpan.calibration.effect.held_out import HeldOut
from deadpan.calibration.effect.paths import CAUSAL_EFFECT
from deadpan.calibration.effect.random_places import DRAWS
from deadpan.calibration.effect.tally import Share
from deadpan.calibration.effect.victims import Victim
from deadpan.calibration.graph import discovery, features
from deadpan.calibration.graph.discovery import CausalGraph
from deadpan.calibration.graph.per_sample import PerSample
from deadpan.calibration.graph.pixels import Pixels
from deadpan.calibration.graph.stability import Stability

if TYPE_CHECKING:
    from deadpan.calibration.effect.pixel_effects import PixelEffects


@dataclass(frozen=True)
class Settings:
    """What a person may decide."""

    feature: str = features.DEFAULT
    alpha: float = discovery.ALPHA
    resamples: int = 500
    seed: int = 0
    jobs: int = 2
    """Processes and threads; no figure depends on it."""
    rule: str = CAUSAL_EFFECT
    count: int = COUNT
    """Stickers."""
    k: float = K
    """A sticker is k tenths of the face's width and height."""
    pixels: bool = False
    """Whether what the paper's public code says is told, too; the graph and the choice do not follow it."""
    draws: int = DRAWS
    """Random places of each number and size."""


@dataclass(frozen=True, eq=False)
class Data:
    """What was looked at."""

    name: str
    """The file, folder or camera, without its path."""
    sha256: str
    """Of all of it that any figure follows from."""
    subject: NDArray[np.str_]
    """(n,): a name for each person; stills, of whom nobody knows who they are, have one each."""
    dataset: tuple[str, ...]
    """(n,)."""
    label: tuple[str, ...]
    """(n,): class names."""
    places: NDArray[np.float32]
    """(14, 2) float32: the median centre of each region, fractions of the crop."""
    face: tuple[float, float]
    """The median face's width and height, fractions of the crop."""

    def __len__(self) -> int:
        return len(self.label)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Everything that was found on one set of data."""

    data: Data
    settings: Settings
    graph: CausalGraph
    stability: Stability
    per_sample: PerSample | None
    """None for stills."""
    pixels: tuple[Pixels, ...]
    """What the paper's public code would say of each map; empty unless it was asked for."""
    control: Pixels | None
    """What it says of a grey picture without any face."""
    effects: Effects | None
    """None for stills, which hold no motion to silence."""
    held_out: tuple[HeldOut, ...]
    """Empty where there are too few people for it."""
    correlation: dict[str, Share]
    """Spearman's, over the regions, of out-degree and stability with the measured effect of one sticker."""
    choice: Choice
    folds: bool
    """Whether each person was judged by a network that had not learned from them, instead of by a finished one."""
    testers: tuple[Victim, ...]
    """Who judged `held_out`."""
    pictures: "PixelEffects | None" = None
    """What real stickers do on the pictures of some of the clips; None unless it was asked for."""

    @property
    def chosen(self) -> Effect | None:
        """What the choice does on the maps that it was made on; None where that set was not measured."""
        if self.effects is None:
            return None
        wanted, k = set(self.choice.regions), self.choice.k
        known = [*self.effects.singles.get(k, ()), *self.effects.pairs.get(k, ())]
        for path in self.effects.paths.values():
            known += path.get(k, ())
        return next((each for each in known if set(each.regions) == wanted), None)

    @property
    def sticker(self) -> tuple[float, float]:
        """The median size of a sticker of the choice's size, fractions of the crop."""
        return self.choice.k / 10 * self.data.face[0], self.choice.k / 10 * self.data.face[1]
