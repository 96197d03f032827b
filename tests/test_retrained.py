"""Attackers who adapt: they learn from protected maps of other people, and judge maps that are protected anew."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from deadpan.calibration.on_maps import retrained as module
from deadpan.calibration.on_maps.fields import encoded
from deadpan.calibration.on_maps.protected import DRAWN, PLACES, Protecting, modes
from deadpan.calibration.on_maps.retrained import LINEAR, OUT, linear, retrained
from deadpan.calibration.trial.modes import FLOOR, NONE
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import Maps
from deadpan.models.training import recipes
from deadpan.stickers import plan

QUICK = replace(recipes.find("motion"), epochs=12, batch=32)


PLAN = plan.load("calibrated")
BY_NAME = modes(PLAN)
COPIES = 3


@pytest.fixture(scope="module")
def maps(planted: Any) -> Maps:
    made: Maps = planted.maps(people=8)
    return made


def test_nobody_is_judged_by_who_learned_from_them(maps: Maps, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, np.ndarray]] = []

    def answer(recipe: Any, motion: Any, label: Any, away: np.ndarray, seed: int) -> np.ndarray:
        seen.append((len(motion), away))
        return np.asarray(label[away])

    monkeypatch.setattr(module, "_answer", answer)
    protecting = Protecting(maps, PLAN)
    rows = retrained(protecting, [BY_NAME[FLOOR], BY_NAME[NONE]], QUICK, COPIES)
    assert [row.uf1.value for row in rows] == [1.0, 1.0]
    folds = len(maps.subjects) // OUT
    assert [count for count, _ in seen] == [1 + COPIES] * folds + [2] * folds
    for group in (seen[:folds], seen[folds:]):
        assert (np.sum([away for _, away in group], axis=0) == 1).all()
        for _, away in group:
            assert not set(maps.subject[away]) & set(maps.subject[~away])


def test_a_network_learns_from_all_the_others_and_from_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="torch comes with the extra `train`")
    learned: list[tuple[np.ndarray, np.ndarray]] = []
    judged: list[np.ndarray] = []

    def fit(recipe: Any, motion: np.ndarray, label: np.ndarray, seed: int) -> None:
        learned.append((motion[:, 0, 0, 0], label))

    def probabilities(networks: None, motion: np.ndarray, *, flip: bool) -> np.ndarray:
        judged.append(motion[:, 0, 0, 0])
        return np.eye(3)[: len(motion)]

    monkeypatch.setattr("deadpan.models.training.fit.fit", fit)
    monkeypatch.setattr("deadpan.models.training.export.probabilities", probabilities)
    rows = np.arange(6, dtype=np.uint8)
    motion = [np.zeros((6, 28, 28, 3), np.uint8) + (rows + start)[:, None, None, None] for start in (100, 0, 50)]
    away = np.isin(rows, (1, 4))
    assert module._answer(QUICK, motion, rows.astype(np.int64), away, 0).tolist() == [0, 1]
    assert learned[0][0].tolist() == [0, 2, 3, 5, 50, 52, 53, 55]
    assert learned[0][1].tolist() == [0, 2, 3, 5] * 2
    assert judged[0].tolist() == [101, 104]


def test_what_is_judged_was_never_trained_on(maps: Maps, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(recipe: Any, motion: Any, label: Any, away: np.ndarray, seed: int) -> np.ndarray:
        assert all((each != motion[0]).any(axis=(1, 2, 3)).all() for each in motion[1:])
        return np.asarray(label[away])

    monkeypatch.setattr(module, "_answer", answer)
    retrained(Protecting(maps, PLAN), [BY_NAME[FLOOR], BY_NAME["freeze"]], QUICK, COPIES)


def test_motion_is_learned_and_no_motion_is_not(maps: Maps) -> None:
    pytest.importorskip("torch", reason="torch comes with the extra `train`")
    protecting = Protecting(maps, PLAN)
    told: list[tuple[int, int]] = []
    floor, none = retrained(
        protecting, [BY_NAME[FLOOR], BY_NAME[NONE]], QUICK, 1, told=lambda done, of: told.append((done, of))
    )
    assert none.uf1.value > floor.uf1.value + 0.1
    assert floor.above_floor.value == floor.above_floor.high == 0
    assert told == [(done, 4) for done in range(5)]


def test_without_a_floor_nothing_is_said(maps: Maps) -> None:
    with pytest.raises(DeadpanError, match="'no motion'"):
        retrained(Protecting(maps, PLAN), [BY_NAME[NONE]], QUICK, 1)


def test_a_linear_attacker_finds_what_is_left_and_nothing_where_nothing_is(maps: Maps) -> None:
    """Motion that tells the class, which freezing at strength 1 nearly takes off."""
    moved = np.zeros((len(maps), 28, 28, 2), np.float32)
    for each, label in zip(moved, maps.label, strict=True):
        each[:] = np.random.default_rng(int(label)).normal(0, 0.05, each.shape)
        each[(8, 14, 20)[label], 10:18, 1] += 1
    protecting = Protecting(replace(maps, motion=encoded(moved)), PLAN)
    floor, none, freeze = linear(protecting, [BY_NAME[name] for name in (FLOOR, NONE, "freeze")])
    assert {each.attacker for each in (floor, none, freeze)} == {LINEAR}
    assert none.uf1.value > 0.9
    assert floor.uf1.value < 0.5
    assert none.uf1.value >= freeze.uf1.value > floor.uf1.value
    with pytest.raises(DeadpanError, match="'no motion'"):
        linear(protecting, [BY_NAME[NONE]])


def test_the_places_that_are_judged_were_not_learned_from(maps: Maps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deadpan.calibration.effect.random_places.PROPOSALS", 200)
    protecting = Protecting(maps, PLAN)
    judged = protecting(BY_NAME[PLACES], 1.0, module.JUDGED)
    assert all((protecting(BY_NAME[PLACES], 1.0, number) != judged).any() for number in range(DRAWN - 1))
