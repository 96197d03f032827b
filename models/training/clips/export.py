"""A trained network of clips as an ONNX file that takes levels and gives probabilities.

By torch's own older exporter, which needs no package more; the newer one needs `onnxscript`. Whoever exports compares
what comes of it with torch.
"""

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn

from deadpan.models.alignment import Sample

OPSET = 17


class _Whole(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, levels: Tensor) -> Tensor:
        probabilities: Tensor = self.network(levels).softmax(1)
        return probabilities


def to_onnx(network: nn.Module, sample: Sample) -> bytes:
    """In: `levels`, (n, d, h, w, c) float32, 0–255, of any n. Out: `probabilities`, (n, classes) float32."""
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this exporter is the older one
        path = Path(folder) / "network.onnx"
        torch.onnx.export(
            _Whole(network).eval(),
            (torch.zeros(2, *sample),),
            path,
            dynamo=False,
            opset_version=OPSET,
            input_names=["levels"],
            output_names=["probabilities"],
            dynamic_axes={"levels": {0: "n"}, "probabilities": {0: "n"}},
        )
        return path.read_bytes()
