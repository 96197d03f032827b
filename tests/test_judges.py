"""Judges: whole people are judged by a network that never saw them, here and wherever the networks travel."""

import io
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import platformdirs
import pytest

onnx = pytest.importorskip("onnx", reason="onnx comes with the extra `train`")

from deadpan.calibration.effect.victims import Final  # noqa: E402
from deadpan.calibration.sources.aligning import Aligned  # noqa: E402
from deadpan.calibration.targets import judges  # noqa: E402
from deadpan.calibration.targets.on_clips import OnClips  # noqa: E402
from deadpan.models.clips import Clips  # noqa: E402
from deadpan.models.description import describe  # noqa: E402
from deadpan.models.errors import DeadpanError  # noqa: E402
from deadpan.models.fetch import store  # noqa: E402
from deadpan.models.folds import FoldsMissing, path  # noqa: E402
from deadpan.models.maps import LABELS, Maps  # noqa: E402
from deadpan.models.recognizer import Recognizer  # noqa: E402
from deadpan.models.training.clips import schedules, splits  # noqa: E402
from deadpan.models.training.clips.folds import Folds  # noqa: E402

PEOPLE = 5


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path / "cache")


def network(number: int, shape: tuple[int, ...]) -> bytes:
    """An ONNX file that says class number % 3 of anything, more surely the larger the number."""
    helper, proto = onnx.helper, onnx.TensorProto
    bias = np.zeros((1, 3), np.float32)
    bias[0, number % 3] = 1 + number
    axes = list(range(1, len(shape) + 1))
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["c"], axes=axes, keepdims=0),
        helper.make_node("Unsqueeze", ["c", "one"], ["m"]),
        helper.make_node("MatMul", ["m", "w"], ["l"]),
        helper.make_node("Add", ["l", "b"], ["s"]),
        helper.make_node("Softmax", ["s"], ["y"]),
    ]
    constants = {"one": np.array([1]), "w": np.zeros((1, 3), np.float32), "b": bias}
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", proto.FLOAT, ("n", *shape))],
        [helper.make_tensor_value_info("y", proto.FLOAT, ("n", 3))],
        [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(made.SerializeToString())


def clips(each: int = 3) -> Clips:
    n = PEOPLE * each
    return Clips(
        pictures=np.random.default_rng(0).integers(0, 256, (n, 18, 64, 64, 1), np.uint8),
        window="frames",
        label=np.arange(n) % 3,
        subject=np.array([f"p{i % PEOPLE}" for i in range(n)]),
        dataset=np.full(n, "synthetic"),
        clip=np.array([f"c{i}" for i in range(n)]),
    )


def finish(these: Folds) -> None:
    """Fill the cache, as a training would."""
    for number, fold in enumerate(these.folds):
        found = io.BytesIO()
        np.savez(found, epochs=1, said=np.zeros((len(fold.judge), 3)), curve=np.zeros((1, len(fold.watch), 3)))
        where = these.path(0, number)
        store(where, network(number, these.clips.sample))
        store(where.with_suffix(".weights.npz"), b"")
        store(where.with_suffix(".npz"), found.getvalue())


def training(these: Clips, groups: int = 3, epochs: int = 40) -> Folds:
    schedule = replace(schedules.find("stcnn", "honest"), epochs=epochs)
    return Folds(schedule, these, splits.split(these, "groups", groups))


def test_a_person_is_judged_by_the_fold_that_holds_them_out() -> None:
    these = training(clips())
    finish(these)
    found = judges.of_folds(these)
    for number, fold in enumerate(these.folds):
        learned = set(these.clips.subject[fold.learn]) | set(these.clips.subject[fold.watch])
        for subject in np.unique(these.clips.subject[fold.judge]):
            assert subject not in learned
            said = found.predict(str(subject), these.clips.pictures[:2])
            assert said.argmax(axis=1).tolist() == [number % 3] * 2
    assert set(found.judge) == set(these.clips.subjects)
    with pytest.raises(DeadpanError, match="no network that judges 'p9'"):
        found.predict("p9", these.clips.pictures[:1])


def test_whoever_judges_people_from_whom_it_learned_is_refused() -> None:
    these = clips()
    leaky = Folds(schedules.find("stcnn", "published"), these, splits.split(these, "clips", 3))
    finish(leaky)
    with pytest.raises(DeadpanError, match="has learned from people whom it judges"):
        judges.of_folds(leaky)


def test_what_was_trained_is_found_whatever_its_groups_and_epochs() -> None:
    these = clips()
    assert judges.trained("stcnn", these) is None
    finish(training(these, 3, 40))
    finish(training(these, 3, 7))
    found = judges.trained("stcnn", these)
    assert found is not None
    assert (len(found.folds), found.schedule.epochs) == (3, 40)
    finish(training(these, 5, 7))
    found = judges.trained("stcnn", these)
    assert found is not None
    assert (len(found.folds), found.schedule.epochs) == (5, 7)
    found.path(0, 4).with_suffix(".npz").unlink()  # not finished: the next best one
    assert len(judges.trained("stcnn", these).folds) == 3  # type: ignore[union-attr]
    assert judges.trained("stcnn", these, seed=1) is None
    assert judges.trained("stcnn", these.only(np.arange(12))) is None


def test_networks_travel_without_the_cache(tmp_path: Path) -> None:
    these = training(clips())
    finish(these)
    found = judges.of_folds(these)
    said = found.predict("p1", these.clips.pictures)
    there = pickle.dumps(found)
    for file in (tmp_path / "cache").rglob("*.onnx"):
        file.unlink()
    assert (pickle.loads(there).predict("p1", these.clips.pictures) == said).all()


def test_each_network_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    open_network = judges.open_network
    monkeypatch.setattr(judges, "open_network", lambda *of: opened.append(of[1]) or open_network(*of))
    these = training(clips())
    finish(these)
    found = judges.of_folds(these)
    for subject in these.clips.subjects * 2:
        found.predict(subject, these.clips.pictures[:1])
    assert sorted(opened) == [f"fold {number} of stcnn" for number in range(3)]


def test_maps_are_judged_by_the_networks_of_their_own_folds(planted) -> None:  # type: ignore[no-untyped-def]
    maps: Maps = planted.maps(people=3)
    with pytest.raises(FoldsMissing):
        judges.of_maps("motion", maps)
    for number, subject in enumerate(maps.subjects):
        store(path("motion", maps, 0, subject), network(number, (28, 28, 3)))
    found = judges.of_maps("motion", maps)
    for number, subject in enumerate(maps.subjects):
        assert (found.predict(subject, maps.motion[:2]).argmax(axis=1) == number).all()


def test_a_finished_recognizer_judges_anybody_and_travels() -> None:
    these = clips()
    content = network(2, these.sample)
    finished = Final(Recognizer(describe(content, "mine", "clip", LABELS, "frames"), content, "cpu"))
    target = OnClips(Aligned(these, np.zeros((len(these), 478, 2), np.float32)), finished)
    for each in (target, pickle.loads(pickle.dumps(target))):
        said = each.say(np.array([3, 3, 0]), np.zeros((3, 0, 4), np.float32), 2, None)
        assert said.argmax(axis=1).tolist() == [2, 2, 2]
        assert each.name == "mine"
