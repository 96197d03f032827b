"""Victims: recognizers that never saw the people they judge, asked about the same maps under many interventions."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.intervention import Intervention, Motion
from deadpan.calibration.effect.windows import Cells, patches
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import Maps
from deadpan.models.recognizer import Recognizer

Labels = NDArray[np.int8]
"""(victims, n) int8: what each victim calls each map."""


class Victim(Protocol):
    """A recognizer that judges people from whom it has not learned: `models.folds.Folds`, or `Final` below."""

    @property
    def name(self) -> str:
        """As the registry or the recipe calls it."""
        ...

    @property
    def seed(self) -> int:
        """Of its training."""
        ...

    @property
    def identity(self) -> str:
        """A hash of what it follows from, or of itself."""
        ...

    def predict(self, subject: str, motion: Motion) -> NDArray[np.float32]:
        """(n, 3): what the network that never saw `subject` says."""
        ...


@dataclass(frozen=True, eq=False)
class Final:
    """A finished recognizer as victim, for people whom it never saw: the user, synthetic faces."""

    recognizer: Recognizer
    seed: int = 0

    @property
    def name(self) -> str:
        """As the registry calls it."""
        return self.recognizer.name

    @property
    def identity(self) -> str:
        """The file's sha256."""
        return self.recognizer.sha256

    def predict(self, subject: str, motion: Motion) -> NDArray[np.float32]:
        """(n, 3), the same network for everyone."""
        return self.recognizer.predict(motion)


class Answers:
    """What victims call the maps, untouched and under interventions. Each question is asked once, and counted."""

    def __init__(
        self, maps: Maps, victims: Sequence[Victim], jobs: int = 2, asked: Callable[[int], None] = lambda done: None
    ) -> None:
        """`asked` is told of how many questions were answered; `jobs` threads share the subjects."""
        if not victims:
            raise DeadpanError("no recognizer to ask; expected at least one victim")
        self.maps, self.victims = maps, tuple(victims)
        self.queries = 0
        """Calls of each victim for each map so far."""
        self._rows = [(name, np.flatnonzero(maps.subject == name)) for name in maps.subjects]
        self._do = Intervention(maps.motion)
        self._asked = asked
        self._jobs = jobs
        self._covered: dict[float, Cells] = {}
        self._known: dict[tuple[frozenset[int], float], Labels] = {}
        self.clean = self.to(maps.motion)
        """(victims, n): untouched."""

    def covered(self, regions: Sequence[int], k: float) -> Cells:
        """(n, 28, 28): what stickers of k tenths of the face on `regions` (columns of `NAMES`) cover."""
        if k not in self._covered:
            self._covered[k] = patches(self.maps, self.maps.roi_center, k)
        return np.asarray(self._covered[k][:, list(regions)].any(axis=1))

    def silenced(self, regions: Sequence[int], k: float) -> Labels:
        """What the victims say when stickers of k tenths lie on `regions`."""
        key = (frozenset(regions), k)
        if key not in self._known:
            self._known[key] = self.under(self.covered(regions, k))
        return self._known[key]

    def under(self, taken: Cells) -> Labels:
        """What the victims say when nothing moves in `taken`, (n, 28, 28) or (28, 28)."""
        return self.to(self._do(taken))

    def to(self, motion: Motion) -> Labels:
        """What the victims say of other maps of the same people, row by row."""
        answer = np.empty((len(self.victims), len(self.maps)), np.int8)

        def ask(person: tuple[str, NDArray[np.intp]]) -> None:
            name, rows = person
            for number, victim in enumerate(self.victims):
                answer[number, rows] = victim.predict(name, motion[rows]).argmax(axis=1)

        # ONNX Runtime lets go of the interpreter while it computes. Each person is one thread's own, and written to
        # rows of their own: the answer is the same however many threads there are.
        if self._jobs > 1:
            with ThreadPoolExecutor(self._jobs) as threads:
                list(threads.map(ask, self._rows))
        else:
            list(map(ask, self._rows))
        self.queries += 1
        self._asked(self.queries)
        return answer
