"""A trained torch network as an ONNX file that takes the levels of a motion map and gives probabilities.

The graph is written by hand, layer by layer: torch's own exporter needs a package more and seconds a network, and there
are hundreds of fold networks to write. Only the layers that our networks use are known; others are an error.
"""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import fx, nn

from deadpan.models.training.augment import mirror

OPSET = 17
IR_VERSION = 8
"""What goes with opset 17, so that runtimes of that age read the file."""
CENTRE = 127.5
"""Level that becomes 0; 0 becomes -1 and 255 becomes 1."""


class _Graph:
    """Nodes and initializers under way."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._held: dict[int, str] = {}

    def add(self, kind: str, inputs: Sequence[str], name: str | None = None, **attributes: Any) -> str:
        output = name or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def hold(self, value: NDArray[Any], owner: object = None) -> str:
        """An initializer's name; what belongs to one `owner` is written once, however often it is used."""
        if owner is not None and id(owner) in self._held:
            return self._held[id(owner)]
        name = f"weight_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        if owner is not None:
            self._held[id(owner)] = name
        return name


def to_onnx(networks: Sequence[nn.Module], classes: int = 3, *, flip: bool = False) -> bytes:
    """One ONNX file whose output is the mean of the networks' probabilities.

    In: `levels`, (n, 28, 28, 3) float32, 0–255, channels strain, v, u. Out: `probabilities`, (n, classes) float32.
    `flip` averages in what the networks say of the mirrored map as well (u changes its sign there).
    """
    graph = _Graph()
    first = graph.add("Transpose", ["levels"], perm=[0, 3, 1, 2])
    first = graph.add("Sub", [first, graph.hold(np.array(CENTRE, np.float32))])
    views = [graph.add("Div", [first, graph.hold(np.array(CENTRE, np.float32))])]
    if flip:
        ends = [graph.hold(np.array([number], np.int64)) for number in (-1, np.iinfo(np.int64).min, 3, -1)]
        mirrored = graph.add("Slice", [views[0], *ends])
        sign = graph.hold(np.array([1, 1, -1], np.float32).reshape(1, 3, 1, 1))
        views.append(graph.add("Mul", [mirrored, sign]))
    said = [graph.add("Softmax", [_walk(graph, each, view)], axis=1) for each in networks for view in views]
    if len(said) == 1:
        graph.add("Identity", said, "probabilities")
    else:
        graph.add("Mean", said, "probabilities")
    levels = helper.make_tensor_value_info("levels", TensorProto.FLOAT, ["n", 28, 28, 3])
    probabilities = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", classes])
    whole = helper.make_graph(graph.nodes, "deadpan", [levels], [probabilities], graph.initializers)
    model = helper.make_model(
        whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="deadpan"
    )
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def probabilities(networks: Sequence[nn.Module], motion: NDArray[np.uint8], *, flip: bool = False) -> NDArray[Any]:
    """What `to_onnx`'s file must say, by torch: (n, classes) float32 from (n, 28, 28, 3) uint8."""
    maps = normalised(motion)
    views = [maps, mirror(maps)] if flip else [maps]
    with torch.inference_mode():
        said = [network.eval()(view).softmax(1) for network in networks for view in views]
        return np.asarray(torch.stack(said).mean(0), np.float32)


def normalised(motion: NDArray[np.uint8]) -> torch.Tensor:
    """(n, 3, 28, 28) float32 from -1 to 1, of (n, 28, 28, 3) uint8."""
    return torch.from_numpy(motion.transpose(0, 3, 1, 2).astype(np.float32)).sub_(CENTRE).div_(CENTRE)


def _walk(graph: _Graph, network: nn.Module, value: str) -> str:
    """Add a network's layers in the order in which they run; give the name of its logits."""
    network.eval()
    traced = fx.Tracer().trace(network)
    modules = dict(network.named_modules())
    names: dict[fx.Node, str] = {}
    for node in traced.nodes:
        inputs = [names[each] for each in node.all_input_nodes]
        if node.op == "placeholder":
            names[node] = value
        elif node.op == "call_module":
            names[node] = _layer(graph, modules[str(node.target)], inputs)
        elif node.op == "call_function" and node.target is torch.cat:
            names[node] = graph.add("Concat", inputs, axis=1)
        elif node.op == "call_function" and node.target in (operator.add, operator.mul):
            names[node] = graph.add("Add" if node.target is operator.add else "Mul", inputs)
        elif node.op == "output":
            return inputs[0]
        else:
            raise TypeError(f"{node.op} {node.target}: no ONNX is known for it")
    raise TypeError("a network without an output")


def _pair(value: Any) -> list[int]:
    return [int(each) for each in value] if isinstance(value, tuple) else [int(value)] * 2


def _layer(graph: _Graph, layer: nn.Module, inputs: list[str]) -> str:
    def weight(tensor: torch.Tensor | None) -> str:
        assert tensor is not None
        return graph.hold(tensor.detach().numpy(), tensor)

    match layer:
        case nn.Dropout() | nn.Dropout2d() | nn.Identity():
            return inputs[0]  # nothing, once training is over
        case nn.ReLU() | nn.Sigmoid():
            return graph.add("Relu" if isinstance(layer, nn.ReLU) else "Sigmoid", inputs)
        case nn.Flatten():
            return graph.add("Flatten", inputs, axis=1)
        case nn.AdaptiveAvgPool2d(output_size=1):
            return graph.add("GlobalAveragePool", inputs)
        case nn.Linear():
            return graph.add("Gemm", [*inputs, weight(layer.weight), weight(layer.bias)], transB=1)
        case nn.Conv2d():
            bias = [] if layer.bias is None else [weight(layer.bias)]
            stride, pads = _pair(layer.stride), _pair(layer.padding) * 2
            return graph.add(
                "Conv", [*inputs, weight(layer.weight), *bias], strides=stride, pads=pads, group=layer.groups
            )
        case nn.BatchNorm2d():
            held = [weight(each) for each in (layer.weight, layer.bias, layer.running_mean, layer.running_var)]
            return graph.add("BatchNormalization", [*inputs, *held], epsilon=layer.eps)
        case nn.MaxPool2d() | nn.AvgPool2d():
            kind = "MaxPool" if isinstance(layer, nn.MaxPool2d) else "AveragePool"
            window, stride, pads = _pair(layer.kernel_size), _pair(layer.stride), _pair(layer.padding) * 2
            return graph.add(kind, inputs, kernel_shape=window, strides=stride, pads=pads)
    raise TypeError(f"{type(layer).__name__}: no ONNX is known for it")
