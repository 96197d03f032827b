"""Stickers on the pictures themselves: what lies under one cannot be read any more, and what does not still can."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from deadpan.calibration.effect import pixel_intervention
from deadpan.calibration.effect.pixel_effects import count
from deadpan.calibration.effect.pixel_intervention import NOBODY, Answers, answers
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.still import find
from deadpan.calibration.synthetic.synthesis import Clip, Event, head_named
from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.models.maps import LABELS
from deadpan.stickers import sticker
from deadpan.stickers.protection import random_places
from deadpan.stickers.regions import NAMES, Region
from deadpan.stickers.sticker import Sticker

SHOWN = {"surprise": (1, 2), "positive": (12,)}
MOUTH = ("right_lip_corner", "left_lip_corner", "mouth")
BROW = ("right_brow_outer",)


@dataclass
class Lips:
    """A victim that reads nothing but whether the skin deforms around the mouth, as in a smile."""

    asked: list[str] = field(default_factory=list)
    name: str = "lips"
    seed: int = 0
    identity: str = "lips"

    def predict(self, subject: str, motion: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.asked.append(subject)
        smiles = motion[:, 18:23, :, 0].mean(axis=(1, 2)) > 40
        told = np.zeros((len(motion), 3), np.float32)
        told[np.arange(len(motion)), np.where(smiles, LABELS.index("positive"), LABELS.index("surprise"))] = 1
        return told


@pytest.fixture(scope="module")
def samples(model: bytes) -> list[Sample]:
    still = find("collins", portrait.photograph(), model, near=(222, 115)).scaled(180).framed((480, 360))
    made = []
    for number, (label, units) in enumerate(SHOWN.items()):
        event = Event(1, 6, 10, label, units, 0.03)
        head = head_named("quiet")
        clip = Clip(label, "collins", (still,), 11, (event,), head=head, size=(480, 360), seed=number)
        pictures = list(clip.pictures())

        def load(first: int, last: int, pictures: Sequence[Image] = pictures) -> list[Image]:
            return list(pictures[first : last + 1])

        made.append(
            Sample(
                label, f"person-{number}", "synthetic", LABELS.index(label), label, "", 30.0, 1, 6, 10, 11, True, load
            )
        )
    return made


@pytest.fixture(scope="module")
def smiley() -> Sticker:
    return sticker.load("smiley")


def test_a_smile_under_stickers_is_not_read_and_beside_one_it_is(samples: list[Sample], model: bytes) -> None:
    skin = np.full((64, 64, 4), (120, 130, 150, 255), np.uint8)
    victim = Lips()
    got = answers(samples, model, [victim], [MOUTH, BROW], sticker.make("skin", skin), 4.0, draws=0)
    surprise, positive = LABELS.index("surprise"), LABELS.index("positive")
    assert got.label.tolist() == [surprise, positive]
    assert got.clean.tolist() == [[surprise, positive]]
    assert got.behind[BROW].tolist() == [[surprise, positive]]
    assert got.behind[MOUTH].tolist() == [[surprise, surprise]]
    assert set(victim.asked) == {"person-0", "person-1"}
    assert got.readings == len(victim.asked) == 2 * 3
    assert (got.clip.tolist(), got.random) == (list(SHOWN), {})


def test_a_face_that_nobody_finds_counts_as_another_label(samples: list[Sample], model: bytes, smiley: Sticker) -> None:
    got = answers(samples[:1], model, [Lips()], [NAMES], smiley, 2.0, draws=0)
    assert got.behind[NAMES].tolist() == [[NOBODY]]
    (effect,) = count(got).effects
    assert (effect.attack.value, effect.fooling.value, effect.error.value, effect.nobody) == (1, 1, 1, 1)
    assert (effect.random, effect.against_random) == (None, None)


def test_a_clips_answers_do_not_depend_on_which_others_are_asked(
    samples: list[Sample], model: bytes, smiley: Sticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[int, ...]] = []

    def places(face: Face, count: int, random: np.random.Generator) -> tuple[Region, ...]:
        regions = random_places(face, count, random)
        drawn.append(tuple(each.landmarks[0] for each in regions))
        return regions

    monkeypatch.setattr(pixel_intervention, "random_places", places)
    both = answers(samples, model, [Lips()], [MOUTH], smiley, 3.0, draws=1)
    alone = answers(samples[1:], model, [Lips()], [MOUTH], smiley, 3.0, draws=1)
    first, second, again = drawn
    assert len(both.random[3]) == 1
    assert first != second == again
    np.testing.assert_array_equal(both.behind[MOUTH][:, 1:], alone.behind[MOUTH])
    np.testing.assert_array_equal(both.random[3][0][:, 1:], alone.random[3][0])


def test_a_clip_that_cannot_be_read_is_one_line(samples: list[Sample], model: bytes, smiley: Sticker) -> None:
    def broken(first: int, last: int) -> list[Image]:
        raise BadSource("img7.jpg: not a picture")

    def nobody(first: int, last: int) -> list[Image]:
        return [np.full((360, 480, 3), 90, np.uint8)] * (last - first + 1)

    def leaves(first: int, last: int) -> list[Image]:
        return samples[0].load(first, last - 2) + nobody(0, 1)

    def grows(first: int, last: int) -> list[Image]:
        return [np.zeros((360 + number, 480, 3), np.uint8) for number in range(first, last + 1)]

    skipped: list[Skipped] = []
    bad = [replace(samples[0], name=each.__name__, load=each) for each in (broken, nobody, leaves, grows)]
    steps: list[tuple[int, int]] = []
    told = lambda done, of: steps.append((done, of))  # noqa: E731
    got = answers([*bad, samples[0]], model, [Lips()], [], smiley, draws=0, told=told, skip=skipped.append)
    assert got.clip.tolist() == ["surprise"]
    assert [str(each) for each in skipped] == [
        "synthetic broken: img7.jpg: not a picture",
        "synthetic nobody: no face was found at its onset, picture 1",
        "synthetic leaves: the face is lost on 2 of 10 pictures",
        "synthetic grows: its pictures are of 10 sizes: 480 × 361 and 480 × 362 px; expected one",
    ]
    assert steps == [(number, 5) for number in range(6)]
    with pytest.raises(BadSource, match="none of 4 samples could be read"):
        answers(bad, model, [Lips()], [], smiley, draws=0)


def test_figures_are_those_of_the_answers() -> None:
    """Ten people with a clip each: the victim reads eight, the regions turn six of those, random places two."""
    label = np.zeros(10, np.int64)
    clean = np.array([[0] * 8 + [1] * 2], np.int8)
    turned = np.array([[NOBODY] * 2 + [2] * 4 + [0] * 3 + [1]], np.int8)
    some = np.array([[1] * 2 + [0] * 6 + [1] * 2], np.int8)
    who: NDArray[Any] = np.array([f"{i}" for i in range(10)])
    regions = ("mouth",)
    got = count(Answers(label, who, who, who, 2.0, "smiley", clean, {regions: turned}, {1: (some, some)}, 40))
    (effect,) = got.effects
    assert got.none.error.value == pytest.approx(0.2)
    assert effect.attack.value == pytest.approx(6 / 8)
    assert effect.fooling.value == pytest.approx(7 / 10)
    assert effect.error.value == pytest.approx(7 / 10)
    assert effect.nobody == pytest.approx(0.2)
    assert effect.random == pytest.approx(2 / 8)
    assert effect.against_random is not None
    assert effect.against_random.value == pytest.approx(0.5)
    assert effect.against_random.low < 0.5 < effect.against_random.high
    assert (got.clips, got.subjects, got.unit, got.draws, got.readings) == (10, 10, "subject", 2, 40)
