"""The folds of one training: networks that each judge clips they have not learned from, kept in the user's cache."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from deadpan.models import fetch
from deadpan.models.clips import Clips
from deadpan.models.errors import DeadpanError
from deadpan.models.folds import code, open_network, run
from deadpan.models.training.clips.schedules import Schedule
from deadpan.models.training.clips.splits import Fold
from deadpan.models.workers import shared

if TYPE_CHECKING:
    from torch import nn

CODE = ("clips/fit", "clips/export")
"""Modules of training that decide a network's weights, besides its own, its schedule, the clips and the seed."""
TOLERANCE = 1e-4
"""Most that a probability may differ between torch and ONNX Runtime."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What a finished fold has found."""

    epochs: int
    """After how many the network was taken."""
    said: NDArray[np.float32]
    """(m, classes): probabilities of the clips that the fold judges."""
    curve: NDArray[np.float32]
    """(epochs, w, classes): of the clips that it watched, after each epoch."""


@dataclass(frozen=True, eq=False)
class Folds:
    """A schedule, the clips, and who learns from, watches and judges what."""

    schedule: Schedule
    clips: Clips
    folds: tuple[Fold, ...]

    @cached_property
    def folder(self) -> Path:
        """Where these networks belong: another schedule, other clips, folds or code have another."""
        digest = hashlib.sha256(f"{self.clips.sha256}\n{self.schedule!r}\n".encode())
        for fold in self.folds:
            for rows in (fold.learn, fold.watch, fold.judge):
                digest.update(rows.astype("<i8").tobytes() + b"\n")
        for module in (*CODE, self.schedule.network):
            digest.update(code(module).encode())
        return platformdirs.user_cache_path("deadpan") / "folds" / f"{self.schedule.name}-{digest.hexdigest()[:16]}"

    def path(self, seed: int, number: int) -> Path:
        """One fold's ONNX file; what it found lies beside it, as .npz, and says that the fold is finished."""
        return self.folder / f"seed-{seed}" / f"fold-{number}.onnx"

    def weights(self, seed: int, number: int) -> Path:
        """The same network's learned numbers, for who needs its gradients: arrays by their names in torch, no code."""
        return self.path(seed, number).with_suffix(".weights.npz")

    def judged(self, seed: int, number: int) -> Judged | None:
        """What a finished fold has found; None when it is not finished, or what it left is damaged."""
        try:
            with np.load(io.BytesIO(self.path(seed, number).with_suffix(".npz").read_bytes())) as file:
                return Judged(int(file["epochs"]), file["said"], file["curve"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def predicted(self, seeds: Sequence[int]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Rows of the clips that were judged, (n,), and their classes, (n, seeds); raises `DeadpanError` as `found`."""
        rows = np.concatenate([fold.judge for fold in self.folds])
        columns = [np.concatenate([each.said for each in self.found(seed)]).argmax(1) for seed in seeds]
        return rows, np.stack(columns, 1)

    def found(self, seed: int) -> list[Judged]:
        """What each fold has found; raises `DeadpanError` for an unfinished one."""
        found = [self.judged(seed, number) for number in range(len(self.folds))]
        done = [each for each in found if each is not None]
        if len(done) < len(found):
            raise DeadpanError(f"{len(found) - len(done)} folds of {self.schedule.name} are not finished; train again")
        return done


def train(
    these: Folds, seeds: Sequence[int], workers: int = 1, advance: Callable[[], None] = lambda: None
) -> tuple[int, int]:
    """Train the folds that the cache lacks; how many those were, and how many there are.

    `advance` is called once an epoch, of folds that are there or are trained elsewhere once they are. Each fold follows
    from the clips, the schedule and the seed alone, whatever the number of workers and whatever was interrupted.
    """
    jobs = [(seed, number) for seed in seeds for number in range(len(these.folds))]
    missing = [job for job in jobs if these.judged(*job) is None or not these.weights(*job).is_file()]
    for _ in range((len(jobs) - len(missing)) * these.schedule.epochs):
        advance()
    if workers == 1:
        for job in missing:
            keep(these, *job, one(these, *job, advance))
    else:
        from joblib import delayed

        work = (delayed(_elsewhere)(these, *job) for job in missing)
        for (seed, number), files in shared(work, workers, ordered=False):
            keep(these, seed, number, files)
            for _ in range(these.schedule.epochs):
                advance()
    return len(missing), len(jobs)


def keep(these: Folds, seed: int, number: int, files: Mapping[str, bytes]) -> None:
    """Store what `one` has made. By the process that asked for it: a worker of a cluster may have another disk."""
    for suffix, content in files.items():
        fetch.store(these.path(seed, number).with_suffix(suffix), content)


def one(these: Folds, seed: int, number: int, advance: Callable[[], None] = lambda: None) -> dict[str, bytes]:
    """Train one fold, check that ONNX Runtime says what torch says; network, weights and findings, by their suffixes.

    The findings come last: they say that the fold is finished.
    """
    from deadpan.models.training.clips.export import to_onnx
    from deadpan.models.training.clips.fit import fit, probabilities

    fold, clips = these.folds[number], these.clips
    trained = fit(these.schedule, clips.only(fold.learn), seed, clips.only(fold.watch), advance)
    content = to_onnx(trained.network, clips.sample)
    own = clips.only(fold.judge).pictures
    said = probabilities(trained.network, own)
    difference(content, own, said, f"{these.schedule.name}, fold {number}, seed {seed}")
    learned = {name: each.numpy() for name, each in trained.network.state_dict().items()}
    found = {"epochs": np.array(trained.epochs), "said": said, "curve": trained.curve}
    return {".onnx": content, ".weights.npz": _packed(learned), ".npz": _packed(found)}


def network(these: Folds, seed: int, number: int) -> "nn.Module":
    """A finished fold's network in torch, ready to judge; raises `DeadpanError` when its weights are not there."""
    import torch

    from deadpan.models.training.clips.fit import NETWORKS

    where = these.weights(seed, number)
    made = NETWORKS[these.schedule.network](these.schedule.sample)
    try:
        with np.load(io.BytesIO(where.read_bytes())) as file:
            made.load_state_dict({name: torch.from_numpy(file[name]) for name in file.files})
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile) as error:
        raise DeadpanError(f"{where}: not a whole network's weights; delete it and train again") from error
    return made.eval()


def difference(content: bytes, pictures: NDArray[np.uint8], said: NDArray[np.float32], origin: str) -> float:
    """The largest difference of a probability; more than `TOLERANCE` is one line that names `origin`."""
    network = open_network(content, origin)
    # One by one: a batch of clips as floats is much, and the published STCNN alone has 44 million weights.
    answers = np.concatenate([run(network, pictures[i : i + 1]) for i in range(len(pictures))])
    worst = float(np.abs(answers - said).max())
    if not worst <= TOLERANCE:
        raise DeadpanError(f"{origin}: ONNX Runtime and torch differ by {worst:.2g}, expected at most {TOLERANCE}")
    return worst


def _elsewhere(these: Folds, seed: int, number: int) -> tuple[tuple[int, int], dict[str, bytes]]:
    """A fold, and which: they come as they end."""
    return (seed, number), one(these, seed, number)


def _packed(arrays: dict[str, NDArray[Any]]) -> bytes:
    content = io.BytesIO()
    # Without `allow_pickle`, which NumPy 2.0 and 2.1 take for one more array; of objects there are none.
    np.savez(content, **arrays)  # type: ignore[arg-type]
    return content.getvalue()
