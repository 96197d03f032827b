"""A file of motion maps is what training and calibration expect, or is refused in one line."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deadpan.models import maps
from deadpan.models.maps import BadMaps


def arrays(n: int = 6) -> dict[str, np.ndarray[Any, Any]]:
    """What a good file holds."""
    flow = np.random.default_rng(0).integers(1, 255, (n, 28, 28, 3), np.uint8)
    flow[:, 0, 0], flow[:, 0, 1] = 0, 255
    return {
        "flow": flow,
        "label": np.arange(n, dtype=np.int8) % 3,
        "subject": np.array([f"s{i // 2}" for i in range(n)]),
        "dataset": np.array(["smic"] * n),
        "clip": np.array([f"c{i}" for i in range(n)]),
        "roi_center": np.full((n, 14, 2), 0.5, np.float32),
        "face_size": np.ones((n, 2), np.float32),
    }


def written(folder: Path, **content: Any) -> Path:
    path = folder / "maps.npz"
    np.savez_compressed(path, **content)
    return path


def test_a_good_file_gives_back_what_it_holds(tmp_path: Path) -> None:
    content = arrays()
    loaded = maps.load(written(tmp_path, **content))
    assert len(loaded) == 6
    assert loaded.subjects == ("s0", "s1", "s2")
    assert loaded.label.dtype == np.int64
    np.testing.assert_array_equal(loaded.motion, content["flow"])
    np.testing.assert_array_equal(loaded.label, content["label"])
    some = loaded.only(loaded.subject == "s1")
    assert (len(some), some.subjects, some.clip.tolist()) == (2, ("s1",), ["c2", "c3"])


def test_the_hash_follows_what_a_network_learns_from(tmp_path: Path) -> None:
    content = arrays()
    first = maps.load(written(tmp_path, **content)).sha256
    assert maps.load(written(tmp_path, **content, note=np.zeros(3))).sha256 == first
    assert maps.load(written(tmp_path, **(content | {"clip": content["clip"][::-1]}))).sha256 == first
    moved = content["flow"].copy()
    moved[0, 5, 5, 0] ^= 1
    for key, other in (("flow", moved), ("label", content["label"][::-1]), ("subject", content["subject"][::-1])):
        assert maps.load(written(tmp_path, **(content | {key: other}))).sha256 != first, key


def flat(flow: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    flow = flow.copy()
    flow[2, :, :, 1] = 90
    return flow


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "float": ({"flow": np.zeros((6, 28, 28, 3))}, "flow is float64"),
    "channels first": ({"flow": np.zeros((6, 3, 28, 28), np.uint8)}, r"flow is uint8 \(6, 3, 28, 28\)"),
    "no samples": ({"flow": np.zeros((0, 28, 28, 3), np.uint8)}, r"\(0, 28, 28, 3\)"),
    "a label too many": ({"label": np.zeros(7, np.int8)}, "label is"),
    "an unknown label": ({"label": np.array([0, 1, 2, 3, 0, 1])}, r"labels \[0, 1, 2, 3\], expected 0, 1, 2"),
    "labels in words": ({"label": np.array(["negative"] * 6)}, "expected 0, 1, 2"),
    "subjects by number": ({"subject": np.arange(6)}, "subject is int64, expected text"),
    "13 regions": ({"roi_center": np.zeros((6, 13, 2), np.float32)}, "roi_center is"),
    "no place": ({"roi_center": np.full((6, 14, 2), np.nan)}, "roi_center is not all numbers"),
    "a place in words": ({"roi_center": np.full((6, 14, 2), "left")}, "roi_center is not all numbers"),
    "no face": ({"face_size": np.zeros((6, 2))}, "face_size is not all above 0"),
    "not stretched": ({"flow": flat(arrays()["flow"])}, "1 of 6 maps are not min–max stretched"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_with_wrong_content_is_one_line(tmp_path: Path, case: str) -> None:
    change, said = WRONG[case]
    with pytest.raises(BadMaps, match=said) as raised:
        maps.load(written(tmp_path, **(arrays() | change)))
    assert "\n" not in str(raised.value)


def test_a_file_that_is_something_else_is_one_line(tmp_path: Path) -> None:
    lacking = arrays()
    del lacking["subject"], lacking["clip"]
    with pytest.raises(BadMaps, match=r"has no subject, clip; expected an \.npz"):
        maps.load(written(tmp_path, **lacking))

    path = tmp_path / "other"
    good = written(tmp_path, **arrays()).read_bytes()
    data = good.index(b"flow.npy") + len(b"flow.npy") + 40  # of its first member, behind what goes before
    garbled = good[:data] + bytes(255 - each for each in good[data : data + 200]) + good[data + 200 :]
    for content in (b"", b"hello", good[: len(good) // 2], garbled, b"PK\x03\x04" + bytes(100)):
        path.write_bytes(content)
        with pytest.raises(BadMaps, match=r"expected an \.npz") as raised:
            maps.load(path)
        assert "\n" not in str(raised.value)
    np.save(tmp_path / "single.npy", np.zeros(3))
    for wrong in (tmp_path / "single.npy", tmp_path / "absent.npz", tmp_path):
        with pytest.raises(BadMaps, match=r"expected an \.npz"):
            maps.load(wrong)


def test_a_file_cannot_run_code(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    trapped = arrays() | {"clip": np.array([Trap()] * 6, object)}
    with pytest.raises(BadMaps, match=r"not an \.npz of plain"):
        maps.load(written(tmp_path, **trapped))
    assert not (tmp_path / "sprung").exists()
