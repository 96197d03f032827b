"""A target: one victim before the clips of one data set, which says what it sees of them behind stickers."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.victims import Victim
from deadpan.models.maps import LABELS
from deadpan.stickers.sticker import Sticker

Kind = Literal["maps", "clips"]
Rows = NDArray[np.intp]
"""(m,): which of a target's clips; a clip may be there many times."""
Stickers = NDArray[np.float32]
"""(m, s, 4) float32: s stickers on each of m clips: centre x right, y down, shares of the crop's side; angle, degrees,
clockwise; opacity, 0…1."""
Said = NDArray[np.float32]
"""(m, 3) float32: probabilities, in the order of `LABELS`."""
BATCH = 32
"""Clips that a network is shown at once: a clip of LEARNet's is 2.4 MB as numbers."""


@dataclass
class Spent:
    """What a target's answers have taken so far, in this process."""

    answers: int = 0
    """Clips that the victim was asked about."""
    seconds: float = 0.0
    network: float = 0.0
    """Of these seconds, those in the victim's network; the rest lays stickers."""


class Target(Protocol):
    """What the experiments know of a victim and its clips. It travels to other processes without its sessions."""

    @property
    def kind(self) -> Kind:
        """Whether it looks at motion maps or at clips."""
        ...

    @property
    def name(self) -> str:
        """The victim's, such as learnet."""
        ...

    @property
    def dataset(self) -> str:
        """The clips'."""
        ...

    @property
    def identity(self) -> str:
        """A hash of the victim and of all that it is shown: what the answers follow from, besides the question."""
        ...

    @property
    def label(self) -> NDArray[np.int64]:
        """(n,): an index into `LABELS`."""
        ...

    @property
    def subject(self) -> NDArray[np.str_]:
        """(n,): a name that belongs to one person over all data sets."""
        ...

    @property
    def centres(self) -> NDArray[np.float32]:
        """(n, 14, 2): the regions' centres, x right, y down, shares of the crop's side."""
        ...

    @property
    def face(self) -> NDArray[np.float32]:
        """(n, 2): the face's width and height, shares of the crop's side."""
        ...

    @property
    def spent(self) -> Spent:
        """What it has cost so far."""
        ...

    def say(self, rows: Rows, stickers: Stickers, k: float, art: Sticker | None) -> Said:
        """What the network that never saw its person says of each clip behind stickers of k tenths of the face."""
        ...

    def constant(self) -> Said:
        """(n, 3): what each clip's judge says of no information, the same input for every clip."""
        ...


def ask(
    victim: Victim, subject: NDArray[np.str_], shown: Callable[[NDArray[np.intp]], NDArray[np.uint8]], spent: Spent
) -> Said:
    """What the victim says of m samples of these people; `shown` makes those at the given places of the m."""
    start = perf_counter()
    answer = np.empty((len(subject), len(LABELS)), np.float32)
    for name in np.unique(subject):
        own = np.flatnonzero(subject == name)
        for places in np.split(own, range(BATCH, len(own), BATCH)):
            samples = shown(places)
            before = perf_counter()
            answer[places] = victim.predict(str(name), samples)
            spent.network += perf_counter() - before
    spent.answers += len(subject)
    spent.seconds += perf_counter() - start
    return answer
