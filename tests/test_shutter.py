"""The stand-in: this session's last protected picture for a moment, then a picture that no camera took."""

import numpy as np
import pytest

from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.shutter import HOLD, Shutter, shutter_picture


def protected(time: float, level: int = 200) -> Outgoing:
    return Outgoing(np.full((72, 128, 3), level, np.uint8), Reason.PROTECTED, time)


@pytest.mark.parametrize(
    ("width", "height"), [(1280, 720), (720, 1280), (640, 640), (2000, 60), (60, 2000), (641, 361), (2, 2)]
)
def test_the_picture_fills_every_shape_of_frame(width: int, height: int) -> None:
    picture = shutter_picture(width, height)
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.uint8
    assert picture.flags.c_contiguous
    edges = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    assert edges.max(axis=1).min() > 0  # no black bars: the picture reaches every edge


def test_the_picture_keeps_its_proportions() -> None:
    """The middle square of a wide and a tall picture of the same scale shows the same."""
    wide = shutter_picture(1280, 720)[:, 280:1000]
    assert np.array_equal(wide, shutter_picture(720, 720))


def test_the_picture_says_something() -> None:
    assert shutter_picture(1280, 720).std() > 5


def test_the_shutter_holds_no_pixel_of_any_camera() -> None:
    """It is the same picture whatever the session has seen."""
    seen = Shutter(128, 72)
    for level in range(0, 250, 50):
        seen.keep(protected(level / 100, level))
    fresh = Shutter(128, 72)
    assert np.array_equal(seen.closed(9.0).image, fresh.closed(0.0).image)
    assert np.array_equal(seen.closed(9.0).image, shutter_picture(128, 72))
    assert seen.closed(9.0).reason is Reason.SHUTTERED


def test_nobody_can_draw_on_the_picture_that_all_sessions_share() -> None:
    with pytest.raises(ValueError, match="read-only"):
        shutter_picture(128, 72)[0, 0] = 0


def test_the_last_protected_picture_stands_in_for_a_moment() -> None:
    shutter = Shutter(128, 72)
    shutter.keep(protected(9.0, 10))
    last = protected(10.0)
    shutter.keep(last)
    held = shutter.stand_in(10.0 + HOLD)
    assert held.image is last.image
    assert (held.reason, held.time) == (Reason.HELD, 10.0)


def test_nothing_is_held_longer_than_the_promise() -> None:
    shutter = Shutter(128, 72)
    shutter.keep(protected(10.0))
    reasons = [shutter.stand_in(10.0 + tick * HOLD / 4).reason for tick in range(8)]
    assert reasons == [Reason.HELD] * 5 + [Reason.SHUTTERED] * 3


def test_a_picture_once_let_go_does_not_come_back() -> None:
    shutter = Shutter(128, 72)
    shutter.keep(protected(10.0))
    assert shutter.stand_in(10.0 + 2 * HOLD).reason is Reason.SHUTTERED
    assert shutter.stand_in(10.1).reason is Reason.SHUTTERED


def test_a_clock_that_jumps_back_closes_the_shutter() -> None:
    shutter = Shutter(128, 72)
    shutter.keep(protected(10.0))
    assert shutter.stand_in(9.9).reason is Reason.SHUTTERED


def test_a_dropped_picture_is_forgotten_at_once() -> None:
    shutter = Shutter(128, 72)
    shutter.keep(protected(10.0))
    shutter.drop()
    assert shutter.stand_in(10.0).reason is Reason.SHUTTERED


def test_no_session_sees_a_frame_of_another() -> None:
    earlier = Shutter(128, 72)
    earlier.keep(protected(10.0))
    later = Shutter(128, 72)
    assert later.stand_in(10.0).reason is Reason.SHUTTERED
    assert earlier.stand_in(10.0).reason is Reason.HELD
