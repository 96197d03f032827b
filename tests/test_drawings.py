"""What a report draws: nothing is left out, nothing depends on the run, and it is drawn without a display."""

import base64
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from deadpan.calibration.report import charts, drawings
from deadpan.calibration.report.charts import Curve
from deadpan.calibration.report.outline import TYPICAL
from deadpan.stickers.regions import NAMES

PLACES = np.array(TYPICAL)
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
    assert groups(drawings.heat(PLACES, np.linspace(0, 0.1, 14), (0.2, 0.2)), "text_") == 15, "and the scale's word"


def test_what_the_plan_hides_is_ringed() -> None:
    assert drawings.ORANGE not in graph()
    one, two = (drawings.graph(PLACES, [], [], np.zeros(14), chosen).count(drawings.ORANGE) for chosen in ([3], [3, 5]))
    assert two - one == 1


def test_a_pie_leaves_out_no_share() -> None:
    shares = np.array([0.5, 0.2] + [0.0] * 12)
    assert groups(drawings.pie(shares), "patch_") + 2 == groups(drawings.pie(shares * 0.8, 0.1, 0.1), "patch_") - 2


def test_a_pie_of_nothing_but_too_few_can_be_drawn() -> None:
    ET.fromstring(drawings.pie(np.zeros(14), too_few=1.0))


def test_equal_values_can_be_drawn() -> None:
    ET.fromstring(drawings.heat(PLACES, np.zeros(14), (0.3, 0.3)))
    ET.fromstring(charts.bars(NAMES, np.zeros(14), np.zeros(14), 1.0))
    ET.fromstring(charts.intervals([("chin", 0.0, 0.0, 0.0)], "x"))


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
        "from deadpan.calibration.report.outline import TYPICAL; "
        "print(base64.b64encode(drawings.heat(np.array(TYPICAL), np.linspace(0, .1, 14), (.2, .2)).encode()).decode())"
    )
    run = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert base64.b64decode(run.stdout).decode() == drawings.heat(PLACES, np.linspace(0, 0.1, 14), (0.2, 0.2))
    assert "<dc:date>" not in graph()
