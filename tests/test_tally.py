"""Counting under intervention: what is a share of what, and whose intervals they are."""

import numpy as np
import pytest

from deadpan.calibration.effect.tally import Tally, TooFew, difference, proportion, share
from deadpan.models import score

LABEL = np.array([0, 0, 0, 1, 1, 2, 2, 2])
CLEAN = np.array([[0, 0, 1, 1, 1, 2, 0, 2]], np.int8)
ATTACKED = np.array([[0, 1, 2, 1, 2, 2, 2, 0]], np.int8)
SUBJECT = np.array(list("aabbccde"))


def test_each_figure_is_a_share_of_what_it_says() -> None:
    tally = Tally(LABEL, CLEAN, SUBJECT)
    # Right while untouched: 0, 1, 3, 4, 5, 7. Of them 1, 4, 7 become wrong.
    assert tally.attack(tally.flips(ATTACKED))[0] == 3 / 6
    # Clip 6 becomes right by its change, clip 2 stays wrong by another.
    assert tally.fooling(ATTACKED)[0] == 5 / 8
    assert tally.error(ATTACKED)[0] == 4 / 8
    assert tally.uf1(ATTACKED)[0] == pytest.approx(score.uf1(LABEL, ATTACKED[0]))


def test_without_a_sticker_nothing_is_flipped_and_the_error_is_the_clean_one() -> None:
    tally = Tally(LABEL, CLEAN, SUBJECT)
    assert not tally.attack(tally.flips(CLEAN)).any()
    assert not tally.fooling(CLEAN).any()
    assert tally.error(CLEAN)[0] == 2 / 8


def test_several_victims_are_counted_together() -> None:
    tally = Tally(LABEL, np.vstack([CLEAN, LABEL[None].astype(np.int8)]), SUBJECT)
    attacked = np.vstack([ATTACKED, LABEL[None].astype(np.int8)])
    assert tally.attack(tally.flips(attacked))[0] == 3 / 14
    assert tally.error(attacked)[0] == 4 / 16


def test_an_interval_is_that_of_the_people_not_of_their_clips() -> None:
    label = np.zeros(200, np.int64)
    attacked = np.repeat(np.arange(20) % 2, 10)[None].astype(np.int8)
    people = Tally(label, label[None].astype(np.int8), np.repeat([f"{i:02d}" for i in range(20)], 10))
    clips = Tally(label, label[None].astype(np.int8), np.array([f"{i:03d}" for i in range(200)]))
    wide, narrow = (share(each.attack(each.flips(attacked)), 200) for each in (people, clips))
    assert wide.value == narrow.value == 0.5
    assert wide.high - wide.low > 2.5 * (narrow.high - narrow.low)
    # Twenty people of whom each flips wholly or not at all: a binomial of 20.
    assert wide.high - wide.low == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 20), rel=0.1)


def test_an_interval_holds_95_percent() -> None:
    label = np.zeros(400, np.int64)
    people = Tally(label, label[None].astype(np.int8), np.array([f"{i:03d}" for i in range(400)]), resamples=4000)
    found = share(people.attack(people.flips((np.arange(400) % 2)[None].astype(np.int8))), 400)
    assert found.high - found.low == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 400), rel=0.06)


def test_the_interval_of_uf1_is_the_one_of_the_score() -> None:
    generator = np.random.default_rng(3)
    label, told = generator.integers(0, 3, (2, 300))
    subject = np.array([f"{i:02d}" for i in generator.integers(0, 40, 300)])
    tally = Tally(label, told[None].astype(np.int8), subject, resamples=1000)
    mine = share(tally.uf1(told[None].astype(np.int8)), 300)
    low, high = score.bootstrap(label, told, subject, score.uf1, resamples=1000, seed=5)
    assert (mine.low, mine.high) == pytest.approx((low, high), abs=0.015)


def test_too_few_people_are_resampled_by_clip_and_it_is_said() -> None:
    assert Tally(LABEL, CLEAN, np.full(8, "me")).unit == "clip"
    assert Tally(LABEL, CLEAN, np.array(list("aabbccdd"))).unit == "clip"
    assert Tally(LABEL, CLEAN, SUBJECT).unit == "subject"


def test_comparisons_are_paired() -> None:
    """The same people are drawn for both: what is equal on each person differs by nothing, however few they are."""
    tally = Tally(LABEL, CLEAN, SUBJECT)
    lost = tally.attack(tally.flips(ATTACKED))
    less = lost - tally.attack(tally.flips(ATTACKED.copy()))
    assert (less[np.isfinite(less)] == 0).all()
    assert difference(lost, lost / 2, 6) == share(lost / 2, 6)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_where_no_resample_can_differ_the_interval_is_wilsons(value: float) -> None:
    still, other = np.full(1001, value), np.linspace(0.2, 0.4, 1001)
    assert proportion(other, 30) == share(other, 30)
    for n in (30, 3000):
        found = proportion(still, n)
        assert (found.value, found.low, found.high) == (value, *score.wilson(round(n * value), n))
    assert proportion(np.full(1001, 0.5), 30).high == 0.5, "a share that people have in common may be known"


def test_a_difference_from_what_has_no_spread_is_no_surer_than_that() -> None:
    """By hand: 0 of 10 may be 27.75 % by Wilson's interval, 10 of 10 may be 72.25 %."""
    never, always = np.zeros(1001), np.ones(1001)
    for one, other, n, low, high in ((never, never, 10, -0.2775, 0.2775), (always, never, 10, 0.6075, 1.0)):
        found = difference(one, other, n)
        assert (found.low, found.high) == pytest.approx((low, high), abs=1e-3)
    some = np.full(1001, 0.1)
    some[1:] = np.linspace(0.05, 0.15, 1000)
    found = difference(never, some, 30)
    assert found.value == pytest.approx(-0.1)
    assert found.high > 0 > found.low, "0 of 30 may be a tenth"
    assert difference(never, some, 3000).high < 0
    assert difference(some, some, 30).low < 0 < difference(some, some, 30).high, "what is the same may yet differ"


def test_the_uncertainty_of_random_draws_widens_the_interval() -> None:
    label = np.zeros(60, np.int64)
    tally = Tally(label, label[None].astype(np.int8), np.array([f"{i:02d}" for i in range(60)]))
    alike = [np.full(60, 0.5)] * 10
    unlike = [np.full(60, float(i % 2)) for i in range(10)]
    same, other = (share(tally.attack(tally.drawn(each)), 60) for each in (alike, unlike))
    assert same.value == other.value == 0.5
    assert same.high - same.low == pytest.approx(0)
    assert other.high - other.low > 0.4


def test_a_recognizer_that_is_never_right_leaves_nothing_to_attack() -> None:
    tally = Tally(LABEL, ((LABEL + 1) % 3).astype(np.int8)[None], SUBJECT)
    with pytest.raises(TooFew, match="right on none of 8 clips"):
        tally.attack(tally.flips(ATTACKED))


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = (Tally(LABEL, CLEAN, SUBJECT, seed=7).error(ATTACKED).tobytes() for _ in range(2))
    assert first == second
    assert Tally(LABEL, CLEAN, SUBJECT, seed=8).error(ATTACKED).tobytes() != first
