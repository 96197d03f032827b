"""What a report draws: nothing is left out, nothing depends on the run, and it is drawn without a display."""

import base64
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from deadpan.calibration.median_face import CENTRES
from deadpan.calibration.report import charts, drawings
from deadpan.calibration.report.charts import Curve
from deadpan.calibration.report.outline import TALL
from deadpan.stickers.regions import NAMES

PLACES = np.array(CENTRES)
SVG = "{http://www.w3.org/2000/svg}"


def groups(svg: str, kind: str) -> int:
    """How many parts of a kind (patch, line2d, text, …) a drawing has; also a check that it is XML."""
    return sum(each.get("id", "").startswith(kind) for each in ET.fromstring(svg).iter(f"{SVG}g"))


def graph(arrows: int = 0, lines: int = 0) -> str:
    edges = [(i, (i + 3) % 14, 0.5) for i in range(14)]
    return drawings.graph(PLACES, edges[:arrows], edges[5 : 5 + lines], np.arange(14.0))


@pytest.mark.parametrize(("arrows", "lines"), [(1, 0), (6, 0), (0, 4), (5, 7)])
def test_every_edge_is_drawn(arrows: int, lines: int) -> None:
    # An arrow is a shaft and a head, an edge without a direction only a shaft.
    assert groups(graph(arrows, lines), "patch_") - groups(graph(), "patch_") in (arrows + lines, 2 * arrows + lines)
    assert graph(arrows, lines) != graph(arrows, lines + 1)


def test_every_region_is_marked_and_numbered() -> None:
    assert groups(graph(), "text_") == 14
    assert groups(drawings.heat(PLACES, np.linspace(0, 0.1, 14), (0.2, 0.2)), "text_") == 14


def test_what_the_plan_hides_is_ringed() -> None:
    assert drawings.ORANGE not in graph()
    one, two = (drawings.graph(PLACES, [], [], np.zeros(14), chosen).count(drawings.ORANGE) for chosen in ([3], [3, 5]))
    assert two - one == 1


def test_no_edge_passes_behind_a_region_that_it_does_not_touch() -> None:
    """From the glabella to the right outer brow, the straight way leads through the right inner brow."""
    at = PLACES * (1, TALL)
    pairs = [(i, j) for i in range(14) for j in range(14) if i != j]
    bends = np.array([drawings._bend(at, i, j, 0.0) for i, j in pairs])
    assert bends[pairs.index((5, 0))] != 0
    assert bends[pairs.index((0, 1))] == 0, "neighbours need no bow"
    assert np.abs(bends).max() < 0.6


def test_every_share_has_its_bar_and_its_figure() -> None:
    rows = [(name, 0.05) for name in NAMES]
    one, all_ = charts.bars(rows[:1], "share"), charts.bars([*rows, ("no arrow", 0.3)], "share")
    assert groups(all_, "patch_") - groups(one, "patch_") == 14
    assert groups(all_, "text_") - groups(one, "text_") >= 2 * 14, "a name and a figure each"


def test_equal_values_can_be_drawn() -> None:
    ET.fromstring(drawings.heat(PLACES, np.zeros(14), (0.3, 0.3)))
    ET.fromstring(charts.bars([*((name, 0.0) for name in NAMES), ("none", 1.0)], "x", np.zeros(14)))
    ET.fromstring(charts.intervals([("chin", 0.0, 0.0, 0.0)], "x"))


@pytest.mark.parametrize(("low", "left"), [(0.0, 0.0), (0.1, 0.0), (-0.1, None)])
def test_a_share_s_axis_begins_at_nothing(low: float, left: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    monkeypatch.setattr(charts, "_rows", lambda axes, labels: drawn.append(axes.get_xlim()))
    charts.intervals([("chin", max(low, 0.0), low, max(low, 0.0))], "share")
    charts.intervals([("chin", 0.2, 0.1, 0.3)], "share", ("random", max(low, 0.0), low, 0.2))
    assert all(each[0] == left if left is not None else each[0] < low for each in drawn)
    assert len(drawn) == 2


def test_every_row_has_its_interval() -> None:
    rows = [(name, 0.1, 0.05, 0.2) for name in NAMES]
    one, all_ = charts.intervals(rows[:1], "share"), charts.intervals(rows, "share")
    assert groups(all_, "line2d_") - groups(one, "line2d_") >= 2 * 13


def test_every_curve_is_in_the_legend() -> None:
    def line(label: str) -> Curve:
        return Curve(label, [1, 2], [0.1, 0.2], [0.0, 0.1], [0.2, 0.3])

    one, three = (charts.curves([line(each) for each in names], "x", "y") for names in ("a", "abc"))
    assert groups(three, "text_") - groups(one, "text_") == 2


def test_the_same_figures_give_the_same_bytes_in_another_process() -> None:
    """No random ids, no date: the report of two runs is one report."""
    command = (
        "import base64, numpy as np; from deadpan.calibration.report import drawings; "
        "from deadpan.calibration.median_face import CENTRES; "
        "print(base64.b64encode(drawings.heat(np.array(CENTRES), np.linspace(0, .1, 14), (.2, .2)).encode()).decode())"
    )
    run = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert base64.b64decode(run.stdout).decode() == drawings.heat(PLACES, np.linspace(0, 0.1, 14), (0.2, 0.2))
    assert "<dc:date>" not in graph()


def test_a_grid_shows_every_count_the_darkest_where_fewest_are_left_and_nothing_where_none_was_measured() -> None:
    values = np.array([[10.0, 5.0], [7.0, np.nan], [10.0, 10.0]])
    drawn = charts.matrix(values, ["chin", "mouth", "left_eye"], ["smiley", "band-aid"])
    full = charts.matrix(np.full((3, 2), 4.0), ["chin", "mouth", "left_eye"], ["smiley", "band-aid"])
    assert groups(full, "patch_") - groups(drawn, "patch_") == 1
    assert groups(drawn, "text_") == 5 + 3 + 2
    assert [drawings.shade(each)[0] for each in (0, 1)] == sorted([drawings.shade(each)[0] for each in (0, 1)])[::-1]
