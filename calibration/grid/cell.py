"""A cell: one treatment of one victim's clips, and what the victim said of them under it."""

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import scipy
from numpy.typing import NDArray

from deadpan.calibration.graph.features import Features
from deadpan.calibration.targets.target import Rows, Said, Stickers, Target
from deadpan.models import fetch
from deadpan.models.folds import code
from deadpan.models.maps import LABELS
from deadpan.stickers.sticker import Sticker

NONE, CONSTANT = "none", "constant"
"""Placements that are controls: no sticker; an input without information."""
NOISE = "uap-noise"
UNIVERSAL = ("uap", "uap-still", NOISE)
"""No stickers: a perturbation of all pictures; one still picture on all of them; the control, which learns nothing."""
PATCH = "patch"
"""What a sticker is called on maps, where its art is of no effect."""
CODE = {
    "": (
        *("calibration.targets.target", "calibration.targets.on_clips", "calibration.targets.on_maps"),
        *("calibration.targets.judges", "calibration.effect.victims", "models.folds", "models.recognizer"),
        *("calibration.placements.placed", "stickers.compositing", "stickers.placement", "stickers.regions"),
        *("calibration.effect.intervention", "calibration.effect.windows", "stickers.sticker"),
        *("calibration.grid.answering", "models.face"),
    ),
    "region": ("calibration.placements.region",),
    "random": ("calibration.placements.random_place",),
    "causal": (
        *("calibration.placements.causal", "calibration.graph.discretise", "calibration.graph.discovery"),
        *("calibration.graph.independence", "calibration.graph.orientation", "calibration.graph.skeleton"),
        *("calibration.graph.stability", "calibration.effect.paths"),
    ),
    "rhde": ("calibration.placements.rhde",),
    "uap": tuple(f"calibration.universal.{each}" for each in ("deepfool", "perturbation", "learned", "outcome")),
}
"""Modules from which answers follow, by what the placements' names begin with."""
LIBRARIES = " ".join(each.__version__ for each in (np, scipy, cv2, onnxruntime))
"""From which they follow, too."""


@dataclass(frozen=True)
class Cell:
    """What is asked about the clips of a case."""

    placement: str
    """As `deadpan.calibration.tables.row.Row` has it."""
    sticker: str
    k: float
    draw: int = 0
    """Which of several random places."""
    clip: int | None = None
    """The one row that is asked about, where a clip takes minutes; else all of the case's."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a cell has found, for m clips."""

    said: Said
    """(m, 3) float32: probabilities."""
    queries: NDArray[np.int64]
    """(m,): answers asked for before the sticker's place was known."""
    stickers: Stickers
    """(m, s, 4) float32; s is 0 where nothing is laid."""

    @property
    def label(self) -> NDArray[np.int8]:
        """(m,): what the victim calls each clip."""
        return np.asarray(self.said.argmax(axis=1), np.int8)

    def packed(self) -> bytes:
        """As the bytes of an .npz file; the same answer gives the same bytes."""
        content = io.BytesIO()
        np.savez(content, said=self.said, queries=self.queries, stickers=self.stickers)
        return content.getvalue()


@dataclass(frozen=True, eq=False)
class Case:
    """A victim before the clips of one data set, and what placements go by. It travels to the workers whole."""

    target: Target
    rows: Rows
    """(m,): which of the target's clips are asked about."""
    art: Mapping[str, Sticker]
    """By name; on maps the one name `PATCH`, whose art nobody sees."""
    features: Mapping[str, Features]
    """By data set: what the causal graphs are made of."""
    seed: int = 0

    @property
    def label(self) -> NDArray[np.int64]:
        """(m,): what the clips are."""
        return self.target.label[self.rows]

    @property
    def subject(self) -> NDArray[np.str_]:
        """(m,)."""
        return self.target.subject[self.rows]

    @cached_property
    def identity(self) -> str:
        """A hash of the target, the rows and the seed."""
        digest = hashlib.sha256(f"{self.target.identity} {self.seed}\n".encode())
        digest.update(self.rows.astype("<i8").tobytes())
        return digest.hexdigest()

    def key(self, cell: Cell) -> str:
        """A hash of everything that the cell's answer follows from, the code included."""
        digest = hashlib.sha256(f"{self.identity} {cell!r} {LIBRARIES}\n".encode())
        if cell.sticker in self.art:
            digest.update(self.art[cell.sticker].pixels.tobytes())
        if cell.placement.startswith("causal"):
            digest.update(_sha256(self.features[self.graph_of(cell)]))
        for begin, modules in CODE.items():
            for module in modules if cell.placement.startswith(begin) else ():
                package, _, name = module.rpartition(".")
                digest.update(code(name, f"deadpan.{package}").encode())
        return digest.hexdigest()

    def graph_of(self, cell: Cell) -> str:
        """Of `causal` and `causal:DATASET`: the data set whose graph chooses."""
        return cell.placement.partition(":")[2] or self.target.dataset

    def path(self, folder: Path, cell: Cell) -> Path:
        """Where the cell's answer is kept under `folder`, by a name that tells what it is."""
        draw = f"-{cell.draw}" if cell.draw else ""
        clip = "" if cell.clip is None else f"-clip-{cell.clip}"
        said = f"{cell.placement}-{cell.sticker}-{cell.k:g}{draw}{clip}-{self.key(cell)[:16]}"
        # A sticker's name may come from a file's, a data set's from a sheet: as part of a path they hold nothing else.
        plain = (
            re.sub(r"[^A-Za-z0-9.-]", "_", each) for each in (self.target.dataset, self.target.name, f"{said}.npz")
        )
        return folder.joinpath(*plain)

    def kept(self, folder: Path, cell: Cell) -> Answer | None:
        """The cell's answer; None when it is not there, or damaged."""
        m = len(self.rows) if cell.clip is None else 1
        try:
            with np.load(io.BytesIO(self.path(folder, cell).read_bytes()), allow_pickle=False) as file:
                answer = Answer(file["said"], file["queries"], file["stickers"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        shapes = answer.said.shape, answer.queries.shape, answer.stickers[:, :0].shape
        return answer if shapes == ((m, len(LABELS)), (m,), (m, 0, 4)) else None

    def keep(self, folder: Path, cell: Cell, answer: Answer) -> None:
        """Put the answer where `kept` finds it: whole, or not at all."""
        fetch.store(self.path(folder, cell), answer.packed())


def _sha256(features: Features) -> bytes:
    digest = hashlib.sha256(f"{features.name} {features.categorical} {features.values.shape}\n".encode())
    digest.update(np.ascontiguousarray(features.values).tobytes())
    digest.update("\0".join(features.subject.tolist()).encode())
    return digest.digest()
