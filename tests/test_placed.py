"""What placements give: one sticker a clip, and by how much a victim is still right."""

import numpy as np

from deadpan.calibration.placements.placed import margin, upright, without_asking


def test_a_margin_is_below_zero_exactly_where_the_victim_is_wrong() -> None:
    random = np.random.default_rng(0)
    said = random.dirichlet((1, 1, 1), (14, 50)).astype(np.float32)
    label = random.integers(0, 3, 50)
    assert ((margin(said, label) < 0) == (said.argmax(axis=-1) != label)).all()
    # The lowest probability of the right class would have taken the other of these two, where the victim is right.
    two = np.array([[[0.45, 0.5, 0.05]], [[0.4, 0.3, 0.3]]], np.float32)
    assert margin(two, np.array([0])).argmin(axis=0).tolist() == [0]


def test_an_upright_sticker_is_whole_and_costs_nothing() -> None:
    placed = without_asking(upright(np.array([[0.25, 0.5], [0.75, 1.0]])))
    assert placed.stickers.tolist() == [[[0.25, 0.5, 0, 1]], [[0.75, 1, 0, 1]]]
    assert placed.queries.tolist() == [0, 0]
