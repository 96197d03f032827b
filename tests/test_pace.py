"""A loop that is late works on smaller pictures, says so, and shows no more than before."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from deadpan.app.commands.status import status
from deadpan.app.commands.summary import told
from deadpan.app.loop import Session, run
from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.pace import CALM, LEAST, WINDOW, Pace, grown
from deadpan.models.face import Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.motion import crop, flow
from deadpan.models.tracker import FaceTracker
from deadpan.stickers import plan, sticker
from deadpan.stickers.protection import StickerProtection
from deadpan.stickers.still import SkinProtection

SIZE = (1280, 720)
PERIOD = 1 / 30


class Machine:
    """A camera that gives a picture each `PERIOD`, the newest one only, and a loop that works on each for a while."""

    def __init__(self, pace: Pace, period: float = PERIOD) -> None:
        self._pace, self._period = pace, period
        self._picture = np.zeros((pace.size[1], pace.size[0], 3), np.uint8)
        self._free, self._last = 0.0, -1

    def run(self, seconds: float, work: float) -> tuple[int, int]:
        """The size of the last picture that was worked on."""
        end, taken = self._free + seconds, self._picture
        while self._free < end:
            self._last = max(self._last + 1, int(self._free / self._period + 1e-6))
            captured = self._last * self._period
            taken = self._pace.take(Frame(self._picture, self._last, captured, 0.0)).image
            self._free = max(self._free, captured) + work
            self._pace.sent(self._free)
        return taken.shape[1], taken.shape[0]


def pace(size: tuple[int, int] = SIZE, *, gains: bool = True) -> Pace:
    return Pace(size, gains=gains)


def test_a_loop_that_keeps_up_works_on_the_cameras_own_pictures() -> None:
    assert Machine(pace()).run(10, 0.9 * PERIOD) == SIZE


def test_a_loop_that_does_not_keep_up_works_on_smaller_ones() -> None:
    machine = Machine(pace())
    assert machine.run(0.9 * WINDOW, 1.3 * PERIOD) == SIZE
    assert machine.run(0.5 * WINDOW, 1.3 * PERIOD) == (640, 360)


def test_a_single_pause_makes_nobody_late() -> None:
    machine = Machine(pace())
    for _ in range(5):
        machine.run(0.6 * WINDOW, 0.7 * PERIOD)
        assert machine.run(0.01, 12 * PERIOD) == SIZE


def test_a_camera_that_gives_fewer_pictures_than_it_says_makes_nobody_late() -> None:
    """In the dark many give 15 a second: a loop that would be late for 30 is not late for these."""
    assert Machine(pace(), 2 * PERIOD).run(10, 1.3 * PERIOD) == SIZE


def test_it_comes_back_when_there_has_been_room_for_a_while_and_is_slower_to_when_that_did_not_last() -> None:
    machine = Machine(pace())
    machine.run(2 * WINDOW, 1.3 * PERIOD)
    assert machine.run(10 * WINDOW, 0.8 * PERIOD) == (640, 360), "too little room for four times the pixels"
    assert machine.run((CALM - 2) * WINDOW, 0.5 * PERIOD) == (640, 360)
    assert machine.run(3.5 * WINDOW, 0.5 * PERIOD) == SIZE
    assert machine.run(2.5 * WINDOW, 1.3 * PERIOD) == (640, 360)
    assert machine.run((2 * CALM - 2) * WINDOW, 0.5 * PERIOD) == (640, 360)
    assert machine.run(3.5 * WINDOW, 0.5 * PERIOD) == SIZE


def test_no_picture_gets_smaller_than_what_faces_are_found_in_or_where_nothing_is_gained() -> None:
    assert Machine(pace()).run(20, 5 * PERIOD) == (640, 360)
    assert Machine(pace((800, 2 * LEAST - 2))).run(10, 3 * PERIOD) == (800, 2 * LEAST - 2)
    assert Machine(pace(gains=False)).run(10, 3 * PERIOD) == SIZE


def test_a_camera_in_the_dark_comes_back_too() -> None:
    """Between its frames the loop hears that there is none; that is waiting, no interruption."""
    watched = pace()
    Machine(watched).run(2 * WINDOW, 1.3 * PERIOD)
    watched.restart()
    assert Machine(watched, 4 * PERIOD).run((CALM + 2) * WINDOW, PERIOD) == SIZE


def test_an_interruption_counts_neither_way() -> None:
    watched = pace()
    Machine(watched).run(0.9 * WINDOW, 1.3 * PERIOD)
    watched.restart()
    assert Machine(watched).run(0.9 * WINDOW, 1.3 * PERIOD) == SIZE


def test_what_goes_out_is_as_large_as_ever() -> None:
    whole = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    large, small = (Outgoing(image, Reason.PROTECTED, 0.0) for image in (whole, whole[:360, :640]))
    assert grown(large, SIZE) is large
    assert grown(small, SIZE).image.shape == whole.shape


# Through the loop.


class Behind:
    """A camera whose clock says that the next picture has been waiting for half a period when the last went out."""

    fps = 1 / PERIOD

    def __init__(self, pictures: Sequence[Image]) -> None:
        self.size = (pictures[0].shape[1], pictures[0].shape[0])
        self._pictures = pictures
        self._time = 0.0

    def __iter__(self) -> Iterator[Frame | None]:
        for index, picture in enumerate(self._pictures):
            self._time = 2 * PERIOD * index
            yield Frame(picture, index, self._time, 0.0)

    def now(self) -> float:
        return self._time + 2.5 * PERIOD

    def close(self) -> None: ...


class Notes:
    """A sink and a witness: what went out, and which faces were known."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.sizes: list[tuple[int, int]] = []
        self.tracks: set[int] = set()

    def send(self, outgoing: Outgoing) -> None:
        self.sent.append(outgoing)

    def offer(self, frame: Frame, sighting: Sighting, outgoing: Outgoing) -> None:
        assert outgoing.image.shape == frame.image.shape
        self.sizes.append(frame.size)
        self.tracks |= {face.track for face in sighting.faces}

    def close(self) -> None: ...


def late(tracker: FaceTracker, posing: list[Image], protection: SkinProtection | StickerProtection) -> Notes:
    """What a session of the portrait, sitting still before a camera's noise, comes to when it is late."""
    random, notes = np.random.default_rng(0), Notes()
    noisy = [cv2.add(posing[0], random.integers(0, 5, posing[0].shape, np.uint8)) for _ in range(40)]
    session = Session(Behind(noisy), tracker, protection, [notes], witness=notes)
    tally = run(session)
    assert tally.unvouched == tally.errors == 0
    assert {outgoing.reason for outgoing in notes.sent[1:]} == {Reason.PROTECTED}, "also on the frame of the change"
    assert {outgoing.image.shape for outgoing in notes.sent} == {posing[0].shape}
    assert len(notes.tracks) == 1, "the same face, so that nothing of it starts anew"
    smaller = sum(size != (960, 720) for size in notes.sizes)
    assert tally.smaller == smaller
    assert ("slow: works on 480×360" in status(tally, closed=False)) == (smaller > 0)
    assert (f"{smaller} frames were made smaller first" in told(tally, protection)) == (smaller > 0)
    return notes


def test_the_change_of_size_holds_back_no_frame_and_does_not_show(tracker: FaceTracker, posing: list[Image]) -> None:
    notes = late(tracker, posing, SkinProtection(plan.load("paper"), sticker.load("star"), 1.0, 0.0))
    change = notes.sizes.index((480, 360))
    assert 0 < change == len(notes.sizes) - notes.sizes.count((480, 360))
    (face,) = tracker.track(Frame(posing[0], 0, 99.0, 0.0)).faces
    before, after = (crop(notes.sent[n].image, face.landmarks, face.landmarks) for n in (change - 1, change))
    assert float(np.percentile(np.linalg.norm(flow(before, after), axis=2), 95)) < 0.4, "px of the crop, of 168"


def test_stickers_are_not_worth_a_smaller_picture(tracker: FaceTracker, posing: list[Image]) -> None:
    notes = late(tracker, posing, StickerProtection(plan.load("calibrated"), sticker.load("star")))
    assert set(notes.sizes) == {(960, 720)}
