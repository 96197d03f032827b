"""A model that keeps weights in another file is refused wherever it hides them, before ONNX Runtime sees a byte."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from deadpan.models import onnx_check
from deadpan.models.errors import RecognizerError

NAMES = {
    "ModelProto": "model",
    "TrainingInfoProto": "training",
    "GraphProto": "graph",
    "FunctionProto": "function",
    "NodeProto": "node",
    "AttributeProto": "attribute",
    "SparseTensorProto": "sparse tensor",
    "TensorProto": "tensor",
}


def value() -> onnx.TensorProto:
    """A tensor that has its values in itself."""
    return numpy_helper.from_array(np.arange(4, dtype=np.float32), "w")


def outside() -> onnx.TensorProto:
    """The same tensor, its values in the file weights.bin."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    return tensor


def model(
    nodes: list[onnx.NodeProto] | None = None, initializers: list[onnx.TensorProto] | None = None
) -> onnx.ModelProto:
    """y = x + w, with w among `initializers` or out of `nodes`."""
    sides = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [4]) for name in "xy"]
    add = helper.make_node("Add", ["x", "w"], ["y"])
    graph = helper.make_graph([*(nodes or []), add], "g", sides[:1], sides[1:], initializers or [])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def sparse(values: onnx.TensorProto, indices: onnx.TensorProto | None = None) -> onnx.SparseTensorProto:
    where = indices if indices is not None else numpy_helper.from_array(np.arange(4, dtype=np.int64))
    return helper.make_sparse_tensor(values, where, [4])


def initializer(tensor: onnx.TensorProto) -> onnx.ModelProto:
    return model(initializers=[tensor])


def sparse_values(tensor: onnx.TensorProto) -> onnx.ModelProto:
    made = model()
    made.graph.sparse_initializer.append(sparse(tensor))
    return made


def sparse_indices(tensor: onnx.TensorProto) -> onnx.ModelProto:
    made = model()
    made.graph.sparse_initializer.append(sparse(value(), tensor))
    return made


def constant(tensor: onnx.TensorProto) -> onnx.ModelProto:
    return model([helper.make_node("Constant", [], ["w"], value=tensor)])


def sparse_constant(tensor: onnx.TensorProto) -> onnx.ModelProto:
    return model([helper.make_node("Constant", [], ["w"], sparse_value=sparse(tensor))])


def list_of_tensors(tensor: onnx.TensorProto) -> onnx.ModelProto:
    made = constant(value())
    made.graph.node[0].attribute.add(name="more", type=onnx.AttributeProto.TENSORS).tensors.append(tensor)
    return made


def subgraph(tensor: onnx.TensorProto) -> onnx.ModelProto:
    out = helper.make_tensor_value_info("b", TensorProto.FLOAT, [4])
    branch = helper.make_graph([helper.make_node("Constant", [], ["b"], value=tensor)], "branch", [], [out])
    yes = helper.make_node("Constant", [], ["yes"], value=numpy_helper.from_array(np.array(True)))
    return model([yes, helper.make_node("If", ["yes"], ["w"], then_branch=branch, else_branch=branch)])


def list_of_graphs(tensor: onnx.TensorProto) -> onnx.ModelProto:
    made = constant(value())
    inner = made.graph.node[0].attribute.add(name="more", type=onnx.AttributeProto.GRAPHS).graphs.add()
    inner.initializer.append(tensor)
    return made


def function(tensor: onnx.TensorProto) -> onnx.ModelProto:
    made = model([helper.make_node("Weights", [], ["w"], domain="own")])
    node = helper.make_node("Constant", [], ["b"], value=tensor)
    opset = [helper.make_opsetid("", 17)]
    made.functions.append(helper.make_function("own", "Weights", [], ["b"], [node], opset))
    made.opset_import.append(helper.make_opsetid("own", 1))
    return made


def training(tensor: onnx.TensorProto) -> onnx.ModelProto:
    made = initializer(value())
    made.training_info.add().algorithm.initializer.append(tensor)
    return made


PLACES = pytest.mark.parametrize(
    "place",
    [
        initializer,
        sparse_values,
        sparse_indices,
        constant,
        sparse_constant,
        list_of_tensors,
        subgraph,
        list_of_graphs,
        function,
        training,
    ],
)
Place = Callable[[onnx.TensorProto], onnx.ModelProto]


@PLACES
def test_a_tensor_outside_the_model_is_found_wherever_it_is(place: Place) -> None:
    onnx_check.check(place(value()).SerializeToString(), "mine")
    with pytest.raises(RecognizerError) as caught:
        onnx_check.check(place(outside()).SerializeToString(), "mine")
    assert str(caught.value).startswith("mine: some of its weights lie in another file; expected a model that is whole")
    assert "\n" not in str(caught.value)


@PLACES
def test_a_file_that_is_named_is_refused_whatever_the_location_says(place: Place) -> None:
    tensor = outside()
    tensor.ClearField("data_location")
    with pytest.raises(RecognizerError, match="another file"):
        onnx_check.check(place(tensor).SerializeToString(), "mine")


def test_the_danger_is_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime itself reads the working folder for a model that it got as bytes; when that ends, this may go."""
    np.array([1, 2, 3, 4], np.float32).tofile(tmp_path / "weights.bin")
    monkeypatch.chdir(tmp_path)
    plain = onnxruntime.SessionOptions()  # optimizing, it does so from 64 values on and stumbles over fewer
    plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    content = initializer(outside()).SerializeToString()
    session = onnxruntime.InferenceSession(content, plain, providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"x": np.zeros(4, np.float32)})
    assert list(answer) == [1, 2, 3, 4]


def test_every_way_that_onnx_knows_to_a_tensor_is_walked() -> None:
    seen: dict[str, dict[int, str]] = {}

    def leads(descriptor: object, above: tuple[str, ...] = ()) -> bool:
        """To a tensor; fills `seen` on the way."""
        name = descriptor.name  # type: ignore[attr-defined]
        if name == "TensorProto" or name in above:
            return name in NAMES
        found = {
            field.number: field.message_type.name
            for field in descriptor.fields  # type: ignore[attr-defined]
            if field.message_type is not None and leads(field.message_type, (*above, name))
        }
        if found:
            seen[name] = found
        return bool(found)

    assert leads(onnx.ModelProto.DESCRIPTOR)
    walked = {name: {number: NAMES[inner] for number, inner in found.items()} for name, found in seen.items()}
    assert {NAMES[name]: found for name, found in walked.items()} | {"tensor": {}} == onnx_check.INNER
    fields = onnx.TensorProto.DESCRIPTOR.fields_by_name
    assert fields["external_data"].number == onnx_check.EXTERNAL_DATA
    assert fields["data_location"].number == onnx_check.DATA_LOCATION


@PLACES
def test_a_model_cut_off_anywhere_is_refused_or_names_no_file(place: Place) -> None:
    whole = place(outside()).SerializeToString()
    lines = {length: said(whole[:length]) for length in range(len(whole))}
    refused = [line for line in lines.values() if line is not None]
    assert len(refused) > len(whole) // 2
    assert not [line for line in refused if "\n" in line]
    # Where it is not refused, it was cut between two messages, and what is left names no file.
    assert not [length for length, line in lines.items() if line is None and b"weights.bin" in whole[:length]]


def said(content: bytes) -> str | None:
    """The line that refuses `content`, if it is refused."""
    try:
        onnx_check.check(content, "mine")
    except RecognizerError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello, world",
        b"\x80" * 40,
        b"ORTM" * 4,
        b"\x0b\x0c",
        b"\x08\x08",
        b"\x38\x01",
        b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x89HDF\r\n\x1a\n" + bytes(64),
        b"PK\x03\x04" + bytes(64),
    ],
    ids=["empty", "text", "endless number", "ORT", "group", "no graph", "graph is a number", "huge", "HDF5", "zip"],
)
def test_what_is_not_a_model_is_one_line(content: bytes) -> None:
    with pytest.raises(RecognizerError) as caught:
        onnx_check.check(content, "mine")
    assert str(caught.value).startswith("mine: ")
    assert "ONNX model" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_messages_within_messages_without_end_are_refused() -> None:
    def field(number: int, inner: bytes) -> bytes:
        length, size = len(inner), b""
        while length > 0x7F:
            size += struct.pack("B", length & 0x7F | 0x80)
            length >>= 7
        return bytes([number << 3 | 2]) + size + bytes([length]) + inner

    graph = b""
    for _ in range(2000):
        graph = field(1, field(5, field(6, graph)))  # graph → node → attribute → graph
    with pytest.raises(RecognizerError, match="without end"):
        onnx_check.check(field(7, graph), "mine")


def test_a_field_number_beyond_32_bits_is_refused() -> None:
    """ONNX Runtime's parser cuts a tag to 32 bits: data_location, number 14, could hide as number 14 + 2**29."""
    tag = (14 << 3) + (1 << 32)
    written = bytes([*((tag >> shift & 0x7F) | 0x80 for shift in (0, 7, 14, 21)), tag >> 28, 1])
    tensor = value().SerializeToString() + written
    graph = b"\x2a" + bytes([len(tensor)]) + tensor
    made = model().SerializeToString() + b"\x3a" + bytes([len(graph)]) + graph
    with pytest.raises(RecognizerError, match="beyond 32 bits"):
        onnx_check.check(made, "hidden.onnx")
