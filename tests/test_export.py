"""Exported maps: the file of the maps themselves, with other motion in it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deadpan.calibration.on_maps.export import export
from deadpan.calibration.on_maps.protected import Protecting, modes
from deadpan.calibration.sources.measuring import store
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import load
from deadpan.stickers import plan


@pytest.fixture
def source(planted: Any, tmp_path: Path) -> Path:
    store(planted.maps(people=2), tmp_path / "maps.npz")
    with np.load(tmp_path / "maps.npz") as file:
        arrays = {key: file[key] for key in file.files}
    # As in the public file.
    np.savez_compressed(tmp_path / "maps.npz", **(arrays | {"label": arrays["label"].astype(np.int8)}))
    return tmp_path / "maps.npz"


def test_all_but_the_motion_is_the_sources_own_and_the_loader_takes_it(source: Path, tmp_path: Path) -> None:
    maps = load(source)
    motion = Protecting(maps, plan.load("calibrated"))(modes(plan.load("calibrated"))["still"])
    export(motion, source, tmp_path / "out.npz")
    with np.load(source) as before, np.load(tmp_path / "out.npz") as after:
        assert after.files == before.files
        for key in before.files:
            assert (after[key].dtype, after[key].shape) == (before[key].dtype, before[key].shape)
            assert key == "flow" or (after[key] == before[key]).all()
    assert (load(tmp_path / "out.npz").motion == motion).all()
    assert (motion != maps.motion).any()


def test_a_place_that_cannot_be_written_is_one_line(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeadpanError, match="cannot be written"):
        export(load(source).motion, source, tmp_path / "file" / "out.npz")
