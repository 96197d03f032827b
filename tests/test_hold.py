"""Skin that moves briefly and little stays where it is; what moves far or for long is let go and told."""

import cv2
import numpy as np
import pytest

from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.stickers.field import SIDE, Field
from deadpan.stickers.hold import CALM, LONG, WITHIN, Held, Hold, _unfolded
from deadpan.stickers.regions import BY_NAME
from deadpan.stickers.skin import Baseline, baseline

SURE = np.ones((SIDE, SIDE), np.float32)
REST = np.zeros((SIDE, SIDE, 2), np.float32)


@pytest.fixture(scope="module")
def since(posing: list[Image], face: Face) -> Baseline:
    return baseline(posing[0], face)


def bump(since: Baseline, region: str, amplitude: float) -> Field:
    """Skin pulled up around a region's centre by a share of the face's width."""
    at = np.arange(SIDE, dtype=np.float32)
    x, y = since.place[:, :2] @ BY_NAME[region].centre(since.face) + since.place[:, 2]
    near = np.exp(-0.5 * ((at[None] - x) ** 2 + (at[:, None] - y) ** 2) / (0.08 * since.width) ** 2)
    return np.asarray(np.dstack([0 * near, -amplitude * since.width * near]), np.float32)


def play(hold: Hold, fields: list[Field], begin: int = 0) -> list[Held]:
    return [hold.step(field, SURE, (begin + number) / 30) for number, field in enumerate(fields)]


def course(field: Field, rise: int, stay: int) -> list[Field]:
    up = [field * np.float32(0.5 - 0.5 * np.cos(np.pi * number / rise)) for number in range(rise + 1)]
    return [REST, *up, *[field] * stay]


@pytest.mark.parametrize("region", ["glabella", "right_brow_outer", "left_lip_corner", "chin"])
def test_a_micro_expression_is_taken_off_whole(region: str, since: Baseline) -> None:
    fields = course(bump(since, region, 0.02), 5, 3)
    fields = [*fields, *fields[::-1]]
    for field, held in zip(fields, play(Hold(since), fields), strict=True):
        assert held.let_go == ()
        assert np.abs(held.field - field).max() < 0.05 * max(float(np.abs(field).max()), 1e-3)


def test_what_moves_far_is_let_go_and_told(since: Baseline) -> None:
    held = play(Hold(since), course(bump(since, "mouth", 0.08), 5, 10))
    assert all("mouth" in each.let_go for each in held[4:10])
    assert all("left_brow_outer" not in each.let_go for each in held)
    assert float(np.abs(held[-1].field).max()) < 0.01 * since.width


@pytest.mark.parametrize("region", ["left_lip_corner", "chin", "right_cheek", "glabella"])
def test_beside_a_mouth_that_talks_what_is_told_as_held_is_held(region: str, since: Baseline) -> None:
    """A region also shows what its neighbours' letting go carries over into it: then it is no longer told as held."""
    mouth, small = bump(since, "mouth", 0.08), bump(since, region, 0.012)
    talk = [mouth * np.float32(0.5 - 0.5 * np.cos(2 * np.pi * 4 * number / 30)) for number in range(60)]
    rise = [small * np.float32(min(max(number - 40, 0) / 5, 1)) for number in range(60)]
    apart = play(Hold(since), talk)[45].field
    both = play(Hold(since), [one + other for one, other in zip(talk, rise, strict=True)])
    off = float(((both[45].field - apart) * small).sum() / (small * small).sum())
    assert off > 0.8 or any(region in each.let_go for each in both[41:46])


def test_what_is_shown_is_never_farther_behind_than_that(since: Baseline) -> None:
    """However fast a mouth opens: skin that is bent by more looks odd."""
    held = play(Hold(since), course(bump(since, "mouth", 0.15), 3, 20))
    assert max(float(np.linalg.norm(each.field, axis=2).max()) for each in held) < 1.01 * WITHIN * since.width


def test_what_is_shown_does_not_jump_when_a_region_is_let_go_or_held_again(since: Baseline) -> None:
    """Where the skin is seen moves at most as far from frame to frame as the skin itself."""
    fields = course(bump(since, "mouth", 0.08), 6, 30)
    held = play(Hold(since), fields)
    shown = [field - each.field for field, each in zip(fields, held, strict=True)]
    true, seen = (np.abs(np.diff(each, axis=0)).max(axis=(1, 2, 3)) for each in (np.array(fields), np.array(shown)))
    assert float(seen.max()) < 1.1 * float(true.max())
    assert float(seen[8:].max()) < 0.006 * since.width


def blinking(hold: Hold, fields: list[Field], shut: range) -> list[Held]:
    return [hold.step(field, SURE, number / 30, number in shut) for number, field in enumerate(fields)]


def test_a_blink_opens_both_eyes_and_nothing_else(since: Baseline) -> None:
    """One eye that is held while the other shuts looks odd."""
    fields = [REST, *[bump(since, "left_eye", 0.02)] * 7, *[REST] * 12]
    held = blinking(Hold(since), fields, range(1, 7))
    assert set(held[3].let_go) == {"left_eye", "right_eye"}
    assert held[-1].let_go == ()


def test_after_a_blink_the_eyes_are_held_where_they_were(since: Baseline) -> None:
    """Nobody must be able to blink a micro-expression free."""
    small = bump(since, "left_eye", 0.01)
    held = blinking(Hold(since), [REST, *[small] * 16], range(3, 7))
    assert float(np.abs(held[2].field - small).max()) < 0.05 * float(np.abs(small).max())
    assert float(np.abs(held[-1].field - small).max()) < 0.1 * float(np.abs(small).max())


def test_eyes_that_stay_shut_want_another_baseline(since: Baseline) -> None:
    hold = Hold(since)
    blinking(hold, [REST] * 6, range(1, 6))
    assert not hold.outlived
    assert not hold.settled  # nor is a blink one
    blinking(hold, [REST] * 30, range(1, 30))
    assert hold.outlived


def test_what_was_let_go_is_taken_back_when_it_is_calm(since: Baseline) -> None:
    hold, far = Hold(since), bump(since, "mouth", 0.08)
    play(hold, [*course(far, 5, 0), *[far] * 90])
    small = bump(since, "mouth", 0.02)
    before, held = play(hold, [far, far + small], begin=97)
    assert held.let_go == ()
    assert np.abs(held.field - before.field - small).max() < 0.1 * float(np.abs(small).max())


def test_it_is_not_taken_back_before(since: Baseline) -> None:
    far = bump(since, "mouth", 0.08)
    held = play(Hold(since), [*course(far, 5, 0), *[far] * round(30 * CALM * 0.9)])
    assert "mouth" in held[-1].let_go


def test_what_stays_away_is_followed_slowly(since: Baseline) -> None:
    hold, field = Hold(since), bump(since, "chin", 0.02)
    held = play(hold, [REST, *[field] * 75])
    tops = np.array([float(np.abs(each.field).max()) for each in held]) / since.width
    before = round(30 * LONG)
    assert tops[before] > 0.019
    assert tops[-1] < 0.012
    assert float(np.abs(np.diff(tops[2:])).max()) < 0.002


def test_where_skin_is_not_found_nothing_is_bent(since: Baseline) -> None:
    hold, field = Hold(since), bump(since, "left_cheek", 0.02)
    held = hold.step(field, np.zeros((SIDE, SIDE), np.float32), 0.0)
    assert not held.field.any()
    assert "left_cheek" in held.let_go


def test_one_place_far_off_does_not_tear(since: Baseline) -> None:
    """A search that went astray on a few px must not show."""
    field = REST.copy()
    x, y = np.rint(since.landmarks[4]).astype(int)
    field[y - 2 : y + 3, x - 2 : x + 3] = 0.15 * since.width
    held = Hold(since).step(field, SURE, 0.0)
    assert float(np.abs(held.field).max()) < 0.04 * since.width


def test_what_is_shown_never_folds(since: Baseline) -> None:
    """Where it does, the same tooth is shown twice."""

    def folded(field: Field) -> bool:
        down, across = np.gradient(field, axis=(0, 1))
        area = (1 + across[..., 0]) * (1 + down[..., 1]) - across[..., 1] * down[..., 0]
        return bool((area <= 0).any())

    rough = cv2.GaussianBlur(np.random.default_rng(0).standard_normal(REST.shape), (0, 0), 2).astype(np.float32)
    rough *= np.float32(0.02 * since.width / rough.std())
    shown = play(Hold(since), [rough])[0].field
    assert folded(rough)
    assert not folded(shown)
    assert float(np.abs(shown).max()) > 0


def test_what_is_too_narrow_to_be_held_whole_is_told(since: Baseline) -> None:
    """Smoothing it, so that it does not fold, gives a part of it free."""
    at = np.arange(SIDE, dtype=np.float32)
    x, y = since.place[:, :2] @ BY_NAME["left_lip_corner"].centre(since.face) + since.place[:, 2]
    near = np.exp(-0.5 * ((at[None] - x) ** 2 + (at[:, None] - y) ** 2) / (0.02 * since.width) ** 2)
    narrow = np.asarray(np.dstack([0 * near, -0.02 * since.width * near]), np.float32)
    held = play(Hold(since), [REST, narrow])[-1]
    assert float((held.field * narrow).sum() / (narrow * narrow).sum()) < 0.9
    assert "left_lip_corner" in held.let_go
    wide = play(Hold(since), [REST, bump(since, "left_lip_corner", 0.02)])[-1]
    assert not wide.let_go


def test_a_smooth_field_stays_as_it_is() -> None:
    smooth = cv2.GaussianBlur(np.random.default_rng(1).standard_normal(REST.shape), (0, 0), 8).astype(np.float32)
    smooth *= np.float32(1.5 / np.abs(smooth).max())
    assert _unfolded(smooth) is smooth


def test_a_new_baseline_does_not_show(since: Baseline) -> None:
    hold, field = Hold(since), bump(since, "glabella", 0.012)
    before = play(hold, [REST, field])[-1]
    hold.renew(since, before.field)
    after = play(hold, [REST], begin=2)[-1]
    assert np.abs(after.field - before.field).max() < 1e-3


def test_only_the_past_counts(since: Baseline) -> None:
    fields = course(bump(since, "mouth", 0.06), 5, 20)
    whole = play(Hold(since), fields)
    part = play(Hold(since), fields[:9])
    assert all(a.field.tobytes() == b.field.tobytes() for a, b in zip(part, whole, strict=False))
