"""Training that goes on from a written network: what somebody does who has few maps of his own.

A file of its own: a change of `fit.py` or `export.py` would orphan every fold network (`models/folds.py`).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from deadpan.models.training import fit
from deadpan.models.training.recipes import Recipe

_WEIGHING = (nn.Conv2d, nn.Linear, nn.BatchNorm2d)


def train(
    recipe: Recipe, content: bytes, motion: NDArray[np.uint8], label: NDArray[np.int64], seed: int
) -> list[nn.Module]:
    """As `fit.fit`, from the weights in `content`, an ONNX file of the same recipe, in place of random ones."""
    networks = [fit.NETWORKS[recipe.network]() for _ in range(recipe.members)]
    read_back(content, networks)
    begun = iter(networks)
    name = f"{recipe.network}, begun"
    fit.NETWORKS[name] = lambda: next(begun)
    try:
        return fit.fit(replace(recipe, network=name), motion, label, seed)
    finally:
        del fit.NETWORKS[name]


def read_back(content: bytes, networks: Sequence[nn.Module]) -> None:
    """Give `networks` the weights in an ONNX file that `export.to_onnx` wrote of the like.

    Another file is a `ValueError`.
    """
    graph = onnx.load_from_string(content).graph
    held = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    weighing = [node for node in graph.node if node.op_type in ("Conv", "Gemm", "BatchNormalization")]
    # A view of the mirrored map uses the same names a second time.
    wrote = [held[name] for name in dict.fromkeys(name for node in weighing for name in node.input[1:])]
    layers = [each for network in networks for each in network.modules() if isinstance(each, _WEIGHING)]
    names = ("weight", "bias", "running_mean", "running_var")
    own = [tensor for layer in layers for name in names if (tensor := getattr(layer, name, None)) is not None]
    if [each.shape for each in wrote] != [tuple(each.shape) for each in own]:
        raise ValueError("weights of other networks; expected those that the file was written of")
    with torch.no_grad():
        for tensor, value in zip(own, wrote, strict=True):
            tensor.copy_(torch.from_numpy(value.copy()))
