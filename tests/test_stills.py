"""Features of stills: they are the recognizer's own, they lie where the face's regions do, and 48 px are enough."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import platformdirs
import pytest
from photos import Photo

from deadpan.calibration.sources.cutout import CutOut, see
from deadpan.calibration.sources.source import BadSource, Skipped
from deadpan.calibration.sources.stills import BLOCK, SIDE, Network, Square, Windows, look, measure, pooled
from deadpan.calibration.synthetic.still import Still
from deadpan.models import fer2013, recognizers
from deadpan.models.errors import ModelUnavailable
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.reading import ATTENTIVE
from deadpan.models.recognizer import Recognizer
from deadpan.stickers.regions import NAMES, REGIONS

pytest.importorskip("h5py")
pytest.importorskip("onnx")


@pytest.fixture(scope="module")
def landmarker(model: bytes) -> Iterator[Landmarker]:
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        yield landmarker


@pytest.fixture(scope="module")
def content() -> bytes:
    fer2013.fetch()
    return recognizers.find("fer2013").load()


@pytest.fixture(scope="module")
def network(content: bytes) -> Network:
    return Network(content)


@pytest.fixture(scope="module")
def looked(people: list[Still], landmarker: Landmarker) -> list[tuple[Square, Windows]]:
    return [found for each in people if (found := look(each.image, landmarker)) is not None]


def tiny(still: Still, room: float) -> tuple[Image, float, np.ndarray]:
    """A grey picture of 48 px with the face in it, its scale, and where its corner lies: as FER2013 has them."""
    left, top, right, bottom = still.face.box
    side = (1 + room) * max(right - left, bottom - top)
    corner = np.array([left + right - side, top + bottom - side]) / 2
    cut = CutOut(round(corner[0]), round(corner[1]), round(side)).of(still.image)
    grey = cv2.cvtColor(cv2.resize(cut, (48, 48), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8), 48 / round(side), np.round(corner)


def test_what_it_says_is_what_the_recognizer_says(network: Network, looked: list[tuple[Square, Windows]]) -> None:
    squares = np.stack([square for square, _ in looked])
    said = np.stack([network.see(square)[0] for square in squares])
    np.testing.assert_allclose(said, Recognizer.load("fer2013", "cpu").predict(squares), atol=1e-6)


def test_the_faces_that_smile_are_told_from_the_one_that_frowns(
    network: Network, people: list[Still], looked: list[tuple[Square, Windows]]
) -> None:
    said = [fer2013.LABELS[int(network.see(square)[0].argmax())] for square, _ in looked]
    named = dict(zip([each.name for each in people], said, strict=True))
    assert [named[name] for name in ("collins", "f15", "group-1", "group-2", "group-3")] == ["happy"] * 5
    assert named["f13"] in ("angry", "sad")
    assert named["man"] == "neutral"


@pytest.mark.parametrize("block", [1, 2])
def test_a_cell_answers_to_the_picture_where_it_is_said_to_lie(block: int, content: bytes) -> None:
    """A grating in a grey square: what answers has its middle where the grating has it, to a tenth of the square.

    And what one cell answers is pooled about its middle, which by the strides lies 4 px from the next one's.
    """
    network = Network(content, block)
    grey = np.full((SIDE, SIDE, 1), 128, np.uint8)
    rows = np.broadcast_to(np.eye(SIDE, dtype=bool)[:, :, None], (SIDE, SIDE, SIDE))
    columns = rows.transpose(0, 2, 1)
    for y, x in ((20, 20), (32, 44), (44, 24)):
        marked = grey.copy()
        marked[y - 4 : y + 4 : 2, x - 4 : x + 4] = 255
        answer = np.abs(network.see(marked)[1] - network.see(grey)[1]) ** 2
        down, across = pooled(answer, rows), pooled(answer, columns)
        middle = [float(each @ np.arange(SIDE) / each.sum()) for each in (down, across)]
        np.testing.assert_allclose(middle, (y - 0.5, x - 0.5), atol=6)
    one = np.zeros((15, 15), np.float32)
    one[4, 9] = 1
    down, across = pooled(one, rows), pooled(one, columns)
    middle = [float(each @ np.arange(SIDE) / each.sum()) for each in (down, across)]
    np.testing.assert_allclose(middle, (4 * 4 + 3.5, 4 * 9 + 3.5), atol=0.1)


def test_the_region_that_is_wiped_out_is_the_one_that_changes(
    content: bytes, looked: list[tuple[Square, Windows]]
) -> None:
    """So after the second block, and not at the last convolution."""
    hits = {}
    for block in (1, 2, 3, 4, 5):
        network = Network(content, block)
        clean = np.stack([pooled(network.see(square)[1], windows) for square, windows in looked])
        hit = []
        for number, (square, windows) in enumerate(looked):
            for region in range(len(NAMES)):
                wiped = square.copy()
                wiped[windows[region]] = square[windows[region]].mean()
                change = np.abs(pooled(network.see(wiped)[1], windows) - clean[number]) / clean.std(axis=0)
                hit.append(int(change.argmax()) == region)
        hits[block] = float(np.mean(hit))
    print("own region changes most, by block (5: the last convolution):", hits)
    assert hits[BLOCK] > 0.6
    assert hits[5] < 0.3


def test_windows_lie_on_the_regions(people: list[Still], landmarker: Landmarker) -> None:
    for still in people:
        found = look(still.image, landmarker)
        assert found is not None
        _, windows = found
        assert windows.any(axis=(1, 2)).all()
        rows, columns = np.mgrid[:SIDE, :SIDE]
        middle = {name: (columns[each].mean(), rows[each].mean()) for name, each in zip(NAMES, windows, strict=True)}
        assert middle["right_brow_outer"][0] < middle["glabella"][0] < middle["left_brow_outer"][0]
        assert middle["glabella"][1] < middle["philtrum"][1] < middle["mouth"][1] < middle["chin"][1]
        assert 0.37 * SIDE < middle["mouth"][0] < 0.63 * SIDE


def test_what_is_the_same_in_all_cells_is_the_same_in_all_regions(looked: list[tuple[Square, Windows]]) -> None:
    np.testing.assert_allclose(pooled(np.full((15, 15), 6, np.float32), looked[0][1]), np.full(14, 6.0), rtol=1e-5)


@pytest.mark.parametrize("room", [-0.2, 0.0, 0.3])
def test_faces_of_48_px_are_found_where_they_are(room: float, people: list[Still], landmarker: Landmarker) -> None:
    """Nine of nine; region centres within .03 of the face's width, 95 of 100; also where brow and chin are cut off."""
    off = []
    for still in people:
        picture, scale, corner = tiny(still, room)
        cut = CutOut.find(picture, landmarker)
        assert cut is not None, still.name
        face = see(cut.of(picture), landmarker)
        assert face is not None, still.name
        for region in REGIONS:
            found = (region.centre(face) + (cut.left, cut.top) + 0.5) / scale - 0.5 + corner
            off.append(np.linalg.norm(found - region.centre(still.face)) / still.face.width)
    print(f"room {room}: median {np.median(off):.3f}, 95 of 100 within {np.percentile(off, 95):.3f}")
    assert np.percentile(off, 95) < 0.03


def test_pictures_become_a_row_each_and_what_cannot_is_one_line(people: list[Still], model: bytes) -> None:
    fer2013.fetch()
    folder = Path("faces")
    empty = np.full((48, 48, 3), 90, np.uint8)
    photos = [Photo(folder / f"{each.name}.png", number % 2, tiny(each, 0.1)[0]) for number, each in enumerate(people)]
    bad = [Photo(folder / "broken.png", 0, None), Photo(folder / "nobody.png", 0, empty)]
    skipped: list[Skipped] = []
    steps: list[int] = []
    got = measure([*bad, *photos], model, lambda done, of: steps.append(of - done), skipped.append)
    assert (got.features.name, got.features.unit) == ("activation", "the network's own")
    assert got.features.values.shape == (9, 14)
    assert np.isfinite(got.features.values).all()
    assert got.features.subject.tolist() == [str(each.path) for each in photos]
    assert got.label.tolist() == [each.label for each in photos]
    assert fer2013.LABELS[got.said[0]] == "happy"
    assert [str(each) for each in skipped] == [
        f"{folder / 'broken.png'}: not a picture that can be read",
        f"{folder / 'nobody.png'}: no face was found on it",
    ]
    assert steps == list(range(11, -1, -1))
    with pytest.raises(BadSource, match="none of 2 pictures shows a face"):
        measure(bad, model)


def test_a_recognizer_that_was_not_fetched_is_one_line_with_its_command(
    model: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: tmp_path / name)
    with pytest.raises(ModelUnavailable, match="deadpan models fetch fer2013"):
        measure([], model)
