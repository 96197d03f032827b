"""A learned decoy is judged by who had no part in it, on people whom nobody has seen, beside random motion."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")
pytest.importorskip("onnx", reason="onnx comes with the extra `train`")

from deadpan.calibration.decoy import judge  # noqa: E402
from deadpan.calibration.decoy.judge import Learned, learned  # noqa: E402
from deadpan.models.errors import DeadpanError  # noqa: E402
from deadpan.models.maps import Maps  # noqa: E402
from deadpan.stickers.decoy import MOST  # noqa: E402

NAMES = ("motion", "motion-large")


def thirds(people: int = 10) -> Maps:
    """Maps whose class is the third of the face that moves; six of each person."""
    n = 6 * people
    label = np.arange(n) % 3
    level = np.random.default_rng(0).normal(100, 8, (n, 28, 28, 3))
    for i, third in enumerate(label):
        level[i, 9 * third + 1 : 9 * third + 8, 8:20] += 80
    level -= level.min(axis=(1, 2), keepdims=True)
    motion = np.rint(level / level.max(axis=(1, 2), keepdims=True) * 255).astype(np.uint8)
    subject = np.repeat([f"p{i:02d}" for i in range(people)], 6)
    clip = np.array([f"c{i}" for i in range(n)])
    centre, size = np.zeros((n, 14, 2), np.float32), np.ones((n, 2), np.float32)
    return Maps(motion, label.astype(np.int64), subject, np.full(n, "planted"), clip, centre, size)


def quick(maps: Maps, seed: int = 0) -> Learned:
    return learned(maps, NAMES, steps=2, draws=2, resamples=50, seed=seed)


@pytest.fixture(scope="module")
def found() -> Learned:
    return quick(thirds())


def test_every_bound_is_judged_beside_random_motion(found: Learned) -> None:
    assert [each.bound for each in found.judged] == [MOST / 4, MOST / 2, MOST]
    assert found.people == 10
    assert found.fields.shape == (3, 7, 7, 2)
    for each in found.judged:
        assert each.against_random.value == pytest.approx(each.attack.value - each.random.value)
        assert each.attack.n == each.random.n > 60
    assert found.judged[0].random.value <= found.judged[-1].random.value


def test_the_words_say_what_holds(found: Learned) -> None:
    won = "not shown" not in found.words
    assert won == found.beats_random == (found.judged[-1].against_random.low > 0)
    assert f"{found.judged[-1].attack}" in found.words
    assert f"{found.judged[-1].known}" in found.words


def test_the_same_seed_finds_the_same(found: Learned) -> None:
    threads = torch.get_num_threads()
    again = quick(thirds())
    assert again.fields.tobytes() == found.fields.tobytes()
    assert again.judged == found.judged
    assert torch.get_num_threads() == threads


def test_who_judges_has_taught_nothing_and_seen_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each half and recognizer: other people than it was trained on, other recognizers than it learned from."""
    maps = thirds()
    trained: dict[int, set[str]] = {}
    taught: list[tuple[set[int], set[str]]] = []
    judged: list[tuple[set[int], set[str], np.ndarray[Any, Any]]] = []
    fit, learn = judge.fit, judge.learn

    def fitting(recipe: Any, motion: Any, label: Any, seed: int) -> Any:
        networks = fit(recipe, motion, label, seed)
        seen = {str(who) for each in motion for who in maps.subject[(maps.motion == each).all(axis=(1, 2, 3))]}
        trained.update({id(each): seen for each in networks})
        kept.extend(networks)
        return networks

    def learning(networks: Sequence[Any], those: Maps, *rest: Any, **more: Any) -> Any:
        taught.append(({id(each) for each in networks}, set(those.subjects)))
        return learn(networks, those, *rest, **more)

    class Judging(judge._Judge):
        def __init__(self, those: Maps, networks: Sequence[Any], flip: bool, fields: Any) -> None:
            judged.append(({id(each) for each in networks}, set(those.subjects), taught[-1]))
            super().__init__(those, networks, flip, fields)

    kept: list[Any] = []  # or a network that is gone lends its id to another
    monkeypatch.setattr(judge, "fit", fitting)
    monkeypatch.setattr(judge, "learn", learning)
    monkeypatch.setattr(judge, "_Judge", Judging)
    quick(maps)
    assert len(judged) == 4
    for networks, people, (teachers, pupils) in judged:
        assert not networks & teachers
        assert not people & pupils
        assert all(not people & trained[each] for each in networks | teachers)
    assert set.union(*(people for _, people, _ in judged)) == set(maps.subjects)
    assert len(taught) == 5
    assert taught[-1][1] == set(maps.subjects)


def test_one_recognizer_or_few_people_are_refused() -> None:
    with pytest.raises(DeadpanError, match="one must judge what another taught"):
        learned(thirds(), ("motion", "motion"))
    with pytest.raises(DeadpanError, match="maps of 9 people"):
        learned(thirds(9), NAMES)
