"""`deadpan evaluate protection --data` tabulates every mode on maps, exports them, and refuses what does not fit."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deadpan.app.commands.main import main
from deadpan.calibration.effect import random_places
from deadpan.calibration.on_maps.protected import modes
from deadpan.calibration.sources.measuring import store
from deadpan.models.maps import load
from deadpan.stickers import plan


@pytest.fixture
def data(planted: Any, tmp_path: Path) -> Path:
    """Maps of people whom no recognizer has learned from."""
    maps = planted.maps(people=8, each=4)
    store(replace(maps, dataset=np.full(len(maps), "own")), tmp_path / "maps.npz")
    return tmp_path / "maps.npz"


def called(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int | str | None:
    monkeypatch.setattr("sys.argv", ["deadpan", "evaluate", "protection", *map(str, words)])
    try:
        main()
    except SystemExit as end:
        return end.code
    return 0


def test_every_mode_is_in_the_table_and_in_the_json(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(random_places, "PROPOSALS", 200)
    file = tmp_path / "figures.json"
    assert called(monkeypatch, "--data", data, "--recognizer", "motion", "--jobs", "1", "--json", file) in (0, None)
    said = capsys.readouterr().out
    record = json.loads(file.read_text())
    names = [*modes(plan.load("calibrated")), "stickers, chosen on others"]
    assert [row["mode"] for row in record["rows"]] == names
    assert all(f"\n| {name} | " in said for name in names)
    assert {(each["mode"], each["strength"]) for each in record["curves"]} == {
        (mode, strength) for mode in ("freeze", "still") for strength in (0, 0.25, 0.5, 0.75, 0.9, 1)
    }
    assert (record["clips"], record["people"], len(record["learned"])) == (32, 8, len(names) - 1)
    assert "A model:" in said


def test_the_exported_maps_can_be_judged_in_turn(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = data.read_bytes()
    out = tmp_path / "out.npz"
    words = ("--data", data, "--mode", "still", "--export", out)
    assert called(monkeypatch, *words) in (0, None)
    assert "32 maps under still" in capsys.readouterr().out
    assert (load(out).motion != load(data).motion).any()
    assert (load(out).label == load(data).label).all()
    assert called(monkeypatch, "--data", out, "--mode", "none", "--recognizer", "motion") in (0, None)
    assert called(monkeypatch, *words[:-1], data) not in (0, None)
    assert data.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--mode", "veil"], "--mode veil: expected sticker, stickers, freeze, decoy, still"),
        (["--codec", "h264"], "--codec: of no effect on motion maps (--data); leave it out"),
        (["--export", "out.npz"], "--export: expected one --mode"),
        (["--export", "out.npz", "--mode", "freeze", "--mode", "still"], "--export: expected one --mode"),
    ],
)
def test_what_does_not_fit_is_one_line(
    words: list[str],
    said: str,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert called(monkeypatch, "--data", data, *words) not in (0, None)
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out.npz").exists()


def test_maps_options_without_maps_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(monkeypatch, "--remeasure", "3") not in (0, None)
    assert "--remeasure: of no effect without motion maps (--data)" in capsys.readouterr().err


def test_all_networks_that_are_missing_are_told_at_once(
    planted: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of people whom the finished recognizers have learned from."""
    store(replace(maps := planted.maps(people=8, each=4), dataset=np.full(len(maps), "casme2")), tmp_path / "maps.npz")
    assert called(monkeypatch, "--data", tmp_path / "maps.npz") == 1
    said = capsys.readouterr().err
    assert all(
        f"`deadpan train {name} --data FILE --folds-only --seeds 2`" in said for name in ("motion", "motion-large")
    )
