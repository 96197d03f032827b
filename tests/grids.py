"""What the grid's tests work on, and the processes that they start: a case whose answers are known, on real parts."""

import sys
import time
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from planted import Planted

from deadpan.calibration.graph.features import of_maps
from deadpan.calibration.grid import asking, run
from deadpan.calibration.grid.cell import PATCH, Case, Cell
from deadpan.calibration.targets.judges import Judges
from deadpan.calibration.targets.on_maps import OnMaps
from deadpan.stickers import sticker

PLACEMENTS = ("region", "random", "causal", "exhaustive", "rhde")
DRAWS = 3


class Slow(Judges):
    """Takes its time, so that there is a middle to be killed in."""

    def predict(self, subject: str, motion: NDArray[np.uint8]) -> NDArray[np.float32]:
        time.sleep(0.03)
        return super().predict(subject, motion)


def network(planted: Planted) -> bytes:
    """An ONNX network that says of maps, (n, 28, 28, 3), what `planted` says: which of its two places moves."""
    weights = np.zeros((28, 28, 3, 3), np.float32)
    for column, (rows, columns) in enumerate(planted._places):
        weights[rows, columns, 0, column] = 1 / 25
    weights[:, :, 0, :2] -= 1 / 784
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["maps"], ["flat"]),
            helper.make_node("Gemm", ["flat", "weights", "bias"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["said"]),
        ],
        "planted",
        [helper.make_tensor_value_info("maps", TensorProto.FLOAT, ["n", 28, 28, 3])],
        [helper.make_tensor_value_info("said", TensorProto.FLOAT, ["n", 3])],
        [
            numpy_helper.from_array(weights.reshape(-1, 3), "weights"),
            numpy_helper.from_array(np.array([0, 0, 40], np.float32), "bias"),
        ],
    )
    return onnx.helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def case(people: int = 6, kind: type[Judges] = Judges, seed: int = 0) -> Case:
    """Every person's judge is one network; of 8 clips each of `people` of `Planted.maps`."""
    planted = Planted()
    maps = planted.maps(people, seed=seed)
    maps.dataset[:] = "casme2"
    judges = kind(
        name="planted",
        seed=0,
        identity="0" * 64,
        networks=(np.frombuffer(network(planted), np.uint8),),
        judge=dict.fromkeys(maps.subjects, 0),
    )
    rows = np.arange(0, len(maps), 6)
    return Case(OnMaps(maps, judges), rows, {PATCH: sticker.load("star")}, {"casme2": of_maps(maps)})


def asked(given: Case) -> list[tuple[Case, tuple[Cell, ...]]]:
    """28 cells of all kinds."""
    return [(given, asking.cells(given, (3.0,), PLACEMENTS, DRAWS))]


if __name__ == "__main__":
    run.run(asked(case(kind=Slow)), Path(sys.argv[1]), int(sys.argv[2]))
