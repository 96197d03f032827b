"""The tiles leave no face out, and every tile gets its turn."""

import numpy as np
import pytest

from deadpan.models.frame import Image
from deadpan.models.search import CUT, RATE, SAVED, Search, Tile, tiles

SIZES = [(1280, 720), (640, 480), (1920, 1080), (640, 360), (720, 1280)]


def grey(width: int = 1280, height: int = 720) -> Image:
    return np.full((height, width, 3), 100, np.uint8)


def stir(picture: Image, tile: Tile, random: np.random.Generator, share: float = 1.0) -> None:
    """Fill the tile's middle, `share` of its side, with changing blocks of 24 px."""
    side = int(share * tile.side)
    start = (tile.side - side) // 2
    blocks = random.choice([0, 255], (side // 24 + 1, side // 24 + 1)).astype(np.uint8)
    middle = tile.cut(picture)[start : start + side, start : start + side]
    middle[...] = blocks.repeat(24, 0).repeat(24, 1)[:side, :side, None]


def longest_waits(search: Search, frames: int, stirred: int | None = None, share: float = 1.0) -> list[int]:
    """Frames between two searches of a tile at most, for each tile, over `frames` frames; every look is affordable."""
    picture, random = grey(), np.random.default_rng(0)
    last, longest, looks = [0] * len(search.tiles), [0] * len(search.tiles), 0
    assert sorted(search.due(picture, [])) == list(range(len(search.tiles)))
    for index in range(1, frames):
        if stirred is not None:
            stir(picture, search.tiles[stirred], random, share)
        due = search.due(picture, [])
        looks += len(due)
        assert len(set(due)) == len(due)
        assert looks <= RATE * index + 1e-6
        for number in due:
            longest[number], last[number] = max(longest[number], index - last[number]), index
    return [max(wait, frames - since) for wait, since in zip(longest, last, strict=True)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_tiles_cover_the_picture_and_stay_in_it(width: int, height: int) -> None:
    covered = np.zeros((height, width), bool)
    for tile in tiles(width, height):
        assert 0 <= tile.left <= tile.left + tile.side <= width
        assert 0 <= tile.top <= tile.top + tile.side <= height
        tile.cut(covered)[...] = True  # type: ignore[arg-type]
    assert covered.all()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_face_of_12_percent_of_the_width_lies_whole_in_a_tile_wherever_it_is(width: int, height: int) -> None:
    side = round(0.12 * width)
    whole = np.zeros((height - side + 1, width - side + 1), bool)
    for tile in tiles(width, height):
        whole[tile.top : tile.top + tile.side - side + 1, tile.left : tile.left + tile.side - side + 1] = True
    assert whole.all()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_tiles_are_few(width: int, height: int) -> None:
    """Each costs a call of the network in turn: twice the tiles, twice the wait."""
    assert len(tiles(width, height)) <= 8


def test_a_picture_smaller_than_a_face_still_has_a_tile() -> None:
    for width, height in ((96, 96), (64, 200), (33, 17)):
        for tile in tiles(width, height):
            assert tile.side <= min(width, height)


def test_at_first_everything_is_searched_and_then_little() -> None:
    search = Search(1280, 720)
    assert search.due(grey(), []) == list(range(8))
    assert search.due(grey(), []) == []


def test_after_a_cut_everything_is_searched_anew() -> None:
    search, picture = Search(1280, 720), grey()
    for _ in range(5):
        search.due(picture, [])
    assert search.due(255 - picture, []) == list(range(8))
    assert search.due(255 - picture, []) == []


def test_a_change_to_less_than_a_cuts_share_is_no_cut() -> None:
    search, picture = Search(1280, 720), grey()
    search.due(picture, [])
    changed = picture.copy()
    changed[: int(0.8 * CUT * 720)] = 255
    assert len(search.due(changed, [])) < 8


def test_in_a_quiet_room_the_tiles_are_searched_in_rotation() -> None:
    waits = longest_waits(Search(1280, 720), 300)
    # One look in three frames once enough is saved up: 8 tiles in 24 frames, and the saving comes first.
    assert max(waits) <= 8 / RATE + SAVED / RATE


@pytest.mark.parametrize("stirred", range(8))
def test_a_waving_hand_keeps_no_tile_from_being_searched(stirred: int) -> None:
    waits = longest_waits(Search(1280, 720), 400, stirred, share=0.34)
    print(f"longest waits, frames, while a hand of 150 px waves in tile {stirred}: {waits}")
    assert max(waits) <= 90


def test_a_curtain_that_never_rests_keeps_no_tile_from_being_searched() -> None:
    waits = longest_waits(Search(1280, 720), 1000, 0)
    print(f"longest waits, frames, while a whole tile is in motion: {waits}")
    assert max(waits) <= 110


def test_what_changes_is_searched_first() -> None:
    for number in range(8):
        search, picture = Search(1280, 720), grey()
        for _ in range(2 + int(1 / RATE)):
            search.due(picture, [])
        # The quarter of the tile that it shares with the fewest others.
        tile = search.tiles[number]
        x = 0 if tile.left == 0 else 1280 - 110 if tile.left + tile.side == 1280 else tile.left + tile.side // 2 - 55
        y = 0 if tile.top == 0 else 720 - 110
        picture[y : y + 110, x : x + 110] = 255
        due = search.due(picture, [])
        assert due
        assert search.tiles[due[0]].left <= x
        assert x + 110 <= search.tiles[due[0]].left + tile.side
        assert search.tiles[due[0]].top <= y
        assert y + 110 <= search.tiles[due[0]].top + tile.side


@pytest.mark.parametrize("share", [1, 2])
def test_the_smallest_newcomer_is_noticed_in_a_picture_of_half_the_size_as_well(share: int) -> None:
    """As on a slow machine: faces are half as large there, too."""
    search, picture = Search(1280 // share, 720 // share), grey(1280 // share, 720 // share)
    for _ in range(2 + int(1 / RATE)):
        search.due(picture, [])
    picture[: 70 // share, : 56 // share] = 255
    due = search.due(picture, [])
    assert due
    assert (search.tiles[due[0]].left, search.tiles[due[0]].top) == (0, 0)


def test_a_face_that_is_followed_is_no_reason_to_search() -> None:
    """What moves inside its box is not searched sooner than a quiet room is."""
    box = (500.0, 200.0, 740.0, 500.0)

    def looks(faces: list[tuple[float, float, float, float]]) -> int:
        search, picture = Search(1280, 720), grey()
        search.due(picture, faces)
        count = 0
        for index in range(9):
            picture[220:480, 520:720] = 255 * (index % 2)
            count += len(search.due(picture, faces))
        return count

    assert looks([box]) == 0
    assert looks([]) > 0


def test_a_webcams_noise_is_no_change() -> None:
    random = np.random.default_rng(0)
    search = Search(1280, 720)
    counts = []
    for _ in range(10):
        noisy = np.clip(np.rint(grey() + random.normal(0, 5, (720, 1280, 1))), 0, 255).astype(np.uint8)
        counts.append(len(search.due(noisy, [])))
    assert counts[0] == 8
    assert sum(counts[1:]) == 0
