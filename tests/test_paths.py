"""Choosing regions by effect: the best first, causes where effects are level, and nobody peeps at the others."""

import numpy as np
import pytest

from deadpan.calibration.effect import paths
from deadpan.calibration.effect.tally import Tally
from deadpan.calibration.effect.victims import Answers
from deadpan.stickers.regions import NAMES

CHEEK, CHIN = NAMES.index("left_cheek"), NAMES.index("chin")


def tallied(answers: Answers) -> tuple[Tally, np.ndarray]:
    maps = answers.maps
    return Tally(maps.label, answers.clean, maps.subject, 200), np.arange(len(maps))


def test_the_greedy_path_takes_what_adds_most(planted) -> None:  # type: ignore[no-untyped-def]
    answers = Answers(planted.maps(), [planted])
    path = paths.greedy(answers, *tallied(answers), 2, most=3)
    assert path[:2] == (CHEEK, CHIN)
    assert len(set(path)) == 3


def test_of_sets_the_best_is_the_one_of_highest_attack_success(planted) -> None:  # type: ignore[no-untyped-def]
    answers = Answers(planted.maps(), [planted])
    assert paths.best(answers, *tallied(answers), 2, paths.PAIRS) == (NAMES.index("right_cheek"), CHEEK)


def test_causes_decide_only_where_effects_cannot_be_told_apart(planted) -> None:  # type: ignore[no-untyped-def]
    answers = Answers(planted.maps(), [planted])
    causal = np.zeros(14)
    causal[[2, 5]] = 0.6, 0.4
    # The first two are clear by effect; behind them nothing is left to gain, and the causal score decides.
    tally, rows = tallied(answers)
    sets = paths.chosen(answers, tally, rows, 2, 4, {"stability": causal})
    assert [set(each) for each in sets["effect"][:2]] == [{CHEEK}, {CHEEK, CHIN}]
    assert [set(each) for each in sets["causal+effect"]] == [
        {CHEEK},
        {CHEEK, CHIN},
        {CHEEK, CHIN, 2},
        {CHEEK, CHIN, 2, 5},
    ]
    assert sets["stability"][1] == (2, 5)


def test_losses_that_cannot_be_told_do_not_add_up() -> None:
    """Each swap loses three clips of a hundred, which may be none; two lose six, which may not."""

    class Slippery:
        """Answers under which every region from the fourth on costs three of sixty flips."""

        def silenced(self, regions: paths.Path, k: float) -> np.ndarray:
            flipped = 60 - 3 * sum(column >= 3 for column in regions)
            return (np.arange(100) < flipped).astype(np.int8)[None]

    label = np.zeros(100, np.int64)
    tally = Tally(label, label[None].astype(np.int8), np.array([f"{i:03d}" for i in range(100)]))
    causal = np.where(np.arange(14) >= 3, np.arange(14.0), 0)
    rows = np.arange(100)
    one = paths.swapped(Slippery(), tally, rows, 2, causal, (0,))  # type: ignore[arg-type]
    three = paths.swapped(Slippery(), tally, rows, 2, causal, (0, 1, 2))  # type: ignore[arg-type]
    assert one == (13,)
    assert three == (0, 1, 13)


def test_figures_are_told_apart_only_where_the_interval_of_their_difference_leaves_zero_out() -> None:
    generator = np.random.default_rng(0)
    shared = generator.normal(0, 0.2, 1000)
    best = np.concatenate([[0.30], 0.30 + shared])
    close = np.concatenate([[0.29], 0.29 + shared + generator.normal(0, 0.02, 1000)])
    # Far less uncertain than either alone, because the same people are drawn for both.
    below = np.concatenate([[0.20], 0.20 + shared + generator.normal(0, 0.02, 1000)])
    assert paths.not_told_from_best([close, best, below]) == [0, 1]


def test_the_choice_depends_on_the_given_people_only(planted) -> None:  # type: ignore[no-untyped-def]
    maps = planted.maps()
    answers = Answers(maps, [planted])
    rows = np.flatnonzero(np.isin(maps.subject, maps.subjects[:6]))
    # Among these people nobody moves the cheek.
    rows = rows[maps.label[rows] != 0]
    tally = Tally(maps.label[rows], answers.clean[:, rows], maps.subject[rows], 100)
    assert paths.greedy(answers, tally, rows, 2, most=1) == (CHIN,)


def test_equal_scores_keep_the_regions_order() -> None:
    assert paths.ranked(np.array([1, 3, 3, 0, 2] + [0] * 9), 5) == (1, 2, 4, 0, 3)


def test_drawn_ties_favour_no_region_and_leave_the_score_its_say() -> None:
    generator = np.random.default_rng(0)
    scores = np.array([1, 3, 3, 0, 2] + [0] * 9)
    drawn = [paths.ranked(scores, 5, generator) for _ in range(400)]
    assert {each[:2] for each in drawn} == {(1, 2), (2, 1)}
    assert {each[2:4] for each in drawn} == {(4, 0)}
    assert {each[4] for each in drawn} == {3, *range(5, 14)}


def test_there_are_five_symmetric_pairs() -> None:
    pairs = [tuple(NAMES[i] for i in pair) for pair in paths.PAIRS]
    assert len(pairs) == 5
    assert all(right.removeprefix("right_") == left.removeprefix("left_") for right, left in pairs)


@pytest.mark.parametrize("most", [1, 14])
def test_a_path_is_as_long_as_was_asked(planted, most: int) -> None:  # type: ignore[no-untyped-def]
    answers = Answers(planted.maps(people=5), [planted])
    assert len(paths.greedy(answers, *tallied(answers), 1, most)) == most
