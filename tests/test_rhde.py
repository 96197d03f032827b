"""RHDE: it goes by answers alone, counts each, never gets worse, stops when the victim is wrong."""

import numpy as np
import pytest

from deadpan.calibration.placements import rhde as searching
from deadpan.calibration.placements.rhde import MOST, POPULATION, allowed, rhde
from deadpan.calibration.targets.on_maps import OnMaps
from deadpan.calibration.targets.target import Spent
from deadpan.stickers.regions import NAMES


class Valley:
    """A `Target` whose victim is the less sure the nearer a sticker comes to a place; from `deep` on it is wrong."""

    kind, name, dataset, identity = "clips", "valley", "made", "0" * 64

    def __init__(self, deep: float = 0.0, place: tuple[float, float] = (0.31, 0.6)) -> None:
        self.deep, self.place, self.spent = deep, np.array(place), Spent()
        self.label, self.subject = np.array([1, 1, 1]), np.array(["a", "b", "c"])
        self.asked: list[np.ndarray] = []
        self.face = np.ones((3, 2), np.float32)
        self.centres = np.tile(np.linspace(0.2, 0.8, 14, dtype=np.float32)[:, None], (3, 1, 2))

    def far(self, stickers: np.ndarray) -> np.ndarray:
        return np.asarray(np.hypot(*(stickers[:, :2] - self.place).T) + np.abs(stickers[:, 3] - 0.9))

    def say(self, rows: np.ndarray, stickers: np.ndarray, k: float, art: object) -> np.ndarray:
        assert stickers.shape == (len(rows), 1, 4)
        self.asked.append(stickers[:, 0])
        self.spent.answers += len(rows)
        far = self.far(stickers[:, 0])
        right = 0.5 + np.where(far < self.deep, -0.1, 0.1 + 0.2 * far)
        return np.column_stack([1 - right, right, 0 * right]).astype(np.float32)


def test_every_query_is_counted_and_none_is_asked_twice() -> None:
    target = Valley()
    placed = rhde(target, np.array([0, 2]), 0, 2, None)
    assert placed.queries.sum() == target.spent.answers
    assert (placed.queries <= MOST).all()
    assert MOST <= 9510  # REFERENCE 4
    assert (placed.queries > 0.5 * MOST).all()
    of_each = np.split(np.concatenate(target.asked), [placed.queries[0]])
    assert [len(np.unique(each, axis=0)) for each in of_each] == placed.queries.tolist()


def test_it_finds_the_place_and_is_never_worse_than_its_first_population() -> None:
    target = Valley()
    (sticker,) = rhde(target, np.array([0]), 0, 2, None).stickers[0]
    assert np.hypot(*(sticker[:2] - target.place)) < 0.01
    assert abs(sticker[3] - 0.9) < 0.01
    worth = []
    for most in (0, 1, 3, 9):
        target = Valley()
        best = rhde(target, np.array([1]), 0, 2, None, most=most).stickers
        asked = np.concatenate(target.asked)[:, None]
        every = target.say(np.ones(len(asked), int), asked, 2, None)[:, 1]
        worth.append(every.min())
        assert target.say(np.array([1]), best, 2, None)[0, 1] == every.min()  # nothing better was seen
    assert worth == sorted(worth, reverse=True)
    assert worth[0] > worth[-1]


def test_it_stops_as_soon_as_the_victim_is_wrong() -> None:
    easy = rhde(Valley(deep=9.0), np.array([0]), 0, 2, None)
    assert easy.queries.tolist() == [POPULATION]
    for seed in range(12):  # so that it happens in a first population, in a generation and among neighbours
        target = Valley(deep=0.04)
        hard = rhde(target, np.array([0]), seed, 2, None)
        assert POPULATION <= hard.queries[0] < MOST
        assert [target.far(each).min() < target.deep for each in target.asked].index(True) == len(target.asked) - 1
        assert target.say(np.array([0]), hard.stickers, 2, None).argmax() != 1


def test_the_same_seed_clip_and_target_give_the_same(planted) -> None:  # type: ignore[no-untyped-def]
    target = OnMaps(planted.maps(), planted)
    together = rhde(target, np.array([3, 9]), 5, 2, None, most=3)
    alone = rhde(target, np.array([9]), 5, 2, None, most=3)
    assert (together.stickers[1] == alone.stickers[0]).all()
    assert together.queries[1] == alone.queries[0]
    assert (rhde(target, np.array([9]), 6, 2, None, most=3).stickers != alone.stickers).any()
    assert rhde(target, np.arange(0), 0, 2, None).stickers.shape == (0, 1, 4)


def test_a_known_weakness_is_found_on_maps(planted) -> None:  # type: ignore[no-untyped-def]
    target = OnMaps(planted.maps(), planted)
    rows = np.flatnonzero(target.say(np.arange(96), np.zeros((96, 0, 4), np.float32), 2).argmax(axis=1) == target.label)
    rows = rows[target.label[rows] < 2][:4]  # surprise is what the planted victim says of nothing
    placed = rhde(target, rows, 0, 2, None)
    assert (target.say(rows, placed.stickers, 2).argmax(axis=1) != target.label[rows]).all()


def test_what_is_kept_free_has_no_stickers_centre_and_is_not_asked_about() -> None:
    target = Valley(place=(0.5, 0.5))
    centres, face = target.centres[0], target.face[0]
    placed = rhde(target, np.array([0]), 0, 2, None, free=True, most=4)
    assert allowed(centres, face, np.concatenate(target.asked)[:, :2]).all()
    assert placed.queries[0] == target.spent.answers
    for name in ("right_brow_inner", "left_eye", "mouth", "left_lip_corner"):
        assert not allowed(centres, face, centres[[NAMES.index(name)]]).any()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "KEPT_FREE", ())
        nose = (centres[NAMES.index("glabella")] + centres[NAMES.index("philtrum")]) / 2
        assert not allowed(centres, face, nose[None]).any()
        assert allowed(centres, face, centres[[NAMES.index("mouth")]]).any()


def test_cheeks_chin_and_forehead_are_left(planted) -> None:  # type: ignore[no-untyped-def]
    maps = planted.maps()
    for name in ("left_cheek", "right_cheek", "chin"):
        assert allowed(maps.roi_center[0], maps.face_size[0], maps.roi_center[0][[NAMES.index(name)]]).all()
    grid = np.stack(np.meshgrid(*[(np.arange(50) + 0.5) / 50] * 2), axis=-1).reshape(-1, 2)
    assert 0.3 < allowed(maps.roi_center[0], maps.face_size[0], grid).mean() < 0.7
