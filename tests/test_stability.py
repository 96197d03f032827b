"""Stability is the same whatever the number of jobs, and as large as the data deserve."""

import numpy as np
import pytest

from deadpan.calibration.graph.features import Features
from deadpan.calibration.graph.stability import bootstrap, draw, subjects, summary, values
from deadpan.models.errors import DeadpanError
from deadpan.stickers.regions import NAMES

MOUTH, CHIN = NAMES.index("mouth"), NAMES.index("chin")


def features(n: int = 300, people: int = 20, driven: bool = True) -> Features:
    """The chin drives three regions, each of which has another cause too; or nothing drives anything."""
    table = np.random.default_rng(1).normal(0, 1, (n, 14))
    if driven:
        for effect, cause in ((0, 4), (1, 5), (2, 6)):
            table[:, effect] = table[:, CHIN] + table[:, cause] + 0.3 * table[:, effect]
    return Features("strain", "level", table.astype(np.float32), np.array([f"s{row % people}" for row in range(n)]))


def test_the_same_seed_gives_the_same_bytes_whatever_the_number_of_jobs() -> None:
    heard: list[tuple[int, int]] = []
    one = bootstrap(features(), 12, seed=3, jobs=1, progress=lambda done, total: heard.append((done, total)))
    two = bootstrap(features(), 12, seed=3, jobs=2)
    for name in ("winner", "sole", "out_degree", "interval", "possible", "edges", "adjacent"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name
    assert one.none == two.none
    assert heard == [(5, 12), (10, 12), (12, 12)]
    assert bootstrap(features(), 12, seed=4, jobs=1).edges.tobytes() != one.edges.tobytes()


def test_a_true_driver_wins_most_draws_and_noise_has_no_favourite() -> None:
    true = bootstrap(features(400), 15, jobs=1)
    assert true.winner[CHIN] > 0.8
    assert true.edges[CHIN, :3].min() > 0.6
    assert bootstrap(features(400, driven=False), 15, jobs=1).winner.max() < 0.6


def test_shares_add_up() -> None:
    found = bootstrap(features(80), 20, jobs=1)
    assert found.winner.sum() + found.none == pytest.approx(1)
    assert (found.sole <= found.winner + 1e-12).all()
    assert (found.interval[:, 0] <= found.out_degree).all()
    assert (found.out_degree <= found.interval[:, 1]).all()
    np.testing.assert_allclose(found.edges.sum(axis=1), found.out_degree)
    np.testing.assert_array_equal(found.adjacent, found.adjacent.T)
    assert (found.adjacent >= found.edges).all()


def test_ties_are_split_and_no_arrow_is_no_winner() -> None:
    graphs = np.zeros((2, 14, 14), np.int8)
    for cause, effect in ((0, 1), (2, 3)):
        graphs[0, cause, effect], graphs[0, effect, cause] = -1, 1
    graphs[1, 4, 5] = graphs[1, 5, 4] = -1
    found = summary(graphs, 0, "subjects", 9)
    assert found.winner[[0, 2]].tolist() == [0.25, 0.25]
    assert found.none == 0.5
    assert not found.sole.any()
    assert found.possible[[0, 4, 5]].tolist() == [0.5, 0.5, 0.5]


def test_whole_people_are_drawn_and_their_values_cut_anew() -> None:
    given = features(40, people=4)
    marked = given.values.copy()
    marked[:, MOUTH] = np.arange(40) % 4
    people = subjects(Features("strain", "level", marked, given.subject))
    levels = draw(marked, people, np.random.SeedSequence(7))
    assert len(levels) == 40
    table = draw(marked.astype(np.int64) * 0 + np.arange(40)[:, None], people, np.random.SeedSequence(7))
    counts = np.bincount(table[:, 0])
    assert set(counts.tolist()) <= {1, 2, 3, 4}
    assert np.bincount(levels[:, 0]).min() >= 7


def test_where_every_sample_is_a_subject_of_its_own_samples_are_drawn() -> None:
    alone = features(60, people=60)
    found = bootstrap(alone, 2, jobs=1)
    assert (found.drawn, found.of) == ("samples", 60)
    assert bootstrap(features(60), 2, jobs=1).drawn == "subjects"


def test_classes_are_drawn_uncut() -> None:
    given = features(60)
    classes = Features("direction", "sector", np.floor(given.values * 2), given.subject, categorical=True)
    assert values(classes).dtype == np.int64
    assert draw(values(classes), subjects(classes), np.random.SeedSequence(0)).max() > 3


def test_one_subject_is_not_enough() -> None:
    with pytest.raises(DeadpanError, match="1 subject; expected two or more"):
        bootstrap(features(30, people=1), 5)
