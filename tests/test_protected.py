"""Protections on maps: each does what the live code does, and the model itself does nothing."""

import json
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from deadpan.calibration.effect import random_places
from deadpan.calibration.on_maps.fields import decoded, encoded
from deadpan.calibration.on_maps.protected import (
    EVERYWHERE,
    FADE,
    PLACES,
    RANDOM,
    WEBCAM,
    Protecting,
    displaced,
    mode,
    modes,
)
from deadpan.calibration.trial.modes import FLOOR, NONE
from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.models.maps import Maps
from deadpan.models.motion import CROP, GRID, affine_part, frontal
from deadpan.stickers import plan
from deadpan.stickers.basis import FEWEST, NODES, Basis
from deadpan.stickers.decoy import MOST
from deadpan.stickers.skin import baseline
from deadpan.stickers.still import UNDER


@pytest.fixture(scope="module")
def maps(planted: Any) -> Maps:
    """Smooth motion on 32 clips."""
    given: Maps = planted.maps(people=4)
    rough = np.random.default_rng(0).normal(size=(len(given), GRID, GRID, 2)).astype(np.float32)
    return replace(given, motion=encoded(np.stack([cv2.GaussianBlur(each, (0, 0), 3) for each in rough])))


PLAN = plan.load("calibrated")
BY_NAME = modes(PLAN)


@pytest.fixture(scope="module")
def protecting(maps: Maps) -> Protecting:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(random_places, "PROPOSALS", 200)
        made = Protecting(maps, PLAN)
        made(BY_NAME[PLACES])
    return made


def left(protecting: Protecting, name: str, strength: float = 1.0) -> float:
    """How much of the maps' motion is seen, by projection: 1 is all."""
    seen = decoded(protecting(BY_NAME[name], strength, 5), 1.0)
    true = decoded(protecting.maps.motion, 1.0)
    return float((seen * true).sum() / (true * true).sum())


def test_every_mode_gives_maps_that_a_recognizer_takes(protecting: Protecting) -> None:
    for each in BY_NAME.values():
        motion = protecting(each, 1.0, 3)
        assert motion.dtype == np.uint8
        assert motion.shape == protecting.maps.motion.shape
        assert (motion.min(axis=(1, 2)) == 0).all()
        assert (motion.max(axis=(1, 2)) == 255).all()
        assert (protecting(each, 1.0, 3) == motion).all()
        by_chance = (protecting(each, 1.0, 4) != motion).any()
        assert by_chance == (each.draws > 1)
    assert (protecting(BY_NAME[NONE]) == protecting.maps.motion).all()


def test_a_webcam_alone_leaves_the_motion_and_freezing_leaves_hardly_any(protecting: Protecting) -> None:
    assert left(protecting, WEBCAM) > 0.95
    assert left(protecting, "freeze", 0.0) == left(protecting, WEBCAM)
    assert left(protecting, "freeze") < 0.6 < left(protecting, "freeze", 0.5)
    assert left(protecting, "decoy") > 0.5
    assert abs(left(protecting, "still")) < left(protecting, "freeze", 0.9)
    assert abs(left(protecting, FLOOR)) < 0.2


def test_stickers_are_still_and_lie_on_their_regions(protecting: Protecting) -> None:
    for name, share in (("sticker", 0.05), ("stickers", 0.3), ("still+stickers", 0.3), (EVERYWHERE, 0.6)):
        motion = protecting(BY_NAME[name])
        covered = protecting.covered(BY_NAME[name].stickers)
        still = motion[..., 1] == np.median(motion[..., 1], axis=(1, 2), keepdims=True)
        assert float(still.mean()) > share
        assert max(np.ptp(each[there]) for each, there in zip(motion[..., 1], covered, strict=True)) == 0
    whole, half = (protecting.covered(PLAN.regions, strength).mean() for strength in (1.0, 0.5))
    assert 0.2 < half / whole < 0.4


def test_names_are_those_of_the_live_protections() -> None:
    assert mode("stickers+freeze+decoy", PLAN) == BY_NAME["still+stickers"]
    assert (mode("still", PLAN).freeze, mode("still", PLAN).decoy) == (1.0, UNDER)
    assert mode("sticker", PLAN).stickers == PLAN.regions[:1]
    with pytest.raises(ValueError, match="named twice"):
        mode("still+still", PLAN)


def test_the_decoy_is_the_live_ones_and_no_head_moves_so() -> None:
    drawn = np.stack([displaced(seed) for seed in range(60)])
    assert drawn.shape == (60, GRID, GRID, 2)
    # Two moments, each within the bound; what fits a head's motion is taken off and may add a little elsewhere.
    assert float(np.linalg.norm(drawn, axis=-1).max()) < 2.5 * 100 * MOST
    assert 0.2 < float(np.sqrt((drawn**2).sum(axis=-1).mean())) < 0.5
    assert float(np.linalg.norm(drawn.mean(axis=0), axis=-1).mean()) < 0.1
    assert np.abs(affine_part(drawn[0])).max() < 0.1
    assert (displaced(3) == drawn[3]).all()


def test_twice_the_strength_is_twice_the_decoy(protecting: Protecting) -> None:
    """The bound is soft but scales: otherwise one draw could not serve every strength."""
    from deadpan.stickers.decoy import Decoy

    one, other = Decoy(7), Decoy(7)
    for number in range(4):
        half, whole = (each.step(number / 30, 90.0, strength) for each, strength in ((one, 0.5), (other, 1.0)))
        assert np.abs(2 * half - whole).max() < 1e-4


def test_the_fade_is_that_of_a_real_face_in_the_crop(posing: list[Image], face: Face) -> None:
    since = baseline(posing[0], face)
    whole = [np.vstack([each, [0, 0, 1]]) for each in (frontal(face.landmarks), since.place)]
    laid = cv2.warpAffine(since.fade, (whole[0] @ np.linalg.inv(whole[1]))[:2], (CROP, CROP))
    real = cv2.resize(laid, (GRID, GRID), interpolation=cv2.INTER_AREA)
    assert float(np.abs(real - FADE).mean()) < 0.05
    assert float(FADE[4:24, 4:24].min()) > 0.999


def test_a_plans_own_decoy_is_the_one_that_is_judged_and_random_motion_stays_random(maps: Maps) -> None:
    fields = np.random.default_rng(0).uniform(-1, 1, (FEWEST, NODES, NODES, 2)) * (1.0, 0.02)
    content = {"fields": fields.tolist(), "verdict": "", "beats_random": False, "maps_sha256": "0" * 64}
    learned = Basis.model_validate_json(json.dumps(content | {"people": 1, "seed": 0, "command": "a test"}))
    with_basis = Protecting(maps, PLAN.model_copy(update={"decoy": learned}))
    without = Protecting(maps, PLAN)
    assert (with_basis(BY_NAME["decoy"]) != without(BY_NAME["decoy"])).any(axis=(1, 2, 3)).all()
    for name in (RANDOM, "still"):  # live, too, still mixes what holding leaves and no plan's fields
        assert (with_basis(BY_NAME[name]) == without(BY_NAME[name])).all()
    drawn = np.stack([displaced(seed, learned) for seed in range(20)])
    across, down = (float(np.sqrt((drawn[..., axis] ** 2).mean())) for axis in (0, 1))
    assert across > 1.5 * down
