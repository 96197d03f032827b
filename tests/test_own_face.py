"""One's own face as a source: what was asked for is what a movement is labelled as, and nothing else becomes a map."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from deadpan.calibration.sources.measuring import store
from deadpan.calibration.sources.own_face import PATIENCE, TOO_FEW, Moment, NoFace, OwnFace
from deadpan.calibration.sources.prompts import LEAST, RESTING, SETTLING, prompts
from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.still import find
from deadpan.calibration.synthetic.synthesis import Clip, Event, head_named
from deadpan.models import maps
from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Frame
from deadpan.models.maps import LABELS

FPS = 15.0
SHOWN = (
    (2.6, "positive", (12,)),  # unasked
    (4.6, "surprise", (1, 2)),
    (6.1, "positive", (12,)),  # a second movement to the same prompt
    (8.8, "positive", (6, 12)),  # slow: the prompt has gone, and what is asked for is rest
    (11.2, "negative", (9,)),
)
"""Seconds of the onset, class and action units."""


@pytest.fixture(scope="module")
def person(model: bytes) -> Clip:
    still = find("collins", portrait.photograph(), model, near=(222, 115)).scaled(130).framed((320, 240))
    events = []
    for at, label, units in SHOWN:
        onset = round(at * FPS)
        events.append(Event(onset, onset + 3, onset + 6, label, units, 0.025))
    head, length = head_named("quiet"), round((LEAST + 0.2) * FPS)
    return Clip("own", "collins", (still,), length, tuple(events), head=head, size=(320, 240), fps=FPS, noise=1.5)


def camera(person: Clip) -> Iterator[Frame | None]:
    yield None
    for index, picture in enumerate(person.pictures()):
        yield Frame(picture, index, 100 + index / FPS, 0.0)
        if index % 40 == 0:
            yield None


@pytest.fixture(scope="module")
def watched(person: Clip, model: bytes) -> tuple[list[Moment], maps.Maps]:
    with OwnFace(model, LEAST) as own:
        moments = [own.step(frame) for frame in camera(person)]
        return moments, own.maps()


def test_each_movement_is_labelled_by_its_prompt(watched: tuple[list[Moment], maps.Maps]) -> None:
    moments, found = watched
    assert [LABELS[label] for label in found.label] == ["surprise", "positive", "negative"]
    assert [name.partition(" s ")[2] for name in found.clip] == ["raise your brows", "smile", "frown"]
    assert set(found.subject) == {"you"}
    assert moments[-1].usable == 3 < TOO_FEW


def test_what_moved_is_what_is_on_the_maps(watched: tuple[list[Moment], maps.Maps]) -> None:
    strain = watched[1].motion[..., 0].astype(float)
    brows, mouth = strain[:, :8].mean(axis=(1, 2)), strain[:, 16:24].mean(axis=(1, 2))
    assert brows[0] > 2 * mouth[0]
    assert mouth[1] > 2 * brows[1]


def test_the_user_is_told_what_to_do_and_what_came_of_it(watched: tuple[list[Moment], maps.Maps]) -> None:
    moments, _ = watched
    texts = list(dict.fromkeys(each.text for each in moments if each.label is not None))
    assert texts == ["Raise your brows, briefly.", "Smile, briefly.", "Frown, briefly."]
    assert moments[0].text == "Look at the camera."
    assert moments[5].text == RESTING
    shares = [each.share for each in moments]
    assert shares == sorted(shares)
    assert (moments[-1].share, moments[-1].done) == (1.0, True)
    unasked = next(each for each in moments if each.note)
    assert (unasked.note, unasked.usable) == ("you moved while nothing was asked for", 0)
    assert next(each.usable for each in moments if each.note == "good") == 1
    asked = [each.note for each in moments if each.label is not None]
    assert set(asked[-10:]) == {"", "good"}


def test_a_movement_that_is_held_is_read_by_its_beginning(person: Clip, model: bytes) -> None:
    """The live meter leaves it out as no micro-expression; who was asked to raise his brows did."""
    onset, length = round(4.6 * FPS), round(6.2 * FPS)
    held = replace(person, events=(Event(onset, onset + 3, onset + 60, "surprise", (1, 2), 0.025),), length=length)
    with OwnFace(model, LEAST) as own:
        moments = [own.step(frame) for frame in camera(held)]
    assert [(each.usable, each.note) for each in moments[-1:]] == [(1, "good")]


def test_a_prompt_that_nothing_followed_is_mentioned(person: Clip, model: bytes) -> None:
    picture = next(person.pictures())
    with OwnFace(model, LEAST) as own:
        notes = [own.step(Frame(picture, index, index, 0.0)).note for index in range(10)]
    assert notes == [""] * 8 + ["nothing was seen: move a little more"] * 2


def test_what_is_kept_can_be_given_back(watched: tuple[list[Moment], maps.Maps], tmp_path: Path) -> None:
    store(watched[1], tmp_path / "own.npz")
    assert maps.load(tmp_path / "own.npz").sha256 == watched[1].sha256


def test_pictures_are_let_go(person: Clip, model: bytes) -> None:
    with OwnFace(model, LEAST) as own:
        picture = next(person.pictures())
        for index in range(8):
            own.step(Frame(picture, index, index / 2, 0.0))
        assert len(own._kept) == 4
    assert not own._kept


def test_nobody_before_the_camera_is_one_line(model: bytes) -> None:
    empty = np.full((240, 320, 3), 90, np.uint8)
    with OwnFace(model) as own:
        assert not own.step(Frame(empty, 0, 5.0, 0.0)).done
        with pytest.raises(NoFace, match="no face for 20 s"):
            own.step(Frame(empty, 1, 5.1 + PATIENCE, 0.0))


def test_someone_who_never_moved_is_one_line(person: Clip, model: bytes) -> None:
    picture = next(person.pictures())
    with OwnFace(model, LEAST) as own:
        own.step(Frame(picture, 0, 0.0, 0.0))
        assert own.step(Frame(picture, 1, LEAST, 0.0)).done
        assert own.usable == 0
        with pytest.raises(NoFace, match="none of your movements could be read"):
            own.maps()


def test_prompts_ask_for_all_classes_evenly_and_for_rest_between() -> None:
    listed = prompts(60)
    asked = [each for each in listed if each.label is not None]
    counts = np.bincount([each.label for each in asked if each.label is not None], minlength=3)
    assert counts.max() - counts.min() <= 1
    assert len(asked) > TOO_FEW
    assert [each.label for each in listed[::2]] == [None] * (len(asked) + 1)
    assert asked[0].start == SETTLING
    assert all(one.until <= other.start for one, other in pairwise(asked))
    assert asked[-1].until <= 60
    with pytest.raises(DeadpanError, match="5 s for the prompts; expected at least 14"):
        prompts(5)
