"""The onset→apex motion of labelled micro-expressions, as read from one .npz file that the user brings."""

import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deadpan.models.errors import DeadpanError

LABELS = ("negative", "positive", "surprise")
"""What a label's number means."""
SHAPE = (28, 28, 3)
"""Rows, columns, channels of one map; the channels are optical strain, v (down) and u (right)."""
KEYS = ("flow", "label", "subject", "dataset", "clip", "roi_center", "face_size")
WANTED = f"expected an .npz with {', '.join(KEYS)} (the public MEGC 2019 flow maps, or what `deadpan calibrate` kept)"


class BadMaps(DeadpanError):
    """A file does not hold labelled motion maps."""


@dataclass(frozen=True, eq=False)
class Maps:
    """n labelled motion maps and whom each was taken from."""

    motion: NDArray[np.uint8]
    """(n, 28, 28, 3) uint8: strain, v, u; each channel of each map is min–max stretched to 0–255."""
    label: NDArray[np.int64]
    """(n,) int64: an index into `LABELS`."""
    subject: NDArray[np.str_]
    """(n,): a name that belongs to one person over all data sets."""
    dataset: NDArray[np.str_]
    """(n,): the data set a map comes from."""
    clip: NDArray[np.str_]
    """(n,): the clip's name within its data set."""
    roi_center: NDArray[np.float32]
    """(n, 14, 2) float32: x right, y down, as fractions of the crop."""
    face_size: NDArray[np.float32]
    """(n, 2) float32: the face's width and height as fractions of the crop."""

    def __len__(self) -> int:
        return len(self.label)

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """Every subject once, in alphabetical order."""
        return tuple(str(name) for name in np.unique(self.subject))

    @cached_property
    def sha256(self) -> str:
        """Of what a network learns from (maps, labels, subjects), not of the file that carried it."""
        digest = hashlib.sha256(np.ascontiguousarray(self.motion).tobytes())
        digest.update(self.label.astype("<i8").tobytes())
        digest.update("\0".join(self.subject.tolist()).encode())
        return digest.hexdigest()

    def only(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Maps":
        """The maps at `rows` (a mask or indices)."""
        return Maps(
            self.motion[rows],
            self.label[rows],
            self.subject[rows],
            self.dataset[rows],
            self.clip[rows],
            self.roi_center[rows],
            self.face_size[rows],
        )


def load(path: Path) -> Maps:
    """Read and check the file; whatever is wrong with it is one line (`BadMaps`)."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadMaps(f"{path}: cannot be read ({error.strerror}); {WANTED}") from error
    try:
        # Never pickled objects: a data file that somebody sent may not run code here.
        file = np.load(io.BytesIO(content), allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise BadMaps(f"{path}: a single array; {WANTED}")
        with file:
            missing = [key for key in KEYS if key not in file.files]
            if missing:
                raise BadMaps(f"{path}: has no {', '.join(missing)}; {WANTED}")
            arrays = {key: file[key] for key in KEYS}
    except (ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise BadMaps(f"{path}: not an .npz of plain arrays; {WANTED}") from error
    _check(path, arrays)
    return Maps(
        motion=arrays["flow"],
        label=arrays["label"].astype(np.int64),
        subject=arrays["subject"],
        dataset=arrays["dataset"],
        clip=arrays["clip"],
        roi_center=arrays["roi_center"].astype(np.float32),
        face_size=arrays["face_size"].astype(np.float32),
    )


def _check(path: Path, arrays: dict[str, NDArray[np.generic]]) -> None:
    flow, label = arrays["flow"], arrays["label"]
    n = len(flow) if flow.ndim else 0
    if flow.dtype != np.uint8 or flow.shape != (n, *SHAPE) or n == 0:
        raise BadMaps(f"{path}: flow is {flow.dtype} {flow.shape}, expected uint8 (n, 28, 28, 3); {WANTED}")
    shapes = {"roi_center": (n, 14, 2), "face_size": (n, 2)}
    for key, array in arrays.items():
        expected = shapes.get(key, (n,))
        if key != "flow" and array.shape != expected:
            raise BadMaps(f"{path}: {key} is {array.shape}, expected {expected}; {WANTED}")
    for key in ("subject", "dataset", "clip"):
        if arrays[key].dtype.kind != "U":
            raise BadMaps(f"{path}: {key} is {arrays[key].dtype}, expected text; {WANTED}")
    if label.dtype.kind not in "iu" or not np.isin(label, range(len(LABELS))).all():
        raise BadMaps(f"{path}: labels {np.unique(label)[:6].tolist()}, expected 0, 1, 2 ({', '.join(LABELS)})")
    for key in shapes:
        if arrays[key].dtype.kind not in "iuf" or not np.isfinite(arrays[key].astype(float)).all():
            raise BadMaps(f"{path}: {key} is not all numbers; {WANTED}")
    if arrays["face_size"].astype(float).min() <= 0:
        raise BadMaps(f"{path}: face_size is not all above 0; {WANTED}")
    spread = flow.max(axis=(1, 2)) - flow.min(axis=(1, 2))
    if (spread < 255).any():
        raise BadMaps(
            f"{path}: {int((spread < 255).any(axis=1).sum())} of {n} maps are not min–max stretched to 0–255; "
            "stretch each channel of each map"
        )
