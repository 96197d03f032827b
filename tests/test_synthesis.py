"""What a synthetic clip shows is what its truth says."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from deadpan.calibration.synthetic import portrait, synthesis
from deadpan.calibration.synthetic.eyelids import Blink, closed
from deadpan.calibration.synthetic.head import HEADS, RISE
from deadpan.calibration.synthetic.still import Still, find
from deadpan.calibration.synthetic.synthesis import Clip, Event
from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Image


@pytest.fixture(scope="module")
def still(model: bytes) -> Still:
    """The portrait, its face 220 px wide."""
    return find("collins", portrait.photograph(), model).scaled(220).framed((640, 480))


def clip(still: Still, *events: Event, length: int = 12, **more: object) -> Clip:
    """A clip without head motion and noise, unless told."""
    return replace(Clip("test", "collins", (still,), length, events, noise=0), **more)  # type: ignore[arg-type]


def smile(amplitude: float = 0.04, units: tuple[int, ...] = (6, 12)) -> Event:
    """An event over eleven frames."""
    return Event(2, 6, 10, "positive", units, amplitude)


@pytest.mark.parametrize("units", [(1, 2), (6, 12), (17,), (9,), (15, 17), (12,)], ids=str)
def test_optical_flow_measures_the_displacement_that_the_truth_says(units: tuple[int, ...], still: Still) -> None:
    made = clip(still, smile(units=units))
    onset, apex = (cv2.cvtColor(list(made.pictures())[at], cv2.COLOR_BGR2GRAY) for at in (2, 6))
    # Backwards: the truth at a pixel of the apex says where its content has come from.
    dense = -cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(apex, onset, None)
    left, top = made.origin.astype(int)
    true = made.displacement(6)[top : top + 480, left : left + 640]
    length = np.linalg.norm(true, axis=2)
    assert float(length.max()) == pytest.approx(0.04 * still.face.width, rel=1e-3)
    most = length > 0.8 * length.max()
    assert (dense * true).sum(axis=2)[most].sum() / (true**2).sum(axis=2)[most].sum() == pytest.approx(1, abs=0.15)


def test_outside_the_face_and_outside_the_event_nothing_moves(still: Still) -> None:
    pictures = list(clip(still, smile()).pictures())
    for at in (0, 1, 2, 10, 11):
        np.testing.assert_array_equal(pictures[at], pictures[0])
    left, top = clip(still).origin
    box = [round(side) for side in still.face.box]
    outside = np.ones(pictures[0].shape[:2], bool)
    outside[box[1] - int(top) - 2 : box[3] - int(top) + 3, box[0] - int(left) - 2 : box[2] - int(left) + 3] = False
    assert outside.mean() > 0.5
    np.testing.assert_array_equal(pictures[6][outside], pictures[0][outside])
    assert (pictures[6] != pictures[0]).any()


def test_an_event_grows_to_its_apex_and_goes_back() -> None:
    event = Event(10, 17, 22, "positive", (12,), 0.02)
    course = [event.activation(at) for at in range(8, 25)]
    assert course[:3] == [0, 0, 0]
    assert course[9] == 1
    assert course[14:] == [0, 0, 0]
    assert all(np.diff(course[2:10]) > 0)
    assert all(np.diff(course[9:15]) < 0)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(still: Still) -> None:
    first, again, other = (synthesis.session(still, 3, seed=seed) for seed in (4, 4, 5))
    assert first.truth() == again.truth()
    assert first.digest() == again.digest() != other.digest()


def test_the_noise_is_as_strong_as_is_said(still: Still) -> None:
    (quiet,) = clip(still, length=1).pictures()
    one, two = list(clip(still, length=2, noise=2.0).pictures())
    middle = (quiet > 20) & (quiet < 235)
    assert (one.astype(int) - quiet)[middle].std() == pytest.approx(2, abs=0.1)
    assert (one.astype(int) - two)[middle].std() == pytest.approx(2 * 2**0.5, abs=0.15)


def test_the_head_moves_the_whole_picture_by_what_its_path_says(still: Still) -> None:
    made = clip(still, length=7, head=HEADS["sitting"], seed=3)
    pictures: list[Image] = list(made.pictures())
    path = made.head.path(np.array([0, 0.2]), still.face.width, 3)
    spots = cv2.goodFeaturesToTrack(cv2.cvtColor(pictures[0], cv2.COLOR_BGR2GRAY), 300, 0.01, 8)
    there, found, _ = cv2.calcOpticalFlowPyrLK(pictures[0], pictures[6], spots, None)
    moved, _ = cv2.estimateAffinePartial2D(spots[found == 1], there[found == 1])
    turn, scale = np.degrees(np.arctan2(moved[1, 0], moved[0, 0])), np.hypot(moved[0, 0], moved[1, 0])
    assert turn == pytest.approx(path[1, 2] - path[0, 2], abs=0.05)
    assert np.log(scale) == pytest.approx(path[1, 3] - path[0, 3], abs=0.001)


def test_a_session_shows_all_three_classes_after_quiet_and_apart(still: Still) -> None:
    made = synthesis.session(still, 60, events_per_minute=24, seed=1)
    labels = [event.label for event in made.events]
    assert len(labels) == 24
    assert [labels.count(label) for label in ("negative", "positive", "surprise")] == [8, 8, 8]
    assert made.events[0].onset >= 2 * made.fps
    assert made.events[-1].offset < made.length
    for before, after in zip(made.events, made.events[1:], strict=False):
        assert after.onset - before.offset >= 1.5 * made.fps - 1
    for event in made.events:
        assert 0.2 <= (event.offset - event.onset) / made.fps <= 0.52
    assert np.mean([e.apex - e.onset for e in made.events]) / made.fps == pytest.approx(RISE, abs=0.03)
    assert json.loads(json.dumps(made.truth()))["events"][3]["label"] == labels[3]


def test_a_control_and_a_session_too_short_hold_no_event(still: Still) -> None:
    assert synthesis.session(still, 30, events_per_minute=0).events == ()
    assert synthesis.session(still, 0.5).events == ()


def test_only_what_is_asked_for_is_shown(still: Still) -> None:
    made = synthesis.session(still, 20, expressions=[(1, 4)], amplitude=0.01)
    assert {(event.action_units, event.label, event.amplitude) for event in made.events} == {((1, 4), "negative", 0.01)}
    with pytest.raises(DeadpanError, match="head wild: expected one of still, quiet, sitting"):
        synthesis.session(still, 20, head="wild")


def test_a_clip_is_animated_frame_by_frame_and_ends_with_it(still: Still) -> None:
    shifted = Still("collins", np.roll(still.image, 9, axis=1), still.face)
    made = synthesis.session((still, shifted), 8, head="still", noise=0, blinks=False)
    first, second = made.pictures()
    np.testing.assert_array_equal(second[:, 9:], first[:, :-9])


def test_a_blink_shuts_the_eyes_and_leaves_the_rest(still: Still) -> None:
    made = clip(still, blinks=(Blink(1, 8),))
    pictures = list(made.pictures())
    shut = max(range(12), key=made.blinks[0].closure)
    irises = (still.face.landmarks[[468, 473]] - made.origin).round().astype(int)
    for x, y in irises:
        assert np.abs(pictures[shut][y, x].astype(int) - pictures[0][y, x]).max() > 30
    x, y = (still.face.landmarks[152] - made.origin).round().astype(int)
    np.testing.assert_array_equal(pictures[shut][y, x], pictures[0][y, x])
    np.testing.assert_array_equal(pictures[8], pictures[0])


def test_lids_move_down_only_and_only_around_the_eyes(still: Still) -> None:
    height, width = still.image.shape[:2]
    moved = closed(still.face, (width, height), 1.0)
    assert float((moved @ still.face.down).min()) >= 0
    assert (np.linalg.norm(moved, axis=2) > 0).mean() < 0.03


def test_the_portraits_clip_shows_one_of_each_in_eight_seconds(model: bytes) -> None:
    made = portrait.clip(8, model)
    assert sorted(event.label for event in made.events) == ["negative", "positive", "surprise"]
    assert next(made.pictures()).shape == (720, 960, 3)
