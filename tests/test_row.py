"""The tidy table: what is written is what is read, and what is no table says so."""

from dataclasses import replace

import pytest

from deadpan.calibration.effect.tally import Share
from deadpan.calibration.tables import row as table
from deadpan.calibration.tables.row import Row

ROW = Row(
    dataset="casme2",
    victim="motion",
    kind="maps",
    sticker="patch",
    k=2.0,
    placement="region:left_eye",
    draws=1,
    n=145,
    subjects=24,
    clean_accuracy=0.75,
    error=Share(0.25, 0.125, 0.5, 145),
    attack_success=Share(0.0625, 0.03125, 0.125, 145),
    fooling=Share(0.125, 0.0625, 0.25, 145),
    uf1=Share(0.5, 0.25, 0.75, 145),
    uar=Share(0.5, 0.25, 0.625, 145),
    queries=14.0,
    queries_right=16.5,
    tp_negative=70.0,
    tp_positive=20.5,
    tp_surprise=18.0,
    gain=Share(-0.03125, -0.0625, 0.0, 145),
    fooling_gain=Share(-0.0625, -0.125, 0.0, 145),
    seed=3,
)


def test_what_is_written_is_what_is_read() -> None:
    rows = (
        ROW,
        replace(ROW, placement="none", sticker="none", k=0.0, attack_success=None, gain=None, fooling_gain=None),
    )
    rows += (replace(rows[1], queries_right=None),)
    assert table.read(table.write(rows)) == rows


def test_what_was_not_measured_is_an_empty_field_and_no_zero() -> None:
    line = table.write([replace(ROW, fooling_gain=None)]).splitlines()[1]
    assert line.endswith(",,,,3")


def test_figures_are_written_to_six_digits_whatever_the_order_of_their_sum() -> None:
    one, two = (replace(ROW, clean_accuracy=each) for each in (0.1 + 0.2, 0.3))
    assert table.write([one]) == table.write([two])


def test_a_region_is_told_by_its_placement() -> None:
    assert ROW.region == "left_eye"
    assert replace(ROW, placement="random").region is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("dataset,", "set,", "expected dataset, victim"),
        ("145,24", "145,many", "line 2, subjects: .*got 'many'"),
        (",maps,", ",films,", "line 2, kind: .*got 'films'"),
        ("0.25,0.125,0.5", ",,", "line 2, error: .*got None"),
        ("casme2,motion,maps", "casme2,motion", "line 2, kind: "),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(old: str, new: str, said: str) -> None:
    with pytest.raises(table.BadTable, match=said) as refused:
        table.read(table.write([ROW]).replace(old, new, 1))
    assert "\n" not in str(refused.value)
