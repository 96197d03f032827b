"""The panel says what is known and no more, stays in its corner, and goes only to whom it was asked for."""

import numpy as np
import pytest
from scripted import Collector

from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.overlay import FRESH, Overlaid, draw, lines
from deadpan.app.success import Rate, Success, Verdict
from deadpan.app.tally import Tally
from deadpan.models.frame import Image

LABELS = ("negative", "positive", "surprise")
SMILE = np.array([0.1, 0.8, 0.1], np.float32)
FROWN = np.array([0.7, 0.2, 0.1], np.float32)
LEVEL = 200
"""Of the grey pictures that are drawn on: the panel changes each of its pixels."""


@pytest.fixture
def success() -> Success:
    return Success("motion", "ab" * 32, LABELS, ("no sticker", "random place"))


@pytest.fixture
def tally() -> Tally:
    """Sixty pictures at 25 a second, 21 ms late each."""
    tally = Tally()
    for number in range(60):
        tally.out(Reason.PROTECTED, number / 25)
        tally.latency.append(21.0)
    return tally


def told(success: Success, tally: Tally, now: float = 0.0) -> list[str]:
    return [text for text, _ in lines(success, tally, now)]


def test_before_anything_happened_it_says_that_it_watches(success: Success, tally: Tally) -> None:
    first, rate, controls, speed = told(success, tally)
    assert first == "watching for micro-expressions"
    assert rate == "label changed: none yet"
    assert "no sticker none yet" in controls
    assert "random place none yet" in controls
    assert speed == "25 frames/s, latency 21 ms, recognizer motion"


@pytest.mark.parametrize(
    ("protected", "said"),
    [
        (FROWN, "positive 80% -> negative 70%"),
        (SMILE, "positive 80% -> positive 80% (not hidden)"),
        (None, "positive 80% -> no face found"),
    ],
)
def test_a_fresh_event_is_told_label_to_label(
    protected: np.ndarray[tuple[int], np.dtype[np.float32]] | None, said: str, success: Success, tally: Tally
) -> None:
    success.count(Verdict(SMILE, protected, True, None), 10.0)
    assert told(success, tally, 10.0)[0] == said
    assert told(success, tally, 10.0 + FRESH)[0] == said
    assert told(success, tally, 10.1 + FRESH)[0] == "watching for micro-expressions"


def test_few_events_are_called_too_few_and_more_come_with_their_interval(success: Success, tally: Tally) -> None:
    success.fooling, success.none, success.random = Rate(2, 9), Rate(0, 10), Rate(3, 4)
    _, rate, controls, _ = told(success, tally)
    assert rate == "label changed: 2 of 9, too few events"
    assert controls == "controls: no sticker 0% [0%, 28%], n = 10; random place 3 of 4, too few events"
    success.fooling = Rate(5, 10)
    assert told(success, tally)[1] == "label changed: 50% [24%, 76%], n = 10"


def test_what_was_lost_of_the_truth_is_told_only_where_it_is_known(success: Success, tally: Tally) -> None:
    assert not any("right label" in line for line in told(success, tally))
    success.count(Verdict(SMILE, FROWN, True, 1), 0.0)
    assert "right label lost: 1 of 1, too few events" in told(success, tally)


def test_an_event_that_cannot_be_measured_says_why(success: Success, tally: Tally) -> None:
    success.note = "not measurable: the head moved by 20% of its width"
    assert told(success, tally)[0] == success.note


def busy(success: Success) -> None:
    """The most that the panel ever has to say."""
    success.fooling = success.none = success.random = success.attack = success.right = Rate(55, 100)
    success.note = "the meter failed: RecognizerError: " + "a long story " * 10


@pytest.mark.parametrize("size", [(320, 240), (640, 360), (1280, 720), (1920, 1080)])
@pytest.mark.parametrize("much", [False, True])
def test_the_panel_keeps_to_the_lower_left(size: tuple[int, int], much: bool, success: Success, tally: Tally) -> None:
    """All that changes is one full rectangle in the corner: every row and column of it, and no letter outside."""
    if much:
        busy(success)
    picture = np.full((size[1], size[0], 3), LEVEL, np.uint8)
    draw(picture, success, tally, 0.0)
    changed = (picture != LEVEL).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert (rows[-1], columns[0]) == (size[1] - 1, 0)
    panel = changed[rows[0] :, : columns[-1] + 1]
    assert panel.mean(axis=0).min() > 0.8
    assert panel.mean(axis=1).min() > 0.8
    assert rows[0] > size[1] * 0.55, "the face is above it"
    assert (picture[rows[0] :, : columns[-1] + 1].max(axis=2) > 150).mean() > 0.01, "and something is written there"
    assert not (changed[:, -2:]).any(), "the last word is in the picture"


@pytest.mark.parametrize("reason", list(Reason))
def test_only_a_copy_is_drawn_on(reason: Reason, success: Success, tally: Tally, posing: list[Image]) -> None:
    """The shutter holds on to the pictures that went out, and other sinks get the same one."""
    image = posing[0].copy()
    image.flags.writeable = False
    sink = Collector()
    overlaid = Overlaid(sink, success, tally, private=True)
    overlaid.send(Outgoing(image, reason, 1.5))
    (sent,) = sink.sent
    assert (image == posing[0]).all()
    assert not np.shares_memory(sent.image, image)
    assert (sent.image != image).any()
    assert (sent.image[:400] == image[:400]).all()
    assert (sent.reason, sent.time) == (reason, 1.5)
    overlaid.close()
    assert sink.closed == 1


@pytest.mark.parametrize("reason", [each for each in Reason if each is not Reason.PROTECTED])
def test_a_shutter_that_others_see_says_nothing_of_the_clean_face(
    reason: Reason, success: Success, tally: Tally, posing: list[Image]
) -> None:
    sink = Collector()
    outgoing = Outgoing(posing[0], reason, 1.5)
    Overlaid(sink, success, tally, private=False).send(outgoing)
    assert sink.sent == [outgoing]


def test_a_panel_that_cannot_be_drawn_does_not_end_the_call(
    success: Success, tally: Tally, posing: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no font")

    monkeypatch.setattr("deadpan.app.overlay.draw", broken)
    sink = Collector()
    Overlaid(sink, success, tally, private=False).send(Outgoing(posing[0], Reason.PROTECTED, 1.5))
    assert (sink.sent[0].image == posing[0]).all()
    assert success.last_error == "no panel: no font"
