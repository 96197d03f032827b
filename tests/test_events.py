"""The meter's eyesight: what is counted on clips whose truth is known, and how the table says it."""

import json
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from deadpan.app.commands.evaluate import table
from deadpan.app.commands.options import protection
from deadpan.calibration import events
from deadpan.calibration.events import CELLS, Cell, Noticed, Result, row
from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.synthesis import Event
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.reading import ATTENTIVE
from deadpan.models.recognizer import Recognizer
from deadpan.models.spotting import Spotted, Spotter
from deadpan.stickers.protection import StickerProtection


@pytest.fixture(scope="module")
def watched(model: bytes) -> list[Result]:
    """The portrait, sitting, at 2 %, un-coded and through H.264."""
    hiding = protection("band-aid", "paper", None)
    empty = StickerProtection(hiding.plan, hiding.sticker, regions=())
    cells = (Cell("sitting", 0.02), Cell("sitting", 0.02, 300_000))
    still = portrait.clip(1, model).stills[0]
    before = events.SECONDS
    try:
        events.SECONDS = 8.0
        recognizers = [Recognizer.load("motion")]
        return list(events.measure([still], cells, model, recognizers, empty, lambda: None))
    finally:
        events.SECONDS = before


def test_events_are_found_and_timed_and_the_empty_path_changes_nothing(watched: list[Result]) -> None:
    line = row(watched[0], ["motion"])
    assert (line["events"], line["faces"]) == (3, 1)
    assert isinstance(line["found"], float)
    assert line["found"] >= 2 / 3
    assert line["apex_within"] == 1.0
    assert line["control_motion"] == 0.0


def test_a_codec_stands_between_the_person_and_the_control_only(watched: list[Result]) -> None:
    plain, coded = (row(each, ["motion"]) for each in watched)
    assert plain["found"] == coded["found"]
    assert plain["uf1_motion"] == coded["uf1_motion"]
    assert isinstance(coded["uf1_arrived_motion"], float)


def test_a_picture_without_a_face_breaks_what_is_watched_as_it_does_live(
    model: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []

    class Told(Spotter):
        def restart(self) -> None:
            begun.append(len(seen))
            super().restart()

    monkeypatch.setattr(events, "Spotter", Told)
    hiding = protection("band-aid", "paper", None)
    empty = StickerProtection(hiding.plan, hiding.sticker, regions=())
    person = events.clip(portrait.clip(1, model).stills[0], Cell("still", 0.0), 0)
    shown = list(islice(person.pictures(), 7))
    shown[3] = np.zeros_like(shown[3])
    seen: list[Image] = []

    def pictures() -> Iterator[tuple[Image, Image]]:
        for each in shown:
            seen.append(each)
            yield each, each

    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        recognizers = [Recognizer.load("motion")]
        events._watch(person, pictures(), model, landmarker, recognizers, empty, Result(Cell("still", 0.0)))
    assert [each for each in begun if each] == [1, 5]


def test_every_event_that_happened_is_counted_found_or_not() -> None:
    noticed = [Noticed("a", 0, 1, (0,), (0,)), Noticed("a", 1, None), Noticed("b", 2, -5, (1,), (2,))]
    line = row(Result(Cell("quiet", 0.01), noticed, false=2, seconds=120.0), ["one"])
    assert line["events"] == 3
    assert line["found"] == pytest.approx(2 / 3)
    assert line["apex_within"] == 0.5
    assert line["false_per_minute"] == 1.0
    assert line["control_one"] == 0.5


def test_a_spotted_motion_belongs_to_the_event_that_it_overlaps() -> None:
    happened = (Event(40, 46, 52, "positive", (12,), 0.02), Event(100, 106, 112, "surprise", (1, 2), 0.02))

    def spotted(apex: int) -> Spotted:
        return Spotted(apex - 12, apex, apex + 5, 2.0, 0.6)

    assert events._happened(spotted(44), happened) is happened[0]
    assert events._happened(spotted(114), happened) is happened[1]
    assert events._happened(spotted(75), happened) is None


def test_the_table_covers_every_head_and_amplitude_and_a_clip_without_events() -> None:
    heads = {(cell.head, cell.amplitude) for cell in CELLS if not cell.bitrate}
    assert {("still", 0.02), ("quiet", 0.02), ("sitting", 0.02), ("sitting", 0.01), ("sitting", 0.0)} <= heads
    assert sum(cell.bitrate > 0 for cell in CELLS) >= 3


def test_an_empty_row_is_printed_without_figures() -> None:
    line = row(Result(Cell("sitting", 0.0), [], false=1, seconds=144.0), ["motion"])
    printed = table([line], ["motion"])
    assert "| sitting | none | – | 0 | – |" in printed
    assert "| 0.4 [0.0, 2.3] |" in printed
    json.dumps(line)
