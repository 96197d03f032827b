"""Networks that each judge one subject whom they never saw: the cache that `deadpan train` fills.

Calibration and evaluation read it. Judging a subject by the final network, which learned from that very subject,
would make a recognizer look better and a protection look worse than they are.
"""

import ast
import hashlib
import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from deadpan.models.errors import DeadpanError
from deadpan.models.maps import LABELS, Maps
from deadpan.models.training import recipes

EXTRA = "`pip install '.[train]'` in the clone of deadpan"
"""How torch and onnx, which only training needs, come along; no registry has deadpan."""
CODE = ("augment", "export", "fit")
"""Modules that decide a network's weights, besides its own, its recipe, the maps and the seed."""
Probabilities = NDArray[np.float32]
"""(n, 3) float32, each row summing to 1, in the order of `LABELS`."""


class FoldsMissing(DeadpanError):
    """The fold networks have not been trained for these maps by this code."""

    def __init__(self, lack: str, *names: str, seeds: int | None = None) -> None:
        """Say what is missing, and the commands that train the folds of the recipes `names`, `seeds` times each."""
        often = "" if seeds is None else f" --seeds {seeds}"
        commands = " and ".join(f"`deadpan train {name} --data FILE --folds-only{often}`" for name in names)
        # On the 442 public maps two seeds take four minutes of CPU time for `motion`, nine for `motion-large`.
        super().__init__(f"{lack}; run {commands} with the same maps once (some minutes each); that needs {EXTRA}")
        self.lack = lack


@dataclass(frozen=True, eq=False)
class Folds:
    """The networks of one leave-one-subject-out run, read from the cache."""

    name: str
    """Of the recipe."""
    seed: int
    maps: Maps
    _sessions: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def identity(self) -> str:
        """What the networks follow from: the hash that names their folder."""
        return identity(self.name, self.maps)

    def predict(self, subject: str, motion: NDArray[np.uint8]) -> Probabilities:
        """What the network that never saw `subject` says of `motion`, (n, 28, 28, 3) uint8."""
        if subject not in self._sessions:
            if subject not in self.maps.subjects:
                raise DeadpanError(f"no subject {subject!r} in these maps; there is: {', '.join(self.maps.subjects)}")
            where = path(self.name, self.maps, self.seed, subject)
            self._sessions[subject] = open_network(where.read_bytes(), str(where))
        return run(self._sessions[subject], motion)

    @cached_property
    def probabilities(self) -> Probabilities:
        """(n, 3) for the maps themselves, each judged by its own subject's fold."""
        answer = np.empty((len(self.maps), len(LABELS)), np.float32)
        for subject in self.maps.subjects:
            rows = self.maps.subject == subject
            answer[rows] = self.predict(subject, self.maps.motion[rows])
        return answer


def load(name: str, maps: Maps, seed: int = 0) -> Folds:
    """The fold networks of the recipe `name` for `maps`; needs no torch. `FoldsMissing` says how to train them."""
    missing = [subject for subject in maps.subjects if not path(name, maps, seed, subject).is_file()]
    if missing:
        raise FoldsMissing(
            f"{len(missing)} of {len(maps.subjects)} fold networks of {name} (seed {seed}) are not in "
            f"{folder(name, maps)}, or the maps or the training code have changed since",
            name,
        )
    return Folds(name, seed, maps)


def folder(name: str, maps: Maps) -> Path:
    """Where the fold networks of a recipe for these maps and this code belong."""
    return platformdirs.user_cache_path("deadpan") / "folds" / f"{name}-{identity(name, maps)[:16]}"


def path(name: str, maps: Maps, seed: int, subject: str) -> Path:
    """One fold network's ONNX file."""
    # A subject's name comes from a data file: as part of a path it may hold nothing else than it seems to.
    plain = re.sub(r"[^A-Za-z0-9-]", "_", subject)
    return folder(name, maps) / f"seed-{seed}" / f"{plain}-{hashlib.sha256(subject.encode()).hexdigest()[:8]}.onnx"


def identity(name: str, maps: Maps) -> str:
    """The hash of everything that the fold networks follow from: maps, recipe, training code."""
    recipe = recipes.find(name)
    digest = hashlib.sha256(f"{maps.sha256}\n{recipe!r}\n".encode())
    for module in (*CODE, recipe.network):
        digest.update(code(module).encode())
    return digest.hexdigest()


def open_network(content: bytes, origin: str) -> Any:
    """An ONNX Runtime session of a fold network's bytes; damaged ones are one line that names `origin`."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # The networks are too small for threads, and evaluation keeps dozens of sessions.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no base class
        raise DeadpanError(f"{origin}: not a whole fold network; delete it and run `deadpan train` again") from error


def run(network: Any, motion: NDArray[np.uint8]) -> Probabilities:
    """(n, 3) that a session gives for `motion`, (n, 28, 28, 3) uint8."""
    (answer,) = network.run(None, {network.get_inputs()[0].name: motion.astype(np.float32)})
    return np.asarray(answer, np.float32)


@cache
def code(module: str, package: str = "deadpan.models.training") -> str:
    """A module's code without comments and docstrings: a better explanation must not cost an hour of training.

    Read once, so that an edit in the middle of a run does not move its folder.
    """
    tree = ast.parse((files(package) / f"{module}.py").read_text("utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [each for each in body if not _is_text(each)]
            node.body = kept or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.unparse(tree)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
