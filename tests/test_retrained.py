"""Attackers who adapt: they learn from protected maps of other people, and judge maps that are protected anew."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from deadpan.calibration.on_maps import retrained as module
from deadpan.calibration.on_maps.protected import Protecting, modes
from deadpan.calibration.on_maps.retrained import JUDGED, OUT, retrained
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


def test_what_is_judged_was_never_trained_on(maps: Maps) -> None:
    protecting = Protecting(maps, PLAN)
    for name in (FLOOR, "freeze"):
        mode = BY_NAME[name]
        judged = protecting(mode, 1.0, JUDGED)
        assert all((protecting(mode, 1.0, number) != judged).any(axis=(1, 2, 3)).all() for number in range(COPIES))


def test_motion_is_learned_and_no_motion_is_not(maps: Maps) -> None:
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
