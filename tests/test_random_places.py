"""Random places: drawn over the whole crop, of a wanted area where asked, and asked about once."""

import numpy as np
import pytest

from deadpan.calibration.effect.random_places import STEP, Control, Places
from deadpan.calibration.effect.victims import Answers


def test_places_are_spread_over_the_whole_crop(planted) -> None:  # type: ignore[no-untyped-def]
    places = Places(planted.maps(people=2), 1, 2)
    taken = np.mean([places.taken(each)[0] for each in places.even(2000)], axis=0)
    inner = taken[3:-3, 3:-3]
    assert inner.min() > 0.5 * inner.mean()
    assert inner.max() < 1.5 * inner.mean()
    assert taken.min() > 0
    assert places.even(50) == tuple(range(50))


@pytest.mark.parametrize(("count", "k", "area"), [(1, 2, 0.045), (1, 2, 0.033), (3, 3, 0.27), (5, 3, 0.40)])
def test_places_like_a_set_cover_what_it_covers(planted, count: int, k: float, area: float) -> None:  # type: ignore[no-untyped-def]
    places = Places(planted.maps(), count, k)
    alike = places.like(area, 50)
    covered = [places.taken(each).mean() for each in alike]
    assert len(set(alike)) == 50
    assert np.mean(covered) == pytest.approx(area, rel=0.03)
    assert np.abs(np.log(np.array(covered) / area)).max() < 2 * np.log(STEP)


def test_an_area_that_chance_never_covers_gets_the_nearest(planted) -> None:  # type: ignore[no-untyped-def]
    places = Places(planted.maps(people=2), 2, 2)
    most = [places.taken(each).mean() for each in places.like(0.5, 20)]
    assert min(most) >= np.quantile([places.taken(each).mean() for each in places.even(300)], 0.95)


def test_a_place_is_the_same_share_of_the_crop_on_every_map(planted) -> None:  # type: ignore[no-untyped-def]
    taken = Places(planted.maps(people=3), 1, 3).taken(7)
    rows, columns = (taken.any(axis=axis) for axis in (2, 1))
    middle = [[np.flatnonzero(each).mean() for each in rows], [np.flatnonzero(each).mean() for each in columns]]
    assert np.ptp(middle, axis=1).max() <= 1


def test_each_count_and_seed_has_places_of_its_own(planted) -> None:  # type: ignore[no-untyped-def]
    maps = planted.maps(people=2)
    first, again, other = (Places(maps, 1, 2, seed) for seed in (0, 0, 1))
    assert (first.taken(3) == again.taken(3)).all()
    assert any((first.taken(i) != other.taken(i)).any() for i in range(5))


def test_a_place_is_asked_about_once(planted) -> None:  # type: ignore[no-untyped-def]
    answers = Answers(planted.maps(people=2), [planted])
    control = Control(answers, draws=10)
    even = control.even(1, 2)
    asked = answers.queries
    assert len(even) == 10
    assert control.even(1, 2)[4][0] is even[4][0]
    assert answers.queries == asked
    control.like(1, 2, 0.0456)
    control.like(1, 2, 0.0458)
    assert asked < answers.queries <= asked + 10
