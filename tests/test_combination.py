"""Two protections at once do what each of them does, and vouch for a frame only together."""

import pickle

import numpy as np
import pytest

from deadpan.app.gate import Gate, vouched
from deadpan.app.outgoing import Reason
from deadpan.app.shutter import Shutter
from deadpan.app.tally import Tally
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.stickers import plan, sticker
from deadpan.stickers.combination import Combination, make
from deadpan.stickers.protection import Protection, StickerProtection
from deadpan.stickers.still import SkinProtection

PLAN = plan.load("calibrated")
ART = sticker.load("star")
Shown = tuple[Frame, Sighting]


def both(plan: plan.Plan = PLAN) -> Combination:
    """Still under stickers, with a decoy that is known."""
    return Combination(SkinProtection(plan, ART, 1.0, 0.5, seed=3), StickerProtection(plan, ART))


@pytest.fixture
def shown(posing: list[Image], face: Face) -> list[Shown]:
    """Four frames with a camera's noise."""
    random = np.random.default_rng(0)
    noisy = [np.clip(posing[0] + random.normal(0, 3, posing[0].shape), 0, 255).astype(np.uint8) for _ in range(4)]
    return [(Frame(image, i, i / 100, 0.0), Sighting(i, (face,))) for i, image in enumerate(noisy)]


def images(protection: Protection, shown: list[Shown]) -> list[bytes]:
    done = [protection.apply(*each) for each in shown]
    return [each.frame.image.tobytes() for each in done if each is not None]


@pytest.mark.parametrize("name", ["stickers+still", "sticker+freeze", "decoy+stickers", "freeze+decoy", "stickers"])
def test_every_combination_goes_out_as_soon_as_its_parts_do(name: str, shown: list[Shown]) -> None:
    protection, tally = make(name, PLAN, ART), Tally()
    door = Gate(Shutter(*shown[0][0].size), tally, show_empty=False)
    for number, (frame, sighting) in enumerate(shown):
        done = protection.apply(frame, sighting)
        goes = Reason.SHUTTERED if number == 0 and "freeze" in protection.name else Reason.PROTECTED
        assert door.admit(frame, sighting, done, protection.promise).reason is goes
    assert tally.unvouched == 0


def test_stickers_lie_on_skin_that_is_bent(shown: list[Shown]) -> None:
    """Each part gives what it gives alone: the stickers are where they are on the camera's own frame."""
    combined, skin, laid = both(), SkinProtection(PLAN, ART, 1.0, 0.5, seed=3), StickerProtection(PLAN, ART)
    for frame, sighting in shown:
        done, bent = combined.apply(frame, sighting), skin.apply(frame, sighting)
        assert done is not None
        assert bent is not None
        over = laid.apply(bent.frame, sighting)
        assert over is not None
        assert done.frame.image.tobytes() == over.frame.image.tobytes()
        assert (len(done.bent), len(done.placements)) == (1, len(PLAN.regions))
    alone = StickerProtection(PLAN, ART)
    on_camera = [alone.apply(*each) for each in shown][-1]
    assert on_camera is not None
    assert done is not None
    assert [each.centre for each in done.placements] == [each.centre for each in on_camera.placements]


def test_it_promises_all_that_its_parts_promise(shown: list[Shown]) -> None:
    """And a frame on which only one of them was done is not let out."""
    frame, sighting = shown[0]
    combined, skin, laid = both(), SkinProtection(PLAN, ART, 1.0, 0.5, seed=3), StickerProtection(PLAN, ART)
    promise = combined.promise
    assert (promise.covered, promise.bent, promise.moving) == (PLAN.targets, True, True)
    done = combined.apply(frame, sighting)
    assert done is not None
    assert vouched(frame, sighting, done, promise)
    for part in (skin.apply(frame, sighting), laid.apply(frame, sighting)):
        assert part is not None
        assert not vouched(frame, sighting, part, promise)


@pytest.mark.parametrize("failing", [0, 1])
def test_it_vouches_only_when_every_part_does(failing: int, shown: list[Shown]) -> None:
    class Silent(StickerProtection):
        def apply(self, frame: Frame, sighting: Sighting) -> None:
            return None

    parts: list[Protection] = [SkinProtection(PLAN, ART, 1.0, 0.5), StickerProtection(PLAN, ART)]
    parts[failing] = Silent(PLAN, ART)
    assert Combination(*parts).apply(*shown[0]) is None


def test_the_clean_frame_stays_clean_and_only_the_past_counts(shown: list[Shown]) -> None:
    before = [frame.image.tobytes() for frame, _ in shown]
    whole = images(both(), shown)
    assert [frame.image.tobytes() for frame, _ in shown] == before
    assert len(whole) == len(shown)
    assert images(both(), shown[:2]) == whole[:2]


def test_a_restart_and_another_process_forget_the_past_of_every_part(shown: list[Shown]) -> None:
    protection = both()
    images(protection, shown[:-1])
    away = pickle.loads(pickle.dumps(protection))
    protection.restart()
    fresh = images(both(), shown[-1:])
    assert images(protection, shown[-1:]) == images(away, shown[-1:]) == fresh


def test_another_sticker_is_laid_from_the_next_frame_on(shown: list[Shown]) -> None:
    protection, heart = both(), sticker.load("heart")
    protection.sticker = heart
    done = protection.apply(*shown[0])
    assert done is not None
    assert done.sticker is protection.sticker is heart
    assert vouched(*shown[0], done, protection.promise)


def test_its_controls_do_nothing_and_as_much_at_random(shown: list[Shown], face: Face) -> None:
    frame, sighting = shown[0]
    nothing = both().nothing().apply(frame, sighting)
    assert nothing is not None
    assert nothing.frame.image.tobytes() == frame.image.tobytes()
    random = both().random(face, np.random.default_rng(0)).apply(frame, sighting)
    assert random is not None
    assert (len(random.bent), len(random.placements)) == (1, len(PLAN.regions))
    assert both().controls == ("nothing bent and no sticker", "random motion and random place")


def test_sticker_is_the_plans_first_region_and_stickers_are_all_of_them() -> None:
    assert make("sticker", PLAN, ART).promise.covered == PLAN.targets[:1]
    assert make("stickers", PLAN, ART).promise.covered == PLAN.targets


def test_strength_is_that_of_every_part_and_a_share_of_the_stickers_size(shown: list[Shown]) -> None:
    sizes = []
    for strength in (1.0, 0.5):
        protection = make("stickers+still", PLAN, ART, strength)
        done = protection.apply(*shown[0])
        assert done is not None
        assert protection.strength == strength
        assert vouched(*shown[0], done, protection.promise)
        sizes.append((done.placements[0].size[0], float(np.linalg.norm(done.bent[0].field, axis=2).max())))
    assert sizes[1][0] == pytest.approx(sizes[0][0] / 2)
    assert sizes[1][1] < sizes[0][1]
