"""Scores against examples worked by hand, and the laws that an interval obeys."""

import numpy as np
import pytest

from deadpan.models import score

LABELS = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2, 2])
SAID = np.array([0, 0, 0, 1, 1, 0, 2, 2, 0, 0])


def test_the_worked_example() -> None:
    # Hits 3, 1, 2; true 4, 2, 4; said 6, 2, 2. F1 = 6/10, 2/4, 4/6; recalls 3/4, 1/2, 2/4.
    assert score.confusion(LABELS, SAID).tolist() == [[3, 1, 0], [1, 1, 0], [2, 0, 2]]
    assert score.uf1(LABELS, SAID) == pytest.approx((0.6 + 0.5 + 4 / 6) / 3)
    assert score.uar(LABELS, SAID) == pytest.approx((0.75 + 0.5 + 0.5) / 3)


def test_all_right_is_one_and_all_wrong_is_nought() -> None:
    for statistic in (score.uf1, score.uar):
        assert statistic(LABELS, LABELS) == 1
        assert statistic(LABELS, (LABELS + 1) % 3) == 0


def test_always_the_commonest_class_gains_nothing_by_being_common() -> None:
    labels = np.repeat([0, 1, 2], (250, 109, 83))  # the 442's own counts
    said = np.zeros_like(labels)
    assert score.uar(labels, said) == pytest.approx(1 / 3)
    assert score.uf1(labels, said) == pytest.approx(2 * 250 / (250 + 442) / 3)


def test_a_class_that_nobody_shows_is_not_averaged_over() -> None:
    labels, said = np.array([0, 0, 2, 2]), np.array([0, 0, 2, 1])
    assert score.uar(labels, said) == pytest.approx((1 + 0.5) / 2)
    assert score.uf1(labels, said) == pytest.approx((1 + 2 / 3) / 2)


def test_scores_of_nothing_are_refused() -> None:
    for labels, said in ((LABELS[:0], SAID[:0]), (LABELS, SAID[:3])):
        with pytest.raises(ValueError, match="expected"):
            score.uf1(labels, said)


def test_wilson_is_the_published_interval() -> None:
    # Newcombe 1998, table I: 81 of 263 and 15 of 148, method 3; 0 of 20 and 1 of 29.
    for k, n, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert score.wilson(k, n) == pytest.approx((low, high), abs=1e-4)
    assert score.wilson(0, 0) == (0, 1)
    assert score.wilson(10, 10)[1] == 1
    with pytest.raises(ValueError, match="3 of 2"):
        score.wilson(3, 2)


def test_the_bootstrap_draws_people_not_maps() -> None:
    def accuracy(labels: score.Labels, predicted: score.Labels) -> float:
        return float(np.mean(labels == predicted))

    # Ten people who are each right always or never: ten facts, however many maps they have.
    generator = np.random.default_rng(1)
    right = np.repeat(generator.permutation([1] * 5 + [0] * 5), 100)
    labels, subjects = np.zeros(1000, int), np.repeat([f"s{i}" for i in range(10)], 100)
    low, high = score.bootstrap(labels, 1 - right, subjects, accuracy)
    assert low <= 0.3
    assert high >= 0.7
    each = np.array([str(i) for i in range(1000)])
    low, high = score.bootstrap(labels, 1 - right, each, accuracy)
    assert 0.45 < low < 0.5 < high < 0.55


def test_the_bootstrap_is_its_seed_and_holds_the_value() -> None:
    subjects = np.array(list("aabbccddee"))
    one = score.bootstrap(LABELS, SAID, subjects, score.uf1, seed=3)
    assert one == score.bootstrap(LABELS, SAID, subjects, score.uf1, seed=3)
    assert one[0] <= score.uf1(LABELS, SAID) <= one[1]
    assert score.bootstrap(LABELS, LABELS, subjects, score.uf1) == (1, 1)
