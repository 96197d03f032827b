"""Judging protected maps: what cannot matter does not, and choosing people are never judged people."""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from deadpan.calibration.effect import random_places
from deadpan.calibration.effect.victims import Answers
from deadpan.calibration.on_maps.fields import encoded
from deadpan.calibration.on_maps.judged import ELSEWHERE, Judges
from deadpan.calibration.on_maps.protected import EVERYWHERE, Protecting, modes
from deadpan.calibration.trial.modes import FLOOR, NONE
from deadpan.models.maps import Maps
from deadpan.stickers.plan import Plan, Provenance

PLAN = Plan(
    version=1,
    name="told",
    regions=("left_cheek", "chin"),
    k=3.0,
    provenance=Provenance(source="a test", measured=False),
)
"""Stickers where the planted recognizer looks."""
BY_NAME = modes(PLAN)


@pytest.fixture(scope="module")
def maps(planted: Any) -> Maps:
    made: Maps = planted.maps()
    return made


@pytest.fixture(scope="module")
def judges(maps: Maps, planted: Any) -> Judges:
    return Judges(maps, [[planted]])


@pytest.fixture(scope="module")
def protecting(maps: Maps) -> Protecting:
    return Protecting(maps, PLAN)


def test_every_mode_is_judged_beside_none_and_no_motion(
    judges: Judges, protecting: Protecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random_places, "PROPOSALS", 200)
    heard: list[tuple[str, int, int]] = []
    names = (NONE, FLOOR, "stickers", EVERYWHERE, "random places")
    rows = judges.rows(protecting, [BY_NAME[name] for name in names], told=lambda *said: heard.append(said))
    assert heard == [(name, number, len(names)) for number, name in enumerate(names)]
    assert [row.mode for row in rows] == list(names)
    none, floor, stickers, everywhere, random = (row.told[0] for row in rows)
    assert none.attack.value == none.fooling.value == 0
    assert floor.above_floor.value == floor.above_floor.low == floor.above_floor.high == 0
    assert stickers.attack.value > 0.5 > random.attack.value
    assert stickers.attack.value <= everywhere.attack.value + 0.05
    assert none.uf1.value > stickers.uf1.value
    assert none.attack.n == (none.uf1.n - round(none.error.value * none.uf1.n))
    assert rows[0].record()["told"][0]["recognizer"] == "planted"


def test_who_is_judged_had_no_part_in_the_choice(maps: Maps, judges: Judges, planted: Any) -> None:
    """A recognizer that looks elsewhere chooses other places: on others, hiding those does nothing."""
    right = judges.chosen_on_others([planted], 2, 2.0).told[0]
    elsewhere = type(planted)(regions=("glabella", "right_brow_inner"))
    wrong = judges.chosen_on_others([elsewhere], 2, 2.0)
    assert right.attack.value > 0.5
    assert wrong.told[0].attack.value < 0.2
    assert wrong.mode == ELSEWHERE


def test_each_half_is_judged_by_what_the_other_chose(
    maps: Maps, judges: Judges, planted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[np.ndarray] = []

    def greedy(answers: Any, tally: Any, rows: np.ndarray, k: float, count: int) -> tuple[int, ...]:
        return (int("p00" in maps.subject[rows]),)

    def silenced(self: Answers, regions: tuple[int, ...], k: float) -> np.ndarray:
        return np.full((1, len(maps)), regions[0], np.int8)

    def row(self: Judges, name: str, draws: int, labels: Any) -> None:
        seen.extend(labels[0])

    monkeypatch.setattr("deadpan.calibration.effect.paths.greedy", greedy)
    monkeypatch.setattr(Answers, "silenced", silenced)
    monkeypatch.setattr(Judges, "_row", row)
    judges.chosen_on_others([planted], 1, 2.0)
    for labels in seen:
        assert (labels[0, maps.subject == "p00"] == 0).all()
        assert 0.3 < (labels == 1).mean() < 0.7


class Downward:
    """Tells where skin moves down, from v alone."""

    name, seed, identity = "downward", 0, "2" * 64
    places = ((12, 7), (24, 14))

    def predict(self, subject: str, motion: np.ndarray) -> np.ndarray:
        down = motion[..., 1] - np.median(motion[..., 1].astype(float), axis=(1, 2), keepdims=True)
        seen = np.stack([down[:, y, x] for y, x in self.places], axis=1)
        return np.eye(3, dtype=np.float32)[np.where((seen > 100).any(axis=1), seen.argmax(axis=1), 2)]


def test_the_stronger_the_less_is_read_whatever_the_amplitude(maps: Maps, protecting: Protecting) -> None:
    moved = np.zeros((len(maps), 28, 28, 2), np.float32)
    for each, label in zip(moved, maps.label, strict=True):
        y, x = (*Downward.places, (4, 24))[label]
        each[y, x, 1] = 1 if label < 2 else -1
        each[:] = cv2.GaussianBlur(each, (0, 0), 3)
    moving = replace(maps, motion=encoded(moved))
    points = Judges(moving, [[Downward()]]).curve(
        lambda amplitude: Protecting(moving, protecting.plan, amplitude), [BY_NAME["freeze"]], (0.5, 1.0), (0.0, 1.0)
    )
    assert [(each.amplitude, each.strength) for each in points] == [(0.5, 0.0), (0.5, 1.0), (1.0, 0.0), (1.0, 1.0)]
    for none, whole in zip(points[::2], points[1::2], strict=True):
        assert none.uf1.value > 0.9 > 0.6 > whole.uf1.value
        assert none.attack.value < 0.1 < whole.attack.value


def test_figures_are_the_same_whatever_the_threads(maps: Maps, planted: Any, protecting: Protecting) -> None:
    modes = [BY_NAME["freeze"]]
    one, two = (Judges(maps, [[planted]], jobs).rows(protecting, modes) for jobs in (1, 3))
    assert one == two
    assert np.isfinite(one[0].told[0].uf1.value)
