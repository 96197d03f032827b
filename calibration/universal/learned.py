"""What one fold's people teach a universal perturbation; kept beside the fold's network."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.universal.perturbation import Perturbation, learn, shown
from deadpan.models import fetch
from deadpan.models.folds import code
from deadpan.models.training.clips import folds
from deadpan.models.training.clips.fit import probabilities
from deadpan.models.training.clips.folds import Folds

CODE = ("deepfool", "perturbation", "learned")
"""Modules here from which perturbations follow."""


@dataclass(frozen=True, eq=False)
class Learned:
    """What learning on one fold's people came to."""

    perturbation: Perturbation
    """Of the best pass on the clips learned from, the first of equals."""
    fooled: NDArray[np.float64]
    """(passes,): share of the clips learned from whose label changed, after each pass."""
    others: NDArray[np.float64]
    """(passes,): of the clips of the people whom the fold judges. Learning never sees it."""
    clips: int
    """Learned from."""
    asked: int
    """Answers and gradients of the network, one a clip each."""


def learned(
    these: Folds, seed: int, number: int, placement: str, draw: int = 0, told: Callable[[], None] = lambda: None
) -> Learned:
    """What is learned on the people whom a fold's network learned from or was stopped by, before that very network.

    It is kept beside the network, and learned once; `told` hears of every clip in every pass. `draw` seeds the order
    of the clips. Raises `DeadpanError` when the network's weights are not there.
    """
    path = _path(these, seed, number, placement, draw)
    kept = _kept(path)
    if kept is not None:
        return kept
    fold, pictures = these.folds[number], these.clips.pictures
    network = folds.network(these, seed, number)
    taught, judge = pictures[np.concatenate([fold.learn, fold.watch])], pictures[fold.judge]
    passes = list(learn(network, taught, draw, still=placement == "uap-still", told=told))
    clean = probabilities(network, judge).argmax(1)
    attacked = [probabilities(network, shown(judge, each.perturbation)).argmax(1) for each in passes]
    fooled = np.array([each.fooled for each in passes])
    found = Learned(
        perturbation=passes[int(fooled.argmax())].perturbation,
        fooled=fooled,
        others=np.array([(each != clean).mean() for each in attacked]),
        clips=len(taught),
        asked=passes[-1].forward + passes[-1].backward,
    )
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **vars(found))
    fetch.store(path, content.getvalue())
    return found


def _path(these: Folds, seed: int, number: int, placement: str, draw: int) -> Path:
    digest = hashlib.sha256("".join(code(each, "deadpan.calibration.universal") for each in CODE).encode())
    return these.path(seed, number).with_suffix(f".{placement}-{draw}-{digest.hexdigest()[:8]}.npz")


def _kept(path: Path) -> Learned | None:
    try:
        with np.load(io.BytesIO(path.read_bytes())) as file:
            curves = file["fooled"], file["others"]
            return Learned(file["perturbation"], *curves, int(file["clips"]), int(file["asked"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
