"""The public code's variant names a region whatever it is shown; the default does not."""

import numpy as np
import pytest

from deadpan.calibration.graph import pixels
from deadpan.calibration.graph.discovery import discover, graph
from deadpan.calibration.graph.discretise import levels
from deadpan.calibration.graph.pixels import FALLBACK, GREY, SIDE, control, masks, of_maps, of_picture
from deadpan.calibration.median_face import CENTRES
from deadpan.models.maps import Maps
from deadpan.stickers.regions import NAMES


def test_one_grey_all_over_names_a_winner_from_no_information() -> None:
    found = control()
    assert found.winner in NAMES
    assert found.winners
    assert max(found.out_degree.values()) > 0
    assert not found.failed


@pytest.mark.parametrize("grey", [1, 77, 255])
def test_the_control_reads_the_masks_and_not_the_grey(grey: int) -> None:
    assert grey != GREY
    assert of_picture(np.full((SIDE, SIDE), grey, np.uint8)).out_degree == control().out_degree


def test_the_default_names_nobody_from_constant_data_and_says_why() -> None:
    found = discover(levels(np.full((SIDE * SIDE, 14), GREY, np.float32)))
    assert found.winners == ()
    assert "every column is constant" in found.note


def test_of_a_tie_the_lowest_number_is_named_but_all_are_shown() -> None:
    found = control()
    assert found.winner == found.winners[0] == min(found.winners, key=NAMES.index)


def test_where_no_arrow_comes_out_the_first_region_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # No real picture was found whose masks leave no arrow at all.
    monkeypatch.setattr(pixels, "_pc", lambda columns, alpha: graph(np.zeros((14, 14), int), len(columns), alpha))
    found = of_picture(np.full((SIDE, SIDE), GREY, np.uint8))
    assert (found.winner, found.winners) == (NAMES[0], ())
    assert "no arrow came out" in found.note


def test_an_error_names_the_fifth_region_and_is_told_here() -> None:
    assert of_picture(np.zeros((SIDE, SIDE), np.uint8)).failed
    lit = np.zeros((SIDE, SIDE), np.uint8)
    mouth, corner = masks()[NAMES.index("mouth")], masks()[NAMES.index("right_lip_corner")]
    row, column = np.argwhere(mouth & corner)[0]
    lit[row, column] = 255  # one bright pixel in two regions: two columns are the same, and no matrix can be inverted
    found = of_picture(lit)
    assert found.failed
    assert found.winner == FALLBACK == "right_eye"
    assert "without saying so" in found.note


def test_the_rectangles_lie_upside_down_as_in_the_public_code() -> None:
    for mask, (_, y) in zip(masks(), CENTRES, strict=True):
        assert np.nonzero(mask)[0].mean() / SIDE == pytest.approx(1 - y, abs=0.06)


def test_each_map_gets_a_winner() -> None:
    motion = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 3)).astype(np.uint8)
    text = np.array(["a", "b", "c"])
    heard: list[tuple[int, int]] = []
    maps = Maps(motion, np.zeros(3, np.int64), text, text, text, np.zeros((3, 14, 2), np.float32), np.ones((3, 2)))
    found = of_maps(maps, progress=lambda done, total: heard.append((done, total)))
    assert [each.winner in NAMES for each in found] == [True] * 3
    assert heard == [(1, 3), (2, 3), (3, 3)]


def test_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected \(48, 48\)"):
        of_picture(np.zeros((64, 64), np.uint8))
