"""A few of many: from as many people and classes as there are, the same ones for the same seed."""

from collections import Counter

import numpy as np

from deadpan.calibration.sources.spreading import spread


def test_people_and_classes_take_turns() -> None:
    kinds = list(zip(np.repeat([f"p{i}" for i in range(4)], 15).tolist(), (np.arange(60) % 3).tolist(), strict=True))
    for most in (1, 4, 12, 24, 59, 60, 99):
        rows = spread(kinds, most)
        assert rows == sorted(set(rows))
        assert len(rows) == min(most, 60)
        each = Counter(kinds[row] for row in rows)
        assert max(each.values()) - min(each.values() if len(each) == 12 else [0]) <= 1


def test_who_has_few_leaves_turns_to_the_others() -> None:
    people = [f"{who}" for who in range(5) for _ in range(2 + 3 * who)]
    shares = Counter(people[row] for row in spread(people, 12))
    assert (sum(shares.values()), shares["0"], max(shares.values())) == (12, 2, 3)


def test_rows_follow_from_the_seed_and_all_are_all() -> None:
    people = [f"p{i % 4}" for i in range(60)]
    assert spread(people, 12, 3) == spread(people, 12, 3)
    assert spread(people, 12, 1) != spread(people, 12, 0)
    assert spread(people, None) == spread(people, 60) == list(range(60))
