"""The experiment: what hiding does where that is known, its controls, and the same bytes again."""

import pickle
from typing import Any

import numpy as np
import pytest

from deadpan.calibration.effect.effects import Effects
from deadpan.calibration.effect.experiment import measure
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import Maps
from deadpan.stickers.regions import NAMES

CHEEK, CHIN = NAMES.index("left_cheek"), NAMES.index("chin")
RANKS = {"stability": np.linspace(0, 0.13, 14), "outdegree": np.array([2.0] + [0.0] * 13)}


def measured(planted: Any, **changes: Any) -> Effects:
    maps = changes.pop("maps", planted.maps())
    victims = changes.pop("victims", [planted])
    return measure(maps, victims, RANKS, **{"ks": (1.0, 2.0), "most": 2, "draws": 12, "resamples": 200} | changes)


@pytest.fixture(scope="module")
def maps(planted: Any) -> Maps:
    made: Maps = planted.maps()
    return made


@pytest.fixture(scope="module")
def found(planted: Any) -> Effects:
    return measured(planted)


def test_a_region_flips_exactly_what_moves_there(found: Effects, planted: Any, maps: Maps) -> None:
    right = planted.predict("", maps.motion).argmax(axis=1) == maps.label
    cheek, chin = found.singles[2.0][CHEEK], found.singles[2.0][CHIN]
    assert cheek.attack.value == ((maps.label == 0) & right).sum() / right.sum()
    assert chin.attack.value == ((maps.label == 1) & right).sum() / right.sum()
    assert cheek.attack.n == right.sum()
    assert cheek.error.value == pytest.approx(1 - (right & (maps.label != 0)).mean())
    # At the chin the wrongly called clips change too, and become right.
    assert chin.fooling.value == pytest.approx(((maps.label == 1) | ~right).mean())
    assert chin.error.value == pytest.approx((maps.label == 1).mean())
    assert cheek.fooling.n == len(maps)


def test_a_region_where_nothing_moves_flips_nothing(found: Effects) -> None:
    brow = found.singles[2.0][0]
    assert (brow.attack.value, brow.fooling.value) == (0, 0)
    assert brow.uf1.value == found.none.uf1.value


def test_a_place_that_matters_beats_random_places_and_one_that_does_not_never_does(found: Effects) -> None:
    cheek, brow = found.singles[2.0][CHEEK], found.singles[2.0][0]
    assert cheek.against_random.low > 0
    assert cheek.against_random.value == pytest.approx(cheek.attack.value - cheek.random)
    assert brow.against_random.high <= 0


def test_random_places_cover_what_the_regions_cover(found: Effects) -> None:
    for effect in (*found.singles[2.0], *found.pairs[2.0]):
        assert effect.random_area == pytest.approx(effect.area, rel=0.06)
    edge, inside = found.singles[2.0][0], found.singles[2.0][CHEEK]
    assert edge.area < 0.8 * inside.area


def test_the_controls_say_what_they_are(found: Effects) -> None:
    assert (found.none.attack.value, found.none.fooling.value) == (0, 0)
    # Nothing moves: everything is called a surprise, as is a constant map.
    everything = found.everything[2.0]
    assert everything.fooling.value == found.constant.fooling.value
    assert everything.attack.value == pytest.approx(78 / 90)
    assert found.noise.attack.value == pytest.approx(78 / 90)
    assert all(single.attack.value <= everything.attack.value for single in found.singles[2.0])


def test_each_rule_has_its_path(found: Effects) -> None:
    names = {rule: path[2.0][1].regions for rule, path in found.paths.items()}
    assert names["effect"] == names["causal+effect"] == ("left_cheek", "chin")
    assert names["stability"] == (NAMES[13], NAMES[12])
    assert names["outdegree"] == (NAMES[0], NAMES[1])
    assert found.paths["effect"][2.0][1].attack.value > found.paths["effect"][2.0][0].attack.value
    assert found.paths["effect"][2.0][0] is found.singles[2.0][CHEEK]


def test_every_size_and_count_has_its_random_places(found: Effects) -> None:
    assert set(found.random) == {(count, k) for count in (1, 2) for k in (1.0, 2.0)}
    two, one = found.random[2, 2.0], found.random[1, 2.0]
    assert two.area > one.area > found.random[1, 1.0].area
    assert (one.draws, one.low <= one.mean <= one.high) == (12, True)


def test_questions_are_counted(found: Effects) -> None:
    assert found.queries["every region"] == 14
    assert found.queries["greedy, 2 regions"] == 27
    assert found.queries["the paper (one look, then the graph)"] == 1
    assert found.queries["measured here"] >= 2 * (27 + 5 + 2 * 12)


def test_it_is_said_who_judged_whom(found: Effects, maps: Maps) -> None:
    panel = found.panel
    assert (panel.recognizer, panel.seeds, panel.identity) == ("planted", (0,), "0" * 64)
    assert (panel.maps_sha256, panel.clips, panel.subjects, panel.unit) == (maps.sha256, 96, 12, "subject")


def test_the_same_seed_gives_the_same_bytes_whatever_the_number_of_threads(planted: Any) -> None:
    small: dict[str, Any] = {"maps": planted.maps(people=6), "ks": (2.0,), "draws": 5, "resamples": 50}
    first, again, other = (measured(planted, **small, jobs=jobs, seed=seed) for jobs, seed in ((1, 0), (3, 0), (1, 1)))
    assert pickle.dumps(first) == pickle.dumps(again)
    assert repr(first) != repr(other)


def test_progress_ends_where_it_said(planted: Any) -> None:
    told: list[tuple[int, int]] = []
    measured(planted, ks=(2.0,), draws=5, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
    assert all(done <= total for done, total in told)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_two_recognizers_are_not_counted_as_one(planted: Any) -> None:
    other = type(planted)(name="other")
    with pytest.raises(DeadpanError, match="other, planted counted together"):
        measured(planted, victims=[planted, other])


def test_one_person_alone_is_resampled_by_clip(planted: Any) -> None:
    found = measured(planted, maps=planted.maps(people=1, each=24), ks=(2.0,), draws=5)
    assert (found.panel.unit, found.panel.subjects) == ("clip", 1)
    assert found.singles[2.0][CHEEK].attack.low > 0
