"""A root says by its folders and pictures which data set it holds; when it does not, the layouts are told."""

from pathlib import Path

import pytest

from deadpan.calibration.sources.classes import MEGC
from deadpan.calibration.sources.find import LAYOUTS, find
from deadpan.calibration.sources.source import BadSource

FILES = {
    "casme": "Cropped/sub01/EP01_12/reg_EP01_12-73.jpg",
    "casme2": "CASME2-RAW/CASME2-RAW/sub01/EP02_01f/img46.jpg",
    "casme-squared": "rawpic/s15/15_0101disgustingteeth/img001.jpg",
    "samm": "SAMM/006/006_1_2/006_05562.jpg",
    "smic": "SMIC_all_raw/HS/s1/micro/negative/s1_ne_01/image099310.bmp",
    "smic-vis": "VIS/s11/micro/positive/s11_po_01/image000001.bmp",
    "smic-nir": "SMIC-E_raw image/NIR_long/SMIC-NIR-E/s11/s11_po_01/image000001.jpg",
    "synthetic": "truth.json",
}


def lay(root: Path, *names: str) -> Path:
    for name in names:
        path = root / FILES[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return root


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_recognized_and_can_be_named(tmp_path: Path, name: str) -> None:
    lay(tmp_path, name)
    assert find(None, tmp_path).name == find(name, tmp_path, MEGC).name == name


@pytest.mark.parametrize("name", ["casme2", "samm", "smic-vis"])
def test_a_folder_further_down_does_too(tmp_path: Path, name: str) -> None:
    first = Path(FILES[name]).parts[0]
    lay(tmp_path, name)
    assert find(None, tmp_path / first).name == name


def test_smic_is_its_high_speed_camera_unless_asked(tmp_path: Path) -> None:
    lay(tmp_path, "smic", "smic-vis", "smic-nir")
    assert find(None, tmp_path).name == "smic"
    assert find("smic-nir", tmp_path).name == "smic-nir"


def test_several_are_told_apart_by_the_user(tmp_path: Path) -> None:
    lay(tmp_path, "samm", "casme2")
    with pytest.raises(BadSource, match="looks like casme2 and samm; say which, or give the folder of one"):
        find(None, tmp_path)


def test_what_is_like_none_tells_what_each_is_like(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    with pytest.raises(BadSource) as raised:
        find(None, tmp_path)
    said = str(raised.value)
    assert "\n" not in said
    assert said.endswith("; found holiday/")
    assert all(f"{name}: {like}" in said for name, (like, _) in LAYOUTS.items())
    with pytest.raises(BadSource, match="layout fer: expected one of casme, casme2, casme-squared, samm, smic"):
        find("fer", tmp_path)
    with pytest.raises(BadSource, match="no such folder"):
        find(None, tmp_path / "absent")


def test_stills_are_recognized_as_what_holds_no_motion(tmp_path: Path) -> None:
    for word in ("angry", "happy"):
        (tmp_path / word).mkdir()
        (tmp_path / word / "1.png").write_bytes(b"")
    with pytest.raises(BadSource, match="a folder of stills per class, which hold no motion; expected clips: casme:"):
        find(None, tmp_path)
