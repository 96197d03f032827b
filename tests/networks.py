"""A network for tests: small enough to be made on the spot, and real."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def model(step: float = 0.01) -> bytes:
    """gray64 → two probabilities, by the mean level times `step`."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["m"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["m", "w"], ["l"]),
        helper.make_node("Softmax", ["l"], ["y"]),
    ]
    source = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64, 64, 1])
    target = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])
    weights = numpy_helper.from_array(np.array([[0, step]], np.float32), "w")
    graph = helper.make_graph(nodes, "g", [source], [target], [weights])
    content: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    ).SerializeToString()
    return content
