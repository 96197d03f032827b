"""Held out: nobody is tested on whom anything was chosen, and what does not matter is said not to."""

from typing import Any

import numpy as np
import pytest

from deadpan.calibration.effect.held_out import HeldOut, halves, held_out
from deadpan.models.maps import Maps
from deadpan.stickers.regions import NAMES

SMALL: dict[str, Any] = {"ks": (2.0,), "most": 2, "splits": 2, "draws": 12, "resamples": 200}


class Area:
    """A recognizer for which only the number of still cells counts, never where they lie."""

    name, seed, identity = "area", 0, "1" * 64

    def predict(self, subject: str, motion: np.ndarray) -> np.ndarray:
        middle = np.median(motion[..., 1], axis=(1, 2))[:, None, None]
        still = (motion[..., 1] == np.rint(middle)).sum(axis=(1, 2))
        # A wide spread of thresholds, so that more cells flip more clips.
        threshold = 28 + motion[:, 3, 3, 2].astype(int) // 4
        return np.eye(3, dtype=np.float32)[np.where(still > threshold, 2, 0)]


def by(found: tuple[HeldOut, ...], rule: str, count: int) -> HeldOut:
    return next(each for each in found if (each.rule, each.count) == (rule, count))


@pytest.fixture(scope="module")
def found(planted: Any) -> tuple[HeldOut, ...]:
    return held_out(planted.maps(people=16), [planted], [planted], lambda _: {"outdegree": np.eye(14)[0]}, **SMALL)


def testhalves_share_nobody_and_hold_half_of_each_data_set(planted: Any) -> None:
    maps = planted.maps(people=15)
    for seed in range(5):
        one, other = halves(maps, np.random.default_rng(seed))
        assert (one ^ other).all()
        assert not set(maps.subject[one]) & set(maps.subject[other])
        for name in np.unique(maps.dataset):
            people = [len(set(maps.subject[half & (maps.dataset == name)])) for half in (one, other)]
            assert abs(people[0] - people[1]) <= 1


def test_what_matters_on_all_people_is_found_on_half_and_holds_on_the_other(found: tuple[HeldOut, ...]) -> None:
    one = by(found, "region", 1)
    assert one.chosen == ((("left_cheek",), 4),)
    assert one.beats_random
    assert one.words.endswith("place matters.")
    assert by(found, "effect", 2).attack.value > one.attack.value
    assert by(found, "pair", 2).chosen[0][0] == ("right_cheek", "left_cheek")


def test_a_ranking_is_made_on_the_choosing_half_only(planted: Any) -> None:
    maps: Maps = planted.maps(people=16)
    seen: list[set[str]] = []

    def rank(half: Maps) -> dict[str, np.ndarray]:
        seen.append(set(half.subjects))
        return {"stability": np.eye(14)[0]}

    found = held_out(maps, [planted], [planted], rank, **SMALL)
    assert [len(each) for each in seen] == [8, 8, 8, 8]
    assert not seen[0] & seen[1]
    brow = by(found, "stability", 1)
    assert brow.chosen == (((NAMES[0],), 4),)
    assert (brow.attack.value, brow.beats_random) == (0, False)
    assert by(found, "causal+effect", 1).chosen[0][0] == ("left_cheek",)


def test_the_tested_never_take_part_in_the_choice(planted: Any) -> None:
    """Half of the people move their left cheek, the others their right: what one half teaches fails on the other."""
    maps: Maps = planted.maps(people=16)
    mirrored = type(planted)(regions=("right_cheek", "chin")).maps(people=16, seed=9)
    one, _ = halves(maps, np.random.default_rng([0, 0]))
    motion = np.where(one[:, None, None, None], maps.motion, mirrored.motion)
    mixed = Maps(motion, maps.label, maps.subject, maps.dataset, maps.clip, maps.roi_center, maps.face_size)
    left, right = planted, type(planted)(regions=("right_cheek", "chin"))

    class Both:
        name, seed, identity = "both", 0, "2" * 64

        def predict(self, subject: str, motion: np.ndarray) -> np.ndarray:
            own = left if one[maps.subject == subject].all() else right
            return np.asarray(own.predict(subject, motion))

    found = held_out(mixed, [Both()], [Both()], **SMALL | {"splits": 1})
    region = by(found, "region", 1)
    assert sorted(region.chosen) == [(("left_cheek",), 1), (("right_cheek",), 1)]
    assert region.attack.value == 0


def test_one_recognizer_chooses_and_the_other_judges(planted: Any) -> None:
    maps: Maps = planted.maps(people=16)

    class Deaf:
        name, seed, identity = "deaf", 0, "3" * 64

        def predict(self, subject: str, motion: np.ndarray) -> np.ndarray:
            return np.tile(np.eye(3, dtype=np.float32)[0], (len(motion), 1))

    elsewhere = type(planted)(regions=("glabella", "chin"))
    assert by(held_out(maps, [elsewhere], [planted], **SMALL), "region", 1).chosen == ((("chin",), 4),)
    region = by(held_out(maps, [planted], [Deaf()], **SMALL), "region", 1)
    assert region.chosen == ((("left_cheek",), 4),)
    assert region.attack.value == 0, "it says the same whatever is hidden, and is often right"
    assert by(held_out(maps, [Area()], [Deaf()], **SMALL), "region", 1).random == 0


def test_where_only_area_counts_place_is_said_not_to_matter(planted: Any) -> None:
    maps: Maps = planted.maps(people=24)
    label = np.zeros(len(maps), np.int64)
    flat = Maps(maps.motion, label, maps.subject, maps.dataset, maps.clip, maps.roi_center, maps.face_size)
    found = held_out(flat, [Area()], [Area()], **SMALL | {"draws": 40})
    pair = by(found, "effect", 2)
    assert pair.attack.value > 0.05
    assert not pair.beats_random
    assert pair.words.endswith("place does not matter on this data.")


def test_every_count_and_rule_is_tested_at_every_size(planted: Any) -> None:
    told: list[tuple[int, int]] = []
    found = held_out(
        planted.maps(people=10),
        [planted],
        [planted],
        lambda _: {"stability": np.arange(14.0)},
        **SMALL | {"ks": (1.0, 3.0), "draws": 5},
        progress=lambda done, total: told.append((done, total)),
    )
    wanted = {("region", 1), ("pair", 2), ("effect", 2), ("causal+effect", 1), ("causal+effect", 2)}
    wanted |= {("stability", 1), ("stability", 2)}
    for k in (1.0, 3.0):
        assert {(each.rule, each.count) for each in found if each.k == k} == wanted
    assert told[-1][0] == told[-1][1]


def test_fewer_than_ten_people_are_not_cut_in_two(planted: Any) -> None:
    assert held_out(planted.maps(people=9), [planted], [planted], **SMALL) == ()


def test_the_same_seed_gives_the_same_figures(planted: Any) -> None:
    maps = planted.maps(people=10)
    first, second = (repr(held_out(maps, [planted], [planted], jobs=jobs, **SMALL)) for jobs in (1, 3))
    assert first == second
