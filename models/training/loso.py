"""Leave one subject out: for every subject and seed, a network trained on everybody else."""

from collections.abc import Callable, Sequence

import numpy as np
from joblib import delayed

from deadpan.models import fetch, folds
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import Maps
from deadpan.models.training import fit, recipes
from deadpan.models.training.export import probabilities, to_onnx
from deadpan.models.workers import shared

TOLERANCE = 1e-4
"""Most that a probability may differ between torch and ONNX Runtime."""


def train(
    name: str, maps: Maps, seeds: Sequence[int], workers: int = 1, advance: Callable[[], None] | None = None
) -> int:
    """Train the folds of the recipe `name` that the cache lacks, and return how many those were.

    `advance` is called once a fold, those that were there already included. Each fold's figures follow from the
    maps, the recipe and the seed alone, whatever the number of workers and whatever was interrupted.
    """
    jobs = [(seed, subject) for seed in seeds for subject in maps.subjects]
    missing = [job for job in jobs if not folds.path(name, maps, job[0], job[1]).is_file()]
    for _ in range(len(jobs) - len(missing)):
        _call(advance)
    if len(maps.subjects) < 2:
        raise DeadpanError("maps of one subject only: leaving one out needs at least two")
    work = (delayed(_elsewhere)(name, maps, *job) for job in missing)
    for job, content in shared(work, workers, ordered=False):
        # By this process, not by the worker: one of a cluster may have another disk.
        fetch.store(folds.path(name, maps, *job), content)
        _call(advance)
    return len(missing)


def fold(name: str, maps: Maps, seed: int, subject: str) -> bytes:
    """Train on everybody but `subject` and check that ONNX says the same as torch; the network as ONNX."""
    recipe = recipes.find(name)
    others = maps.only(maps.subject != subject)
    networks = fit.fit(recipe, others.motion, others.label, seed)
    content = to_onnx(networks, flip=recipe.flip_average)
    own = maps.only(maps.subject == subject).motion
    origin = f"{name}, {subject}, seed {seed}"
    answer = folds.run(folds.open_network(content, origin), own)
    difference(answer, probabilities(networks, own, flip=recipe.flip_average), origin)
    return content


def difference(onnx: folds.Probabilities, torch: folds.Probabilities, origin: str) -> float:
    """The largest difference of a probability; more than `TOLERANCE` is one line that names `origin`."""
    worst = float(np.abs(onnx - torch).max())
    if not worst <= TOLERANCE:
        raise DeadpanError(f"{origin}: ONNX Runtime and torch differ by {worst:.2g}, expected at most {TOLERANCE}")
    return worst


def _elsewhere(name: str, maps: Maps, seed: int, subject: str) -> tuple[tuple[int, str], bytes]:
    """A fold, and which: they come as they end."""
    return (seed, subject), fold(name, maps, seed, subject)


def _call(advance: Callable[[], None] | None) -> None:
    if advance is not None:
        advance()
