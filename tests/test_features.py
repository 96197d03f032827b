"""Features are what moves inside each region's window, and nothing else."""

import numpy as np
import pytest

from deadpan.calibration.effect.windows import windows
from deadpan.calibration.graph.features import FEATURES, field, of_maps
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import Maps
from deadpan.stickers.regions import NAMES

CHIN = NAMES.index("chin")


@pytest.fixture
def still() -> Maps:
    """Three maps without motion; the regions lie apart, four to a row."""
    places = np.array([[0.13 + 0.25 * (each % 4), 0.13 + 0.25 * (each // 4)] for each in range(14)], np.float32)
    motion = np.zeros((3, 28, 28, 3), np.uint8)
    motion[..., 1:] = 100
    text = np.array(["a", "a", "b"])
    face = np.full((3, 2), 0.5, np.float32)
    return Maps(motion, np.zeros(3, np.int64), text, text, text, np.tile(places, (3, 1, 1)), face)


def test_without_motion_strain_and_magnitude_are_nothing(still: Maps) -> None:
    for name in ("strain", "magnitude"):
        found = of_maps(still, name)
        assert (found.values.shape, found.values.dtype) == ((3, 14), np.float32)
        assert not found.values.any()
        assert found.subject.tolist() == ["a", "a", "b"]


@pytest.mark.parametrize(("name", "channel", "level", "expected"), [("strain", 0, 200, 200), ("magnitude", 2, 160, 60)])
def test_what_moves_in_a_window_is_told_of_that_region(
    still: Maps, name: str, channel: int, level: int, expected: float
) -> None:
    still.motion[1, windows(still)[1, CHIN], channel] = level
    values = of_maps(still, name).values
    assert values[1, CHIN] == pytest.approx(expected)
    assert np.count_nonzero(values) == 1


@pytest.mark.parametrize(
    ("down", "right", "sector"),
    [(0, 40, 0), (40, 40, 1), (40, 0, 2), (40, -40, 3), (0, -40, 4), (-40, -40, 5), (-40, 0, 6), (-40, 40, 7)],
)
def test_sectors_go_round_clockwise_from_the_pictures_right(still: Maps, down: int, right: int, sector: int) -> None:
    inside = windows(still)[2, CHIN]
    still.motion[2, inside, 1] = 100 + down
    still.motion[2, inside, 2] = 100 + right
    found = of_maps(still, "direction")
    assert found.categorical
    assert found.values[2, CHIN] == sector


def test_the_longer_motion_decides_the_sector(still: Maps) -> None:
    rows, columns = np.nonzero(windows(still)[0, CHIN])
    still.motion[0, rows, columns, 2] = 95
    still.motion[0, rows[0], columns[0], 1:] = (255, 100)
    assert of_maps(still, "direction").values[0, CHIN] == 2


def test_an_unknown_feature_is_one_line(still: Maps) -> None:
    for ask in (of_maps, field):
        with pytest.raises(DeadpanError, match=f"feature colour: expected one of {', '.join(FEATURES)}"):
            ask(still, "colour")
