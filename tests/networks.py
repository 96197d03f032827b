"""Networks for tests: small enough to be made on the spot, and real."""

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


def of_clips(sample: tuple[int, int, int, int]) -> bytes:
    """clip → three probabilities, by which third of the face differs most from the first to the third picture."""
    weights = np.zeros((*sample, 3), np.float32)
    for third in range(3):
        weights[0, 10 * third : 10 * third + 12, ..., third] = -0.05
        weights[2, 10 * third : 10 * third + 12, ..., third] = 0.05
    nodes = [
        helper.make_node("Flatten", ["clips"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["said"]),
    ]
    source = helper.make_tensor_value_info("clips", TensorProto.FLOAT, ["n", *sample])
    target = helper.make_tensor_value_info("said", TensorProto.FLOAT, ["n", 3])
    graph = helper.make_graph(
        nodes, "tiny", [source], [target], [numpy_helper.from_array(weights.reshape(-1, 3), "weights")]
    )
    content: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    ).SerializeToString()
    return content
