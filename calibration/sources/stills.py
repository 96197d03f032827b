"""Stills: what a recognizer of open expressions sees in each region of a face, for pictures hold no motion.

The network is fer2013; its features are taken where its second block ends, on 15 × 15 cells that each see 23 of its 64
px. Its last convolution, 4 × 4 cells, would speak for a class, but each of those cells sees the whole face. Nine faces,
each region wiped out in turn: it is that very region's own feature that changes most, by the features' spread over
faces, in 90 of 100 cases after the first block, 78 after the second, 59 after the third, 21 after the fourth, and in 13
at the last convolution, where chance gives 7 (`pytest -s tests/test_stills.py -k wiped`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.graph.features import Features
from deadpan.calibration.sources.cutout import CutOut, see
from deadpan.calibration.sources.source import BadSource, Skipped
from deadpan.models import recognizers
from deadpan.models.errors import ModelUnavailable
from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.reading import ATTENTIVE
from deadpan.stickers.regions import REGIONS

SIDE = 64
"""Px: what the network looks at."""
BLOCK = 2
"""Of four: after which of them features are taken."""
CELLS = {30: (2, 2.5), 15: (4, 3.5), 8: (8, 3.5), 4: (16, 7.5)}
"""Cells along a side → px from one cell to the next, and where the first one's middle lies: by the strides and pads of
the network, on the mean of its two ways through a block."""
ROOM = 1.1
"""The square that it looks at, in longer sides of the face: FER2013's pictures leave about so much room."""

Square = NDArray[np.uint8]
"""(64, 64, 1) uint8 grey: a face as the network looks at it."""
Windows = NDArray[np.bool_]
"""(14, 64, 64): which px of the square lie in each region's window."""


class Picture(Protocol):
    """A labelled picture."""

    @property
    def path(self) -> Path:
        """Where it lies: what it is called."""
        ...

    @property
    def label(self) -> int:
        """An index into its source's classes."""
        ...

    def read(self) -> Image:
        """(h, w, 3) uint8 BGR; raises `BadSource` naming the file."""
        ...


@dataclass(frozen=True, eq=False)
class Stills:
    """What was seen on pictures."""

    features: Features
    """`activation`: over each region's window, the mean length of what the network's channels answer there, in units of
    its own. The subject is the picture, for nobody says who is on it."""
    label: NDArray[np.int64]
    """(n,): what each picture is, by its source."""
    said: NDArray[np.int64]
    """(n,): what the recognizer says, an index into `deadpan.models.fer2013.LABELS`."""


def measure(
    pictures: Iterable[Picture],
    model: bytes,
    told: Callable[[int, int], None] = lambda done, of: None,
    skip: Callable[[Skipped], None] = lambda skipped: None,
) -> Stills:
    """Look at every picture's largest face; `model` is the landmarker's bytes.

    `told` hears how many are done, of how many; `skip` of each picture that cannot be read or shows no face. Raises
    `ModelUnavailable` when fer2013 was not fetched, and `BadSource` when no picture is left.
    """
    network = Network(recognizers.find("fer2013").load())
    listed = list(pictures)
    kept: list[Picture] = []
    values, said = [], []
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        for number, picture in enumerate(listed):
            told(number, len(listed))
            try:
                found = look(picture.read(), landmarker)
            except BadSource as error:
                skip(Skipped(str(picture.path), str(error).removeprefix(f"{picture.path}: ")))
                continue
            if found is None:
                skip(Skipped(str(picture.path), "no face was found on it"))
                continue
            probabilities, lengths = network.see(found[0])
            kept.append(picture)
            values.append(pooled(lengths, found[1]))
            said.append(int(probabilities.argmax()))
    told(len(listed), len(listed))
    if not kept:
        raise BadSource(f"none of {len(listed)} pictures shows a face; expected one face on each")
    names = np.array([str(each.path) for each in kept])
    features = Features("activation", "the network's own", np.stack(values), names)
    return Stills(features, np.array([each.label for each in kept], np.int64), np.array(said, np.int64))


def look(image: Image, landmarker: Landmarker) -> tuple[Square, Windows] | None:
    """The largest face on `image`, (h, w, 3) uint8 BGR, as the network looks at it; None when there is none."""
    around = CutOut.find(image, landmarker)
    face = None if around is None else see(around.of(image), landmarker)
    if around is None or face is None:
        return None
    left, top, right, bottom = face.box
    side = round(ROOM * max(right - left, bottom - top))
    close = CutOut(round((left + right - side) / 2), round((top + bottom - side) / 2), side)
    grey = cv2.cvtColor(close.of(around.of(image)), cv2.COLOR_BGR2GRAY)
    way = cv2.INTER_AREA if side > SIDE else cv2.INTER_CUBIC
    square = np.asarray(cv2.resize(grey, (SIDE, SIDE), interpolation=way), np.uint8)[..., None]
    return square, windows(face, close)


def windows(face: Face, close: CutOut) -> Windows:
    """The regions of `face` on the square `close` of the same picture; of one beyond its edge, the px nearest to it."""
    drawn = np.zeros((len(REGIONS), SIDE, SIDE), np.uint8)
    for mask, region in zip(drawn, REGIONS, strict=True):
        corners = (region.corners(face) - (close.left, close.top) + 0.5) * SIDE / close.side - 0.5
        cv2.fillConvexPoly(mask, np.clip(corners, 0, SIDE - 1).round().astype(np.int32), 1)
    return drawn.astype(bool)


def pooled(lengths: NDArray[np.float32], windows: Windows) -> NDArray[np.float32]:
    """(14,) float32: the mean over each window of `Network.see`'s lengths, (cells, cells)."""
    return np.array([_fine(lengths)[window].mean() for window in windows], np.float32)


def _fine(lengths: NDArray[np.float32]) -> NDArray[np.float32]:
    """(64, 64): between the middles of the cells linearly."""
    step, first = CELLS[len(lengths)]
    matrix = np.array([[1 / step, 0, -first / step], [0, 1 / step, -first / step]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(lengths, matrix, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


class Network:
    """fer2013 with the end of a block brought out."""

    def __init__(self, content: bytes, block: int = BLOCK) -> None:
        """Take the rebuilt network's checked bytes; raises `ModelUnavailable` without the package onnx.

        `block` is 1 to 4, or 5 for the last convolution.
        """
        try:
            from onnx import TensorProto, helper, load_model_from_string
        except ImportError as error:
            raise ModelUnavailable("looking into fer2013 takes the package onnx; run `pip install onnx`") from error
        import onnxruntime

        model: Any = load_model_from_string(content)
        ends = [node.output[0] for node in model.graph.node if node.op_type == "Add"]
        ends += [node.input[0] for node in model.graph.node if node.op_type == "GlobalAveragePool"]
        model.graph.output.append(helper.make_tensor_value_info(ends[block - 1], TensorProto.FLOAT, None))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        providers = ["CPUExecutionProvider"]
        self._session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=providers)

    def see(self, square: Square) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Probabilities of `deadpan.models.fer2013.LABELS`, (7,), and the length of what the channels answer in each
        cell, (cells, cells) float32, rows down, columns right."""
        said, answers = self._session.run(None, {"levels": square[None].astype(np.float32)})
        return np.asarray(said[0], np.float32), np.linalg.norm(answers[0], axis=0).astype(np.float32)
