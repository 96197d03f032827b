"""The paper's rule: the region that most arrows leave, in the graph of other people."""

import numpy as np
import pytest

from deadpan.calibration.graph.features import Features
from deadpan.calibration.placements.causal import causal, winner
from deadpan.calibration.synthetic.drivers import Drive
from deadpan.calibration.targets.on_maps import OnMaps
from deadpan.models.errors import DeadpanError
from deadpan.stickers.regions import NAMES

DRIVER, OTHER = NAMES.index("glabella"), NAMES.index("mouth")


def features(driver: int = DRIVER, people: int = 12, each: int = 60, seed: int = 0) -> Features:
    """Of people on whom one region drives four others."""
    others = [column for column in range(14) if column not in (DRIVER, OTHER)]
    truth = Drive(driver, tuple(others[:4]), tuple(others[4:8]))
    values = truth.amplitudes(people * each, np.random.default_rng(seed))
    return Features("made", "", values, np.repeat([f"p{i:02d}" for i in range(people)], each))


def test_the_sticker_lies_on_the_driver(planted) -> None:  # type: ignore[no-untyped-def]
    target = OnMaps(planted.maps(), planted)
    rows = np.array([0, 17, 40, 17])
    placed = causal(target, rows, features())
    assert (placed.stickers[:, 0, :2] == target.centres[rows, DRIVER]).all()
    assert (placed.stickers[:, 0, 3] == 1).all()
    assert placed.queries.tolist() == [0] * 4
    assert target.spent.answers == 0


def test_nobody_is_among_those_who_choose_for_them(planted) -> None:  # type: ignore[no-untyped-def]
    """One person's data speak for another region, so loudly that they decide wherever they are counted."""
    calm, loud = features(people=11), features(OTHER, people=1, each=4000, seed=1)
    values = np.concatenate([calm.values, loud.values])
    together = Features("made", "", values, np.concatenate([calm.subject, np.full(4000, "p11")]))
    assert winner(together) == OTHER
    target = OnMaps(planted.maps(), planted)
    rows = np.arange(len(target.label))
    centres = causal(target, rows, together).stickers[:, 0, :2]
    own = target.subject == "p11"
    assert (centres[~own] == target.centres[~own, OTHER]).all()
    assert (centres[own] == target.centres[own, DRIVER]).all()


def test_on_other_peoples_features_everybody_gets_the_same_region(planted) -> None:  # type: ignore[no-untyped-def]
    other = features()
    other = Features(other.name, other.unit, other.values, np.char.add("other-", other.subject))
    target = OnMaps(planted.maps(), planted)
    centres = causal(target, np.arange(96), other).stickers[:, 0, :2]
    assert (centres == target.centres[:, winner(other) or 0]).all()


def test_a_graph_without_arrows_lays_nothing(planted) -> None:  # type: ignore[no-untyped-def]
    made = features()
    nothing = Features("made", "", np.zeros_like(made.values), made.subject)
    assert winner(nothing) is None
    target = OnMaps(planted.maps(), planted)
    rows = np.arange(96)
    placed = causal(target, rows, nothing)
    assert (placed.stickers[..., 3] == 0).all()
    assert (target.say(rows, placed.stickers, 3) == target.say(rows, placed.stickers[:, :0], 3)).all()


def test_features_of_one_person_alone_cannot_choose_for_them(planted) -> None:  # type: ignore[no-untyped-def]
    made = features(people=1)
    with pytest.raises(DeadpanError, match="features of p00 alone"):
        causal(OnMaps(planted.maps(), planted), np.array([0]), made)
