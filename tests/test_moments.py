"""The coders' frame numbers become pictures by number, not by place, and what they do not say is not made up."""

from pathlib import Path

import pytest

from deadpan.calibration.sources.folders import Numbered
from deadpan.calibration.sources.moments import Moments, moments
from deadpan.calibration.sources.unusable import Unusable


def clip(*numbers: int) -> Numbered:
    return Numbered(tuple(Path(f"img{number}.jpg") for number in numbers), numbers)


SELECTED = clip(*range(46, 92))
GAPS = clip(46, 47, 50, 51, 52, 60)


@pytest.mark.parametrize(
    ("pictures", "coded", "expected"),
    [
        (SELECTED, (46, 59, 86), Moments(0, 13, 40, True)),
        (SELECTED, (47, 59, 91), Moments(1, 13, 45, True)),
        (GAPS, (47, 51, 60), Moments(1, 3, 5, True)),
        (SELECTED, (46, 86, 86), Moments(0, 40, 40, True)),
        # No picture of the offset, but of what is before it.
        (GAPS, (47, 51, 55), Moments(1, 3, 4, True)),
        # Nobody saw the apex.
        (SELECTED, (46, None, 86), Moments(0, 20, 40, False)),
        (SELECTED, (46, 0, 86), Moments(0, 20, 40, False)),
        (clip(3, 4), (3, None, 4), Moments(0, 1, 1, False)),
        # It cannot be the apex.
        (SELECTED, (46, 46, 86), Moments(0, 20, 40, False)),
        (SELECTED, (50, 47, 86), Moments(4, 22, 40, False)),
        (SELECTED, (46, 90, 86), Moments(0, 20, 40, False)),
        # No offset, one that cannot be, and one after the last picture.
        (SELECTED, (46, 59, 0), Moments(0, 13, 13, True)),
        (SELECTED, (46, 59, None), Moments(0, 13, 13, True)),
        (SELECTED, (46, 59, 40), Moments(0, 13, 13, True)),
        (SELECTED, (46, 59, 110), Moments(0, 13, 45, True)),
    ],
)
def test_numbers_become_pictures(
    pictures: Numbered, coded: tuple[int, int | None, int | None], expected: Moments
) -> None:
    at = moments(pictures, *coded)
    assert at == expected
    assert 0 <= at.onset < at.apex <= at.offset < len(pictures)


@pytest.mark.parametrize(
    ("coded", "said"),
    [
        ((None, 59, 86), "no onset"),
        ((45, 59, 86), "no picture of the onset, 45; there are 46, 46 to 91"),
        ((5562, 5588, 5600), "no picture of the onset, 5562; there are 46, 46 to 91"),
        ((46, 95, 110), "no picture of the apex, 95; there are 46, 46 to 91"),
        ((46, None, 0), "onset 46, apex missing, offset 0: nothing after the onset"),
        ((46, 46, 46), "onset 46, apex 46, offset 46: nothing after the onset"),
        ((46, None, 110), "no picture of the offset, 110, and no apex; there are 46, 46 to 91"),
    ],
)
def test_numbers_that_fit_no_picture_are_unusable(coded: tuple[int | None, ...], said: str) -> None:
    with pytest.raises(Unusable) as raised:
        moments(SELECTED, *coded)
    assert str(raised.value) == said


def test_an_expression_between_two_pictures_is_unusable() -> None:
    with pytest.raises(Unusable, match="no picture between onset 47 and offset 49"):
        moments(GAPS, 47, None, 49)
