"""Spotting: what moves and goes back is noticed, what is still or only blinks or sways is not."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.still import Still
from deadpan.calibration.synthetic.synthesis import Clip, Event, head_named, session
from deadpan.models.face import Points
from deadpan.models.frame import Frame, Image
from deadpan.models.motion import CROP
from deadpan.models.spotting import LARGEST, LONGEST, STAYED, Spotted, Spotter, activity
from deadpan.models.tracker import FaceTracker

Seen = tuple[list[Image], list[Points]]


def watched(clip: Clip, model: bytes) -> Seen:
    """A clip's pictures, and the landmarks that the live tracker finds on them."""
    tracker = FaceTracker(model)
    pictures = list(clip.pictures())
    marks = [tracker.track(Frame(each, i, i / 30, 0.0)).faces[0].landmarks for i, each in enumerate(pictures)]
    tracker.close()
    return pictures, marks


def spots(seen: Seen, spotter: Spotter | None = None, frames: Sequence[int] | None = None) -> list[Spotted]:
    spotter = spotter or Spotter()
    numbers = range(len(seen[0])) if frames is None else frames
    steps = (spotter.step(seen[0][i], seen[1][i], i, i / 30) for i in numbers)
    return [spotted for spotted in steps if spotted is not None]


@pytest.fixture(scope="module")
def still(model: bytes) -> Still:
    return portrait.clip(1, model).stills[0]


def acting(still: Still, events: tuple[Event, ...], length: int, head: str = "sitting", **more: object) -> Clip:
    return Clip("test", "collins", (still,), length, events, head=head_named(head), seed=3, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def smiling(still: Still, model: bytes) -> Seen:
    """A smile of 2 % of the face's width at frame 52, then raised brows at 112, a head that sways."""
    smile = Event(46, 52, 58, "positive", (12,), 0.02)
    brows = Event(105, 112, 117, "surprise", (1, 2), 0.02)
    return watched(acting(still, (smile, brows), 140), model)


def test_each_event_is_spotted_once_and_its_apex_timed(smiling: Seen) -> None:
    found = spots(smiling)
    assert [abs(spotted.apex - apex) <= 3 for spotted, apex in zip(found, (52, 112), strict=True)] == [True, True]
    for spotted, onset in zip(found, (46, 105), strict=True):
        assert spotted.onset <= onset + 1
        assert spotted.measurable
        assert spotted.activity > spotted.threshold


def test_spotting_knows_only_the_past(smiling: Seen) -> None:
    whole = spots(smiling)
    for end in (60, 75, 118):
        prefix = spots(smiling, frames=range(end))
        assert [each.apex for each in prefix] == [each.apex for each in whole if each.offset < end]


def test_a_swaying_head_without_events_is_quiet_even_when_it_blinks(still: Still, model: bytes) -> None:
    clip = session(still, 8, events_per_minute=0, head="sitting", seed=5, blinks=True)
    assert len(clip.blinks) >= 1
    assert spots(watched(clip, model)) == []


def test_what_stays_is_reported_within_the_longest_time_and_is_not_measurable(still: Still, model: bytes) -> None:
    """An expression that is held is over for the spotter when a micro-expression would be, but it is none."""
    held = Event(46, 54, 140, "positive", (12,), 0.02)
    found = spots(watched(acting(still, (held,), 90, head="quiet"), model))
    assert found
    assert found[0].offset <= 46 + round((LONGEST + 0.2) * 30)
    assert not found[0].measurable
    assert found[0].why == STAYED


def test_a_gap_forgets_the_face_but_not_the_noise_floor(smiling: Seen) -> None:
    spotter = Spotter()
    assert spotter.floor is None
    spots(smiling, spotter, range(40))
    floor = spotter.floor
    assert floor is not None
    spotter.restart()
    assert spotter.floor == floor
    assert spotter.step(smiling[0][52], smiling[1][52], 52, 52 / 30) is None  # nothing to compare the apex with


def test_a_grimace_and_a_moving_head_are_not_measurable(still: Still, model: bytes) -> None:
    wide = Event(46, 56, 66, "positive", (12,), 0.16)
    found = spots(watched(acting(still, (wide,), 80, head="still"), model))
    assert found
    assert not found[0].measurable
    assert found[0].activity > LARGEST
    assert "too far" in found[0].why


def test_activity_is_blind_to_the_head_and_to_the_lids_but_not_to_brows() -> None:
    x, y = np.meshgrid(np.arange(CROP) / CROP, np.arange(CROP) / CROP)

    def bump(cx: float, cy: float, reach: float = 0.06) -> np.ndarray:
        height = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * reach**2))
        return np.dstack([0 * height, -3 * height]).astype(np.float32)

    head = np.dstack([2 + 3 * x - y, 1 + y + x]).astype(np.float32)
    assert activity(head) < 0.05
    assert activity(bump(0.22, 0.29, 0.035) + bump(0.77, 0.29, 0.035)) < 0.3
    brows = bump(0.24, 0.12) + bump(0.74, 0.12)
    assert activity(brows) > 0.8
    assert activity(brows + head) == pytest.approx(activity(brows), rel=0.15)


def test_a_brighter_room_is_no_event(still: Still, model: bytes) -> None:
    pictures, marks = watched(acting(still, (), 60, head="quiet"), model)
    brighter = [cv2.convertScaleAbs(each, alpha=1.0, beta=25.0 * (i >= 40)) for i, each in enumerate(pictures)]
    assert spots(([np.asarray(each, np.uint8) for each in brighter], marks)) == []
