"""Judges: fold networks, of which each answers for the people whom it never saw."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import platformdirs
from numpy.typing import NDArray

from deadpan.models import folds
from deadpan.models.clips import Clips
from deadpan.models.errors import DeadpanError
from deadpan.models.folds import open_network, run
from deadpan.models.maps import Maps
from deadpan.models.training.clips import schedules, splits
from deadpan.models.training.clips.folds import Folds
from deadpan.models.training.clips.schedules import Schedule

MOST_EPOCHS = 200
"""Up to which `deadpan train --epochs` is looked for."""


@dataclass(frozen=True, eq=False)
class Judges:
    """A `Victim` that carries its networks along: a worker's cache, or a worker's machine, may be another."""

    name: str
    seed: int
    identity: str
    """A hash of what the networks follow from."""
    networks: tuple[NDArray[np.uint8], ...]
    """(bytes,) each: ONNX files."""
    judge: Mapping[str, int]
    """Subject → the network that never saw them."""
    _sessions: dict[int, Any] = field(default_factory=dict, repr=False)

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """A session cannot travel to another process: there each network is opened anew, once."""
        return type(self), (self.name, self.seed, self.identity, self.networks, self.judge)

    def predict(self, subject: str, motion: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 3): what the network that never saw `subject` says of maps or clips, (n, …) uint8."""
        if subject not in self.judge:
            raise DeadpanError(f"{self.name} has no network that judges {subject!r}; there is: {', '.join(self.judge)}")
        number = self.judge[subject]
        if number not in self._sessions:
            content = self.networks[number].tobytes()
            self._sessions[number] = open_network(content, f"fold {number} of {self.name}")
        return run(self._sessions[number], motion)


def of_maps(name: str, maps: Maps, seed: int = 0) -> Judges:
    """Those that `deadpan train NAME --folds-only` left for `maps`; raises `models.folds.FoldsMissing`."""
    folds.load(name, maps, seed)
    paths = [folds.path(name, maps, seed, subject) for subject in maps.subjects]
    networks = tuple(np.frombuffer(path.read_bytes(), np.uint8) for path in paths)
    return Judges(name, seed, folds.identity(name, maps), networks, {name: i for i, name in enumerate(maps.subjects)})


def trained(name: str, clips: Clips, seed: int = 0) -> Folds | None:
    """What `deadpan train NAME` left for all of `clips` by its honest protocol; None when there is nothing whole.

    Where several trainings have, that of the most groups of people, and of the most epochs.
    """
    for these in _trainings(schedules.find(name, "honest"), clips, seed):
        if all(these.judged(seed, number) is not None for number in range(len(these.folds))):
            return these
    return None


def of_folds(these: Folds, seed: int = 0) -> Judges:
    """The networks of a training of a recognizer of clips; raises `DeadpanError` unless it judges whole people."""
    these.found(seed)
    clips = these.clips
    judge: dict[str, int] = {}
    for number, fold in enumerate(these.folds):
        own = {str(subject) for subject in clips.subject[fold.judge]}
        if own & {str(subject) for subject in clips.subject[fold.learn]}:
            raise DeadpanError(f"{these.schedule.name}: fold {number} has learned from people whom it judges")
        judge |= dict.fromkeys(sorted(own), number)
    networks = [these.path(seed, number).read_bytes() for number in range(len(these.folds))]
    return Judges(
        name=these.schedule.name,
        seed=seed,
        identity=these.folder.name,
        networks=tuple(np.frombuffer(each, np.uint8) for each in networks),
        judge=judge,
    )


def _trainings(schedule: Schedule, clips: Clips, seed: int) -> Iterator[Folds]:
    """Trainings that the cache may have. It names a folder by a hash of it all, so all that may be there are named."""
    there = list((platformdirs.user_cache_path("deadpan") / "folds").glob(f"{schedule.name}-*"))
    groups = {len(list(path.glob(f"seed-{seed}/fold-*.onnx"))) for path in there}
    for number in sorted(groups & set(range(2, len(clips.subjects) + 1)), reverse=True):
        try:
            parts = splits.split(clips, "groups", number)
        except DeadpanError:  # too few people for so few groups
            continue
        for epochs in range(MOST_EPOCHS, 0, -1):
            these = Folds(replace(schedule, epochs=epochs), clips, parts)
            if these.folder in there:
                yield these
