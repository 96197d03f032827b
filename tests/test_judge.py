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
    """Maps whose class is the third of the face that moves; three of each person."""
    n = 3 * people
    label = np.arange(n) % 3
    level = np.random.default_rng(0).normal(100, 8, (n, 28, 28, 3))
    for i, third in enumerate(label):
        level[i, 9 * third + 1 : 9 * third + 8, 8:20] += 80
    level -= level.min(axis=(1, 2), keepdims=True)
    motion = np.rint(level / level.max(axis=(1, 2), keepdims=True) * 255).astype(np.uint8)
    subject = np.repeat([f"p{i:02d}" for i in range(people)], 3)
    clip = np.array([f"c{i}" for i in range(n)])
    centre, size = np.zeros((n, 14, 2), np.float32), np.ones((n, 2), np.float32)
    return Maps(motion, label.astype(np.int64), subject, np.full(n, "planted"), clip, centre, size)


def quick(maps: Maps, seed: int = 0) -> Learned:
    return learned(maps, NAMES, steps=2, draws=2, resamples=50, seed=seed)


class Spy:
    """Who was trained on whom, who taught the fields, and who judged them."""

    def __init__(self, maps: Maps, patch: pytest.MonkeyPatch) -> None:
        self.maps = maps
        self.trained: dict[int, set[str]] = {}
        self.taught: list[tuple[set[int], set[str]]] = []
        self.judged: list[tuple[set[int], set[str], tuple[set[int], set[str]]]] = []
        self._kept: list[Any] = []  # or a network that is gone lends its id to another
        fit, learn, judging = judge.fit, judge.learn, judge._Judge

        def fitting(recipe: Any, motion: Any, label: Any, seed: int) -> Any:
            networks = fit(recipe, motion, label, seed)
            seen = {str(who) for each in motion for who in maps.subject[(maps.motion == each).all(axis=(1, 2, 3))]}
            self.trained.update({id(each): seen for each in networks})
            self._kept.extend(networks)
            return networks

        def learning(networks: Sequence[Any], those: Maps, *rest: Any, **more: Any) -> Any:
            self.taught.append(({id(each) for each in networks}, set(those.subjects)))
            return learn(networks, those, *rest, **more)

        def asked(those: Maps, networks: Sequence[Any], *rest: Any) -> Any:
            self.judged.append(({id(each) for each in networks}, set(those.subjects), self.taught[-1]))
            return judging(those, networks, *rest)

        patch.setattr(judge, "fit", fitting)
        patch.setattr(judge, "learn", learning)
        patch.setattr(judge, "_Judge", asked)


@pytest.fixture(scope="module")
def watched() -> tuple[Learned, Spy]:
    with pytest.MonkeyPatch.context() as patch:
        spy = Spy(thirds(), patch)
        return quick(spy.maps), spy


@pytest.fixture(scope="module")
def found(watched: tuple[Learned, Spy]) -> Learned:
    return watched[0]


def test_every_bound_is_judged_beside_random_motion(found: Learned) -> None:
    assert [each.bound for each in found.judged] == [MOST / 4, MOST / 2, MOST]
    assert found.people == 10
    assert found.fields.shape == (3, 7, 7, 2)
    for each in found.judged:
        assert each.against_random.value == pytest.approx(each.attack.value - each.random.value)
        assert each.attack.n == each.random.n > 30
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


def test_who_judges_has_taught_nothing_and_seen_nobody(watched: tuple[Learned, Spy]) -> None:
    """Of each half and recognizer: other people than it was trained on, other recognizers than it learned from."""
    _, spy = watched
    assert len(spy.judged) == 4
    for networks, people, (teachers, pupils) in spy.judged:
        assert not networks & teachers
        assert not people & pupils
        assert all(not people & spy.trained[each] for each in networks | teachers)
    assert set.union(*(people for _, people, _ in spy.judged)) == set(spy.maps.subjects)
    assert len(spy.taught) == 5
    assert spy.taught[-1][1] == set(spy.maps.subjects)


def test_one_recognizer_or_few_people_are_refused() -> None:
    with pytest.raises(DeadpanError, match="one must judge what another taught"):
        learned(thirds(), ("motion", "motion"))
    with pytest.raises(DeadpanError, match="maps of 9 people"):
        learned(thirds(9), NAMES)
