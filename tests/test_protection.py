"""A protected frame hides each of the plan's regions on every face, and is given only when that is sure."""

import numpy as np
import pytest

from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.tracker import FaceTracker
from deadpan.stickers import plan, sticker
from deadpan.stickers.placement import FORGET
from deadpan.stickers.plan import Plan
from deadpan.stickers.protection import StickerProtection
from deadpan.stickers.regions import BY_NAME, NAMES

EVERYWHERE = plan.load("paper").model_copy(update={"regions": NAMES})


def protect(which: Plan | None = None) -> StickerProtection:
    return StickerProtection(which or plan.load("paper"), sticker.load("star"))


def shifted(face: Face, right: float, down: float, track: int) -> Face:
    return Face(face.landmarks + np.array([right, down], np.float32), face.pose, track)


@pytest.fixture
def frame(posing: list[Image]) -> Frame:
    return Frame(posing[0], 0, 0.0, 12.5)


@pytest.fixture(scope="module")
def stream(model: bytes, posing: list[Image]) -> list[tuple[Frame, Sighting]]:
    """Twenty frames of the portrait and what the tracker says about each."""
    tracker = FaceTracker(model)
    frames = [Frame(picture, index, index / 30, 0.0) for index, picture in enumerate(posing[:40:2])]
    seen = [(frame, tracker.track(frame)) for frame in frames]
    tracker.close()
    return seen


@pytest.mark.parametrize("which", [plan.load("paper"), EVERYWHERE], ids=["paper", "everywhere"])
def test_nothing_shines_through_at_any_regions_centre(which: Plan, stream: list[tuple[Frame, Sighting]]) -> None:
    """What lies under a sticker makes no difference: a frame and its negative come out alike there."""
    positive, negative = protect(which), protect(which)
    for frame, sighting in stream:
        opposite = Frame(255 - frame.image, frame.index, frame.time, frame.captured)
        one, other = positive.apply(frame, sighting), negative.apply(opposite, sighting)
        assert one is not None
        assert other is not None
        (face,) = sighting.faces
        for region in which.targets:
            x, y = np.rint(region.centre(face)).astype(int)
            assert np.abs(one.frame.image[y, x].astype(int) - other.frame.image[y, x]).max() <= 1
            assert any(place.region is region and place.holds(region.centre(face)) for place in one.placements)


def test_the_clean_frame_stays_clean(frame: Frame, face: Face) -> None:
    before = frame.image.tobytes()
    frame.image.setflags(write=False)
    try:
        protected = protect(EVERYWHERE).apply(frame, Sighting(0, (face,)))
    finally:
        frame.image.setflags(write=True)
    assert protected is not None
    assert frame.image.tobytes() == before
    assert not np.shares_memory(protected.frame.image, frame.image)
    assert protected.frame.image.tobytes() != before


def test_a_protected_frame_keeps_its_number_and_its_times(face: Face, posing: list[Image]) -> None:
    frame = Frame(posing[0], 7, 3.5, 12.25)
    protected = protect().apply(frame, Sighting(7, (face,)))
    assert protected is not None
    assert (protected.frame.index, protected.frame.time, protected.frame.captured) == (7, 3.5, 12.25)
    assert protected.frame.size == frame.size


@pytest.mark.parametrize("which", [plan.load("paper"), EVERYWHERE], ids=["paper", "everywhere"])
def test_only_pixels_under_a_sticker_change(which: Plan, frame: Frame, face: Face) -> None:
    protected = protect(which).apply(frame, Sighting(0, (face,)))
    assert protected is not None
    y, x = np.nonzero((protected.frame.image != frame.image).any(axis=2))
    near = np.zeros(len(x), bool)
    for place in protected.placements:
        along = np.linalg.solve(place.axes, np.stack([x - place.centre[0], y - place.centre[1]]))
        # Half the sticker to each side, and two pixels for the edge.
        near |= (np.abs(along) <= 0.5 + 2 / np.array(place.size)[:, None]).all(axis=0)
    assert near.all()
    least = 0.3 * protected.placements[0].size[0] * protected.placements[0].size[1]
    assert len(x) > least


@pytest.mark.parametrize("which", ["no face", "a lost face", "an earlier frame's faces", "a later frame's faces"])
def test_what_cannot_be_vouched_for_is_not_given(which: str, frame: Frame, face: Face) -> None:
    sighting = {
        "no face": Sighting(0, ()),
        "a lost face": Sighting(0, (face,), lost=1),
        "an earlier frame's faces": Sighting(-1, (face,)),
        "a later frame's faces": Sighting(1, (face,)),
    }[which]
    assert protect().apply(frame, sighting) is None
    assert protect().apply(frame, Sighting(0, (face,))) is not None


@pytest.mark.parametrize("value", [np.nan, np.inf, 100.0], ids=["NaN", "infinity", "a point"])
def test_a_face_of_no_size_holds_back_its_own_frame_only(value: float, posing: list[Image], face: Face) -> None:
    protection = protect()
    nowhere = Face(np.full_like(face.landmarks, value), face.pose, face.track)
    faces = [face, nowhere, face]
    frames = [Frame(posing[0], index, index / 30, 0.0) for index in range(3)]
    given = [protection.apply(frame, Sighting(frame.index, (each,))) for frame, each in zip(frames, faces, strict=True)]
    assert [each is not None for each in given] == [True, False, True]


def test_two_faces_get_a_sticker_each(frame: Frame, face: Face) -> None:
    two = (face, shifted(face, -250, 40, track=1))
    protected = protect().apply(frame, Sighting(0, two))
    assert protected is not None
    assert [place.track for place in protected.placements] == [face.track, 1]
    alone = protect().apply(frame, Sighting(0, (face,)))
    assert alone is not None
    (region,) = plan.load("paper").targets
    x, y = np.rint(region.centre(two[1])).astype(int)
    assert (alone.frame.image[y, x] == frame.image[y, x]).all()
    assert (protected.frame.image[y, x] != frame.image[y, x]).any()


def test_a_region_on_every_face_each(frame: Frame, face: Face) -> None:
    faces = (face, shifted(face, -250, 40, track=1), shifted(face, 180, -30, track=2))
    protected = protect(EVERYWHERE).apply(frame, Sighting(0, faces))
    assert protected is not None
    covered = {(place.track, place.region.name) for place in protected.placements}
    assert covered == {(other.track, name) for other in faces for name in NAMES}


def test_only_the_past_counts(stream: list[tuple[Frame, Sighting]]) -> None:
    def run(length: int) -> list[bytes]:
        protection = protect()
        given = [protection.apply(*seen) for seen in stream[:length]]
        assert all(given)
        return [protected.frame.image.tobytes() for protected in given if protected is not None]

    whole = run(len(stream))
    for length in (1, 2, 11):
        assert run(length) == whole[:length]


def test_after_a_restart_the_past_is_forgotten(stream: list[tuple[Frame, Sighting]]) -> None:
    protection = protect()
    for seen in stream[:-1]:
        protection.apply(*seen)
    protection.restart()
    again, fresh = protection.apply(*stream[-1]), protect().apply(*stream[-1])
    assert again is not None
    assert fresh is not None
    assert again.frame.image.tobytes() == fresh.frame.image.tobytes()


def test_a_sticker_keeps_its_place_when_the_picture_gets_smaller(stream: list[tuple[Frame, Sighting]]) -> None:
    protection, control = protect(EVERYWHERE), protect(EVERYWHERE)
    for frame, sighting in stream[:10]:
        protection.apply(frame, sighting)
        control.apply(frame, sighting)
    frame, sighting = stream[10]
    (face,) = sighting.faces
    small = Frame(frame.image[::2, ::2].copy(), frame.index, frame.time, 0.0)
    done = protection.apply(small, Sighting(frame.index, (Face(face.landmarks / 2, face.pose, face.track),)))
    whole = control.apply(frame, sighting)
    assert done is not None
    assert whole is not None
    for one, other in zip(done.placements, whole.placements, strict=True):
        assert 2 * np.array(one.centre) == pytest.approx(np.array(other.centre), abs=0.02 * face.width)
        assert 2 * np.array(one.size) == pytest.approx(np.array(other.size), rel=0.05)


def test_a_face_that_was_away_for_long_is_laid_as_at_first_sight(frame: Frame, face: Face) -> None:
    """Even while somebody else is in view."""
    other = shifted(face, 300, 0, face.track + 1)
    later = Frame(frame.image, 2, 1.5 * FORGET, 0.0)
    protection = protect()
    for each, seen in ((frame, face), (Frame(frame.image, 1, 1.1 * FORGET, 0.0), other)):
        assert protection.apply(each, Sighting(each.index, (seen,))) is not None
    back = shifted(face, 0.1 * face.width, 0, face.track)
    back.landmarks[list(BY_NAME["right_brow_outer"].landmarks)] -= face.down * np.float32(0.03 * face.width)
    again, first = (each.apply(later, Sighting(2, (back,))) for each in (protection, protect()))
    assert again is not None
    assert first is not None
    assert [each.centre for each in again.placements] == [each.centre for each in first.placements]


def test_a_face_at_the_pictures_edge_is_protected_as_far_as_it_is_seen(frame: Frame, face: Face) -> None:
    half_out = shifted(face, -float(face.landmarks[1, 0]), 0, track=0)
    protected = protect(EVERYWHERE).apply(frame, Sighting(0, (half_out,)))
    assert protected is not None
    assert {place.region.name for place in protected.placements} == set(NAMES)


def test_the_sticker_and_the_plan_may_change_between_frames(frame: Frame, face: Face) -> None:
    protection = protect()
    first = protection.apply(frame, Sighting(0, (face,)))
    protection.sticker = sticker.load("heart")
    second = protection.apply(frame, Sighting(0, (face,)))
    assert first is not None
    assert second is not None
    assert first.frame.image.tobytes() != second.frame.image.tobytes()
