"""The driver is found where it can be, and what is seen of it is seen through the real flow."""

import numpy as np
import pytest

from deadpan.calibration.graph.discovery import graph
from deadpan.calibration.graph.driver_recovery import drawn, filmed, judge, measure, run
from deadpan.calibration.graph.features import of_maps
from deadpan.calibration.synthetic.drivers import Drive
from deadpan.calibration.synthetic.still import Still
from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.stickers.regions import NAMES


@pytest.fixture
def stills(posing: list[Image], face: Face) -> list[Still]:
    return [Still("collins", posing[0], face).framed((212, 232))]


def test_from_the_amplitudes_themselves_the_driver_is_found_in_nine_of_ten_runs(stills: list[Still]) -> None:
    (row,) = measure("amplitudes", 442, 30, stills)
    assert row.among >= 0.9
    assert row.interval[0] <= row.among <= row.interval[1] + 1e-9
    assert row.winners < 2


@pytest.mark.parametrize("look", [drawn, filmed])
def test_each_region_shows_its_own_amplitude(look: object, stills: list[Still]) -> None:
    amplitudes = np.zeros((14, 14), np.float32)
    np.fill_diagonal(amplitudes, 1)
    maps = look(amplitudes, stills, np.random.default_rng(0))  # type: ignore[operator]
    strain = of_maps(maps, "strain").values
    own = strain[np.arange(14), np.arange(14)]
    # A region may show in a window that overlaps its own, so it is held against the middle of the others.
    others = [np.median(np.delete(strain[row], row)) for row in range(14)]
    assert (own > 3 * np.array(others)).mean() > 0.8


def test_the_same_number_gives_the_same_run(stills: list[Still]) -> None:
    assert run("pictures", 8, 3, stills) == run("pictures", 8, 3, stills)


def test_the_driver_is_judged_by_name() -> None:
    truth = Drive(0, (1, 2), (3, 4))
    ends = np.zeros((14, 14), np.int8)
    ends[0, 1], ends[1, 0] = -1, 1
    ends[5, 6], ends[6, 5] = -1, 1
    ends[0, 2] = ends[2, 0] = -1
    found = judge(truth, graph(ends, 10, 0.05))
    assert (found.among, found.winners, found.possibly, found.possible_winners) == (True, 2, True, 1)
    assert (found.arrows, found.adjacent, found.false) == (0.5, 1.0, 1)
    assert NAMES[0] == "right_brow_outer"
