"""The tidy table: what is written can be read by its names."""

import csv
import dataclasses
import io
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


def test_every_figure_stands_under_its_own_name_between_the_ends_of_its_interval() -> None:
    (line,) = csv.DictReader(io.StringIO(table.write([ROW])))
    assert None not in line
    for field in dataclasses.fields(ROW):
        value = getattr(ROW, field.name)
        if isinstance(value, Share):
            ends = [float(line[f"{field.name}{end}"]) for end in ("", "_low", "_high")]
            assert ends == pytest.approx([value.value, value.low, value.high], rel=1e-5)
        elif isinstance(value, float):
            assert float(line[field.name]) == pytest.approx(value, rel=1e-5)
        else:
            assert line[field.name] == str(value)


def test_what_was_not_measured_is_an_empty_field_and_no_zero() -> None:
    line = table.write([replace(ROW, fooling_gain=None)]).splitlines()[1]
    assert line.endswith(",,,,3")


def test_figures_are_written_to_six_digits_whatever_the_order_of_their_sum() -> None:
    one, two = (replace(ROW, clean_accuracy=each) for each in (0.1 + 0.2, 0.3))
    assert table.write([one]) == table.write([two])


def test_a_region_is_told_by_its_placement() -> None:
    assert ROW.region == "left_eye"
    assert replace(ROW, placement="random").region is None
