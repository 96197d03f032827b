"""What the meter counts, of every event on both pictures, and of its controls."""

from dataclasses import replace

import numpy as np
import pytest
from elsewhere import Pedant, PedantOfClips
from metered import EVENTS, FPS, LABELS, TRUTH, Play, Result, Take, assert_same, protection

from deadpan.app import meter as meters
from deadpan.app.exchange import Cut
from deadpan.app.meter import Meter
from deadpan.app.outgoing import Reason
from deadpan.models.face import Sighting
from deadpan.models.recognizer import Recognizer
from deadpan.stickers import plan as plans
from deadpan.stickers import sticker as stickers
from deadpan.stickers.regions import NAMES
from deadpan.stickers.sticker import Sticker
from deadpan.stickers.still import SkinProtection

NINE = tuple(name for name in NAMES if "brow" in name or "lip" in name or name in ("glabella", "mouth", "chin"))


@pytest.fixture(scope="module")
def plain(play: Play) -> Result:
    """The run on which nothing is wrong."""
    return play(truth=TRUTH)


def test_each_event_is_spotted_read_and_counted(plain: Result) -> None:
    success = plain.success
    assert (success.events, success.fooling.n, success.skipped, success.errors) == (len(EVENTS), len(EVENTS), 0, 0)
    assert success.newest is not None
    assert success.newest.clean.shape == (len(success.labels),)
    assert success.newest.clean.sum() == pytest.approx(1, abs=1e-3)
    assert success.labels == LABELS
    assert 78 / FPS < success.newest_at < 89 / FPS, "the second one"


def test_a_record_that_does_not_hold_what_is_told_of_it_says_so() -> None:
    """A cut-out that the picture's edge has cut is no square any more."""
    cut = Cut(0, 0.0, (0, 0, 720, 0), (0.0, 0.0, 0.0), False)
    with pytest.raises(ValueError, match=r"1000 bytes; expected 1559048 with cut-outs of 720 px a side"):
        cut.arrays(np.zeros(1000, np.uint8), 3)


def test_the_truth_is_known_by_the_apexs_time(plain: Result) -> None:
    success = plain.success
    assert success.right.n == len(EVENTS)
    assert success.right.hits >= 1, "at 3 % of the face's width some are read rightly"
    assert success.attack.n == success.right.hits


def test_without_a_sticker_nothing_ever_changes(plain: Result, play: Play) -> None:
    """Un-coded, the control without a sticker is exactly 0: the same pictures always give the same map."""
    assert (plain.success.none.hits, plain.success.none.n) == (0, len(EVENTS))
    success = play(Pedant()).success
    assert (success.none.hits, success.none.n) == (0, len(EVENTS))
    assert success.fooling.hits == success.random.hits == len(EVENTS), "it does mind a sticker, wherever it is"


def test_a_recognizer_of_clips_is_shown_clips_of_each_event(play: Play) -> None:
    """What it is shown follows from the pictures alone, too: without a sticker nothing changes."""
    success = play(PedantOfClips()).success
    assert (success.events, success.errors) == (len(EVENTS), 0), success.last_error
    assert (success.none.hits, success.none.n) == (0, len(EVENTS))
    assert success.fooling.hits == success.random.hits == len(EVENTS)


def test_bent_skin_has_controls_of_its_own(take: Take, model: bytes) -> None:
    """At strength 0 no pixel changes, and the random one is the decoy; the meter changes nothing for the viewer."""

    def still() -> SkinProtection:
        return SkinProtection(plans.load("paper"), stickers.load("band-aid"), 1.0, 0.5, seed=1)

    meter = Meter(Pedant(), model, still(), wait=True)
    assert_same(take.play(still(), meter, {}), take.play(still(), None, {}))
    meter.close()
    success = meter.success
    assert success.controls == ("nothing bent", "random motion")
    assert success.errors == 0
    assert (success.none.hits, success.none.n) == (0, len(EVENTS))
    assert success.fooling.hits == success.random.hits == len(EVENTS)


def test_an_idle_meter_runs_both_controls_on_every_event(plain: Result) -> None:
    assert plain.success.random.n == plain.success.none.n == plain.success.fooling.n


def test_the_meter_on_changes_nothing_that_is_sent_nor_any_clean_frame(plain: Result, take: Take) -> None:
    assert_same(plain.sent, take.sent)
    for frame, _, _ in take.offered:
        assert frame.image is take.pictures[frame.index]
        assert not frame.image.flags.writeable, "a write to it would have raised"


def test_nine_large_stickers_are_noticed(play: Play) -> None:
    """And a truth that is half a second off is none."""
    nine = plans.load("paper").model_copy(update={"regions": NINE, "k": 3.0})
    success = play(plan=nine, truth=[(at + 0.5, label) for at, label in TRUTH]).success
    assert success.events == success.fooling.n == len(EVENTS), "what is spotted is spotted on the clean side"
    assert success.fooling.hits + success.unseen + success.unread > 0
    assert success.none.hits == 0
    assert success.right.n == 0
    assert success.summary()["asr"] is None


def test_the_controls_follow_a_change_of_the_sticker(model: bytes, take: Take) -> None:
    """Keys change it while the loop runs. Here only the meter is told: a pane of glass changes nothing, anywhere."""
    told = protection()
    meter = Meter(Pedant(), model, told, wait=True)
    told.sticker = Sticker("glass", np.zeros_like(told.sticker.pixels))
    take.play(protection(), meter, {})
    meter.close()
    assert (meter.success.random.hits, meter.success.random.n) == (0, len(EVENTS))
    assert meter.success.fooling.hits == len(EVENTS), "what went out had a real one"


def test_a_sticker_too_large_to_hand_over_only_ends_the_controls(
    model: bytes, take: Take, motion: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hiding = protection()
    meter = Meter(motion, model, hiding, wait=True)
    monkeypatch.setattr(meters, "ROOM", 100_000)
    hiding.sticker = Sticker("enormous", hiding.sticker.pixels)
    take.play(hiding, meter, {})
    meter.close()
    assert (meter.success.fooling.n, meter.success.random.n, meter.success.errors) == (len(EVENTS), 0, 0)


def test_an_event_with_a_held_frame_in_it_is_not_measurable(play: Play, take: Take) -> None:
    """A picture that went out instead of another says nothing about that other one."""
    missing = {76: replace(take.sightings[76], lost=1)}
    result = play(truth=TRUTH, instead=missing)
    assert result.sent[76].reason is Reason.HELD
    assert (result.success.events, result.success.fooling.n) == (len(EVENTS), len(EVENTS) - 1)
    assert result.success.none.n == len(EVENTS) - 1
    assert result.success.note == "not measurable: some of its frames were held or shuttered"


def test_an_event_in_which_the_face_is_lost_is_no_event(play: Play, take: Take) -> None:
    gap = {index: Sighting(index, ()) for index in (76, 77)}
    result = play(instead=gap)
    assert result.success.events == result.success.fooling.n == len(EVENTS) - 1
