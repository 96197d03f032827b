"""A recognizer keeps its contract or is refused in one line; what goes wrong later stays one line too."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from deadpan.models import recognizers
from deadpan.models.description import describe
from deadpan.models.errors import DeadpanError, ModelMismatch, RecognizerError
from deadpan.models.recognizer import CPU, CUDA, Recognizer

LABELS = ("negative", "positive", "surprise")
MOTION = ("n", 28, 28, 3)


def model(
    shape: tuple[object, ...] = MOTION,
    out: tuple[object, ...] = ("n", 3),
    nodes: list[onnx.NodeProto] | None = None,
    kind: int = TensorProto.FLOAT,
    classes: int = 3,
) -> bytes:
    """The mean of each sample, in `classes` directions, softmax; or what `nodes` make of x, mean `m` and logits `l`."""
    weights = numpy_helper.from_array(np.linspace(-0.02, 0.02, classes, dtype=np.float32)[None], "w")
    axes = list(range(1, len(shape)))
    tail = [helper.make_node("Softmax", ["l"], ["y"])] if nodes is None else nodes
    head = [
        helper.make_node("ReduceMean", ["x"], ["c"], axes=axes, keepdims=0),
        helper.make_node("Unsqueeze", ["c", "one"], ["m"]),
        helper.make_node("MatMul", ["m", "w"], ["l"]),
    ]
    one = numpy_helper.from_array(np.array([1]), "one")
    source = helper.make_tensor_value_info("x", kind, shape)
    target = helper.make_tensor_value_info("y", kind, out)
    graph = helper.make_graph([*head, *tail], "g", [source], [target], [weights, one])
    return packed(graph)


def packed(graph: onnx.GraphProto) -> bytes:
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def opened(content: bytes, kind: str = "motion28", labels: tuple[str, ...] = LABELS, device: str = "cpu") -> Recognizer:
    return Recognizer(describe(content, "mine", kind, labels), content, device)


def refused(content: bytes, kind: str = "motion28", labels: tuple[str, ...] = LABELS) -> str:
    """The one line that refuses this model."""
    with pytest.raises(RecognizerError) as caught:
        opened(content, kind, labels)
    message = str(caught.value)
    assert message.startswith("mine: ")
    assert "\n" not in message
    return message


def own(body: str, *inputs: str, **constants: Any) -> list[onnx.NodeProto]:
    """Nodes that give y by one operator, out of x, m, l and constants."""
    made = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.asarray(content, np.float32)))
        for name, content in constants.items()
    ]
    return [*made, helper.make_node(body, list(inputs), ["y"])]


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("motion28", (28, 28, 3)),
        ("gray64", (64, 64, 1)),
        ("rgb112", (112, 112, 3)),
        ("clip", (5, 40, 50, 1)),
        ("clip", (2, 24, 24, 3)),
    ],
)
def test_every_kind_takes_its_batch_and_gives_probabilities(kind: str, shape: tuple[int, ...]) -> None:
    recognizer = opened(model(("n", *shape)), kind)
    assert recognizer.sample == shape
    batch = np.random.default_rng(1).integers(0, 256, (7, *shape), np.uint8)
    got = recognizer.predict(batch)
    assert (got.shape, got.dtype) == ((7, 3), np.float32)
    logits = batch.reshape(7, -1).mean(axis=1)[:, None] * np.linspace(-0.02, 0.02, 3)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.abs(got - expected).max() < 1e-5
    assert recognizer.predict(batch[:0]).shape == (0, 3)


def test_it_says_what_it_is() -> None:
    content = model()
    recognizer = opened(content)
    described = describe(content, "mine", "motion28", LABELS)
    assert (recognizer.name, recognizer.kind, recognizer.labels) == ("mine", "motion28", LABELS)
    assert recognizer.sha256 == described.sha256
    assert recognizer.provider == CPU
    assert recognizer.note is None


def test_the_same_batch_gets_the_same_answer_wherever_a_sample_stands_in_it() -> None:
    recognizer = opened(model())
    batch = np.random.default_rng(2).integers(0, 256, (5, 28, 28, 3), np.uint8)
    assert np.array_equal(recognizer.predict(batch), recognizer.predict(batch))
    assert np.abs(recognizer.predict(batch[::-1])[::-1] - recognizer.predict(batch)).max() < 1e-6


TWO_INPUTS = packed(
    helper.make_graph(
        [helper.make_node("Add", ["x", "z"], ["y"])],
        "g",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]) for name in "xz"],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])],
    )
)
TWO_OUTPUTS = packed(
    helper.make_graph(
        [helper.make_node("Identity", ["x"], [name]) for name in "yz"],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, MOTION)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, MOTION) for name in "yz"],
    )
)
IN_A_BATCH = own("Softmax", "d")
IN_A_BATCH.insert(0, helper.make_node("Sub", ["l", "e"], ["d"]))
IN_A_BATCH.insert(0, helper.make_node("ReduceMean", ["l"], ["e"], axes=[0], keepdims=1))

UNSAID = [  # ONNX Runtime works out the sizes of most graphs by itself, but not of one that hangs on a value
    helper.make_node("Constant", [], ["half"], value=numpy_helper.from_array(np.array([[0.5]], np.float32))),
    helper.make_node("Constant", [], ["two"], value=numpy_helper.from_array(np.array([2]))),
    helper.make_node("Abs", ["two"], ["size"]),
    helper.make_node("Shape", ["l"], ["s"], start=0, end=1),
    helper.make_node("Concat", ["s", "size"], ["t"], axis=0),
    helper.make_node("Expand", ["half", "t"], ["y"]),
]

BAD = {
    "truncated": (model()[:-40], "not all of it"),
    "half": (model()[:100], "not all of it"),
    "empty": (b"", "empty"),
    "not ONNX": (b"\x89PNG\r\n\x1a\n" + bytes(100), "not an ONNX model"),
    "ONNX Runtime's own format": (bytes(4) + b"ORTM" + bytes(100), "not an ONNX model"),
    "no such operator": (model(nodes=own("Softminimum", "l")), "ONNX Runtime cannot open it"),
    "wrong height and width": (model(("n", 32, 32, 3)), "an input of (n, 32, 32, 3), expected (n, 28, 28, 3)"),
    "channels first": (model(("n", 3, 28, 28)), "an input of (n, 3, 28, 28), expected (n, 28, 28, 3)"),
    "a flat input": (model(("n", 2352)), "an input of (n, 2352), expected"),
    "symbolic sizes": (model(("n", "h", "w", 3)), "where only n is open"),
    "sizes that are not said": (model(("n", None, None, 3)), "an input of (n, ?, ?, 3)"),
    "a fixed batch": (model((1, 28, 28, 3), (1, 3)), "takes batches of 1 only"),
    "doubles": (model(kind=TensorProto.DOUBLE), "ONNX Runtime cannot open it"),
    "two inputs": (TWO_INPUTS, "2 inputs, expected 1"),
    "two outputs": (TWO_OUTPUTS, "2 outputs, expected 1"),
    "too few classes": (model(out=("n", 2), classes=2), "an output of (n, 2), expected (n, 3)"),
    "too few classes, unsaid": (model(out=("n", "c"), nodes=UNSAID), "an answer of (3, 2), expected (3, 3)"),
    "no columns": (model(out=("n",), nodes=[helper.make_node("Identity", ["c"], ["y"])]), "an output of (n), expected"),
    "NaN always": (model(nodes=own("Mul", "l", "nan", nan=np.nan)), "NaN"),
    "NaN on black": (model(nodes=own("Div", "l", "l")), "NaN"),
    "infinity": (model(nodes=own("Div", "l", "zero", zero=0)), "NaN or infinity"),
    "logits": (model(nodes=own("Identity", "l")), "no probabilities"),
    "log probabilities": (model(nodes=own("LogSoftmax", "l")), "no probabilities"),
    "sigmoids": (model(nodes=own("Sigmoid", "l")), "no probabilities"),
    "negative, with a sum of 1": (model(nodes=own("Add", "l", "b", b=[[0, 0, 1]])), "no probabilities"),
    "depends on the rest of the batch": (model(nodes=IN_A_BATCH), "depends on the others in the batch"),
}


@pytest.mark.parametrize("mistake", BAD)
def test_a_bad_model_is_refused_in_one_line(mistake: str, capfd: pytest.CaptureFixture[str]) -> None:
    content, cause = BAD[mistake]
    if content:
        message = refused(content)
    else:
        with pytest.raises(RecognizerError) as caught:
            Recognizer(describe(model(), "mine", "motion28", LABELS), content)
        message = str(caught.value)
    assert cause in message.replace("'", "")
    assert capfd.readouterr() == ("", ""), "ONNX Runtime adds no remarks of its own"


@pytest.mark.parametrize("shape", [("n", 28, 28, 3), ("n", "d", 28, 28, 1), ("n", 5, "h", "w", 1)])
def test_a_clip_has_five_sizes_of_which_only_n_is_open(shape: tuple[object, ...]) -> None:
    assert "expected (n, d, h, w, c)" in refused(model(shape), "clip")


def test_a_clip_too_large_to_hold_is_refused_before_it_is_tried() -> None:
    assert "values" in refused(model(("n", 100_000, 4096, 4096, 3)), "clip")


def test_weights_in_the_working_folder_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proto = onnx.load_from_string(model())
    (weights,) = [tensor for tensor in proto.graph.initializer if tensor.name == "w"]
    (tmp_path / "w.bin").write_bytes(weights.raw_data)
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="w.bin")
    monkeypatch.chdir(tmp_path)
    content = proto.SerializeToString()
    plain = onnxruntime.SessionOptions()
    plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    onnxruntime.InferenceSession(content, plain, providers=[CPU])  # which would do
    assert "weights lie in another file" in refused(content)


@pytest.mark.parametrize(
    "batch",
    [
        np.zeros((28, 28, 3), np.uint8),
        np.zeros((1, 28, 28, 1), np.uint8),
        np.zeros((1, 3, 28, 28), np.uint8),
        np.zeros((1, 28, 28, 3), np.float32),
    ],
    ids=["no batch", "grey", "channels first", "floats"],
)
def test_a_batch_of_another_shape_is_one_line(batch: Any) -> None:
    with pytest.raises(RecognizerError, match=r"mine: a batch of .*, expected uint8 \(n, 28, 28, 3\)$"):
        opened(model()).predict(batch)


def test_nan_that_comes_later_is_contained_and_the_next_answer_is_good_again() -> None:
    # NaN on a mean of exactly 77, which no probe has.
    turn = [
        helper.make_node("Constant", [], ["k"], value=numpy_helper.from_array(np.array([[77]], np.float32))),
        helper.make_node("Sub", ["m", "k"], ["d"]),
        helper.make_node("Div", ["d", "d"], ["unit"]),
        helper.make_node("Softmax", ["l"], ["p"]),
        helper.make_node("Mul", ["p", "unit"], ["y"]),
    ]
    recognizer = opened(model(nodes=turn))
    good, bad = np.full((1, 28, 28, 3), 76, np.uint8), np.full((1, 28, 28, 3), 77, np.uint8)
    before = recognizer.predict(good)
    with pytest.raises(RecognizerError, match="mine: the answer holds NaN or infinity; expected probabilities"):
        recognizer.predict(bad)
    assert np.array_equal(recognizer.predict(good), before)


def test_a_run_that_fails_is_contained(monkeypatch: pytest.MonkeyPatch) -> None:
    recognizer = opened(model())

    def broken(*_: object) -> None:
        raise RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : out of\nmemory")

    monkeypatch.setattr(recognizer._session, "run", broken)
    with pytest.raises(RecognizerError, match=r"^mine: ONNX Runtime cannot run it \(.*out of memory\)$"):
        recognizer.predict(np.zeros((1, 28, 28, 3), np.uint8))


# Where it runs.


class FakeSession(onnxruntime.InferenceSession):  # type: ignore[misc]
    """A real session on the CPU that gives a different account of itself."""

    account: tuple[str, ...] = (CPU,)
    broken = False
    asked: list[list[str]] = []  # noqa: RUF012

    def __init__(self, content: bytes, options: Any, providers: list[str], **more: Any) -> None:
        self.asked.append(providers)
        if self.broken and CUDA in providers:
            raise RuntimeError("libcudart.so: cannot open shared object file")
        super().__init__(content, options, providers=[CPU], **more)

    def get_providers(self) -> list[str]:
        return list(self.account)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> type[FakeSession]:
    monkeypatch.setattr(onnxruntime, "InferenceSession", FakeSession)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    monkeypatch.setattr(FakeSession, "asked", [])
    return FakeSession


def test_a_gpu_is_used_when_the_session_says_so(session: type[FakeSession], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "account", (CUDA, CPU))
    for device in ("auto", "cuda"):
        recognizer = opened(model(), device=device)
        assert (recognizer.provider, recognizer.note) == (CUDA, None)


@pytest.mark.parametrize("broken", [False, True], ids=["falls back by itself", "fails"])
def test_a_gpu_that_is_listed_but_does_not_work_is_one_calm_line(
    broken: bool, session: type[FakeSession], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(session, "broken", broken)
    asked = opened(model(), device="cuda")
    assert asked.provider == CPU
    assert asked.note == "mine runs on the CPU: CUDA was asked for, but ONNX Runtime cannot use it here"
    assert opened(model(), device="auto").note is None
    assert session.asked[0] == [CUDA, CPU]
    assert capfd.readouterr() == ("", "")


def test_on_the_cpu_no_gpu_is_looked_for(session: type[FakeSession]) -> None:
    assert opened(model(), device="cpu").note is None
    assert session.asked == [[CPU]]


def test_another_device_is_one_line() -> None:
    with pytest.raises(DeadpanError, match="device 'tpu'; expected one of: auto, cpu, cuda"):
        opened(model(), device="tpu")


def test_one_thread_that_sleeps_when_there_is_nothing_to_do() -> None:
    options = opened(model())._session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs a real stderr that can be read back on Linux")
def test_the_real_thing_says_nothing_on_its_own() -> None:
    code = (
        "import sys, numpy; from deadpan.models.recognizer import Recognizer;"
        "r = Recognizer.load('motion', 'cuda'); r.predict(numpy.zeros((1, 28, 28, 3), numpy.uint8));"
        "assert not {'onnx', 'torch', 'h5py'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# By name.


def test_every_recognizer_that_comes_with_deadpan_loads() -> None:
    assert "motion" in recognizers.shipped_names()
    for name in recognizers.shipped_names():
        entry = recognizers.find(name)
        assert entry.licence
        if not entry.rebuilt:
            recognizer = Recognizer.load(name)
            assert recognizer.labels == entry.description.labels
            assert recognizer.sha256 == entry.sha256


def test_every_weight_that_comes_with_deadpan_has_its_json() -> None:
    assert {path.stem for path in recognizers.shipped_folder().glob("*.onnx")} <= set(recognizers.shipped_names())


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(DeadpanError) as caught:
        Recognizer.load("emotion")
    assert "no recognizer called 'emotion'; there is: " in str(caught.value)
    assert "motion" in str(caught.value)


def test_a_file_with_another_hash_is_refused_before_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = model()
    (tmp_path / "mine.json").write_text(describe(content, "mine", "motion28", LABELS).to_json())
    (tmp_path / "mine.onnx").write_bytes(content.replace(b"Softmax", b"Sigmoid"))
    monkeypatch.setattr(recognizers, "shipped_folder", lambda: tmp_path)
    with pytest.raises(ModelMismatch) as caught:
        Recognizer.load("mine")
    assert "sha256" in str(caught.value)
    assert "\n" not in str(caught.value)
