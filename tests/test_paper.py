"""What the paper printed comes to what REFERENCE and the page say of it."""

import pytest

from deadpan.calibration.tables import paper


def test_the_gains_are_a_tenth_of_what_the_text_claims() -> None:
    printed = paper.load()
    assert printed.gain("mmnet") == pytest.approx(1.2, abs=0.05)
    assert printed.gain("stcnn") == pytest.approx(2.1, abs=0.05)
    assert printed.claimed == {"mmnet": 12.13, "stcnn": 7.44}


def test_eight_cells_of_48_are_worse_than_random_places_and_seven_tie() -> None:
    printed = paper.load()
    assert (len(printed.placement), printed.worse, printed.ties) == (48, 8, 7)


def test_figures_that_no_count_of_clips_gives_are_found() -> None:
    assert paper.fits(3.85, 156), "6 of 156"
    assert not paper.fits(41.67, 133), "which is 65 of 156: a column of the other data set"
    assert paper.load().impossible == 11


def test_the_default_size_of_table_iii_is_sticker_a_of_table_ii() -> None:
    printed = paper.load()
    first = {(each.victim, each.dataset): each.causal for each in printed.placement if each.sticker == "a"}
    assert {(each.victim, each.dataset): each.causal for each in printed.size if each.k == 2} == first
    assert len(printed.size) == 18


def test_a_data_set_that_the_paper_does_not_have_has_no_cells() -> None:
    printed = paper.load()
    assert len(printed.of("smic")) == 16
    assert printed.of("synthetic") == ()
