"""The status line and the keys of a live session."""

from collections import deque
from typing import cast

import pytest

from deadpan.app.commands.status import status, watching
from deadpan.app.loop import Controls
from deadpan.app.outgoing import Reason
from deadpan.app.preview import Preview
from deadpan.app.tally import Tally
from deadpan.stickers import plan, sticker
from deadpan.stickers.combination import make


class Keys:
    """A window in which these keys are pressed, one after the other."""

    def __init__(self, pressed: str) -> None:
        self._pressed = deque(pressed)

    def key(self) -> str:
        return self._pressed.popleft() if self._pressed else ""


@pytest.mark.parametrize(
    ("protection", "then"), [("stickers", "sun"), ("still+stickers", "sun"), ("still", "star"), ("freeze", "star")]
)
def test_s_takes_the_next_sticker_where_any_are_laid_and_does_nothing_elsewhere(protection: str, then: str) -> None:
    """Where skin is bent nobody would see it, and the summary would name what was never shown."""
    hiding, controls = make(protection, plan.load("paper"), sticker.load("star")), Controls()
    with watching(controls, cast(Preview, Keys("s ")), hiding) as each:
        each(Tally())
    assert hiding.sticker.name == then
    assert controls.closed


def test_speed_and_latency_are_those_of_the_newest_pictures() -> None:
    tally = Tally()
    assert "0 frames/s  latency –" in status(tally, closed=False)
    for number in range(100):
        tally.out(Reason.PROTECTED, number / 10)
        tally.latency.append(90.0)
    for number in range(30):
        tally.out(Reason.PROTECTED, 10 + number / 25)
        tally.latency.append(20.0)
    assert "25 frames/s  latency 20 ms" in status(tally, closed=False)
    assert tally.rate() == pytest.approx(129 / (10 + 29 / 25))
