"""Trembling is what moves on a face while nothing does, measured as it is and no more."""

import cv2
import numpy as np
import pytest

from deadpan.calibration.synthetic import faces, portrait
from deadpan.calibration.synthetic.synthesis import Clip, Event
from deadpan.calibration.trial.passage import Watched, bare_ms, protected, watch
from deadpan.calibration.trial.trembling import unrest
from deadpan.models.frame import Image
from deadpan.stickers import plan, sticker
from deadpan.stickers.bend import bend
from deadpan.stickers.decoy import Decoy
from deadpan.stickers.protection import Bent
from deadpan.stickers.skin import baseline
from deadpan.stickers.still import decoy, freeze


@pytest.fixture(scope="module")
def watched(model: bytes) -> Watched:
    """A clip of a face that holds still until frame 12."""
    still = portrait.clip(1, model).stills[0].scaled(faces.WIDTH).framed(faces.SIZE)
    event = Event(12, 18, 23, "positive", (12,), 0.02)
    return watch(Clip("a", "a", (still,), 25, (event,), size=faces.SIZE), model)


def images(watched: Watched) -> list[Image]:
    return [frame.image for frame in watched.frames]


def trembles(watched: Watched, shown: list[Image]) -> float:
    """Hundredths of the face's width, the camera's own taken off."""
    return float(np.sqrt(max(unrest(watched, shown) - unrest(watched, images(watched)), 0.0)))


def test_a_field_that_comes_and_goes_trembles_as_far_as_it_reaches(watched: Watched) -> None:
    """The same smooth field on every other picture: from each to the next it moves by its own size."""
    (face,) = watched.sightings[0].faces
    since = baseline(watched.frames[0].image, face)
    field = Decoy(3).step(0.0, since.width) * since.fade[..., None]
    shown = [
        bend(image, [Bent(0, field, since.place, ())]) if n % 2 else image for n, image in enumerate(images(watched))
    ]
    there = cv2.remap(field, *np.meshgrid(*[np.linspace(30, 98, 60, dtype=np.float32)] * 2), cv2.INTER_LINEAR)
    size = 100 * float(np.sqrt((np.linalg.norm(there, axis=2) ** 2).mean())) / since.width
    assert trembles(watched, shown) == pytest.approx(size, rel=0.4)


def test_the_cameras_own_pictures_do_not_tremble_and_a_decoy_does(watched: Watched) -> None:
    art, paper = sticker.load("star"), plan.load("paper")
    assert trembles(watched, images(watched)) == 0
    half, whole = (protected(watched, decoy(paper, art, strength, seed=1)) for strength in (0.5, 1.0))
    held = protected(watched, freeze(paper, art))
    assert trembles(watched, held.pictures) < trembles(watched, half.pictures) < trembles(watched, whole.pictures) < 1


def test_what_is_not_shown_does_not_tremble(watched: Watched) -> None:
    assert unrest(watched, [np.zeros_like(image) for image in images(watched)]) == 0


def test_a_protection_costs_time_and_so_does_the_landmarker(watched: Watched, model: bytes) -> None:
    assert protected(watched, None).ms == 0
    assert protected(watched, freeze(plan.load("paper"), sticker.load("star"))).ms > 0
    assert bare_ms(watched, model) > 0
