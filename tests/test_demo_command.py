"""Stories of `deadpan demo`, as a person would live them."""

import json
from pathlib import Path

import numpy as np
from conftest import Call, read
from figures import assert_figures, assert_success


def test_the_demo_writes_before_and_after_side_by_side(deadpan: Call, tmp_path: Path) -> None:
    out, figures = tmp_path / "demo.mp4", tmp_path / "figures.json"
    said = deadpan("demo", "--seconds", "1", "-o", out, "--json", figures, "--no-meter")
    assert said.code == 0, said.err
    assert f"before | after: {out}" in said.out
    told = json.loads(figures.read_text("utf-8"))
    assert_figures(told)
    assert (told["size"], told["frames"]["in"], told["frames"]["protected"]) == ([960, 720], 30, 30)
    pictures = read(out)
    assert len(pictures) == 30
    assert pictures[0].shape == (720, 1920, 3)
    before, after = pictures[10][:600, :960].astype(int), pictures[10][:600, 960:].astype(int)  # above the captions
    changed = np.abs(before - after).max(axis=2) > 60
    assert 0.001 < changed.mean() < 0.05


def test_the_demo_has_an_event_that_the_meter_finds_and_a_panel(deadpan: Call, tmp_path: Path) -> None:
    out, figures = tmp_path / "demo.mp4", tmp_path / "figures.json"
    said = deadpan("demo", "--seconds", "4", "-o", out, "--json", figures)
    assert said.code == 0, said.err
    told = json.loads(figures.read_text("utf-8"))
    assert_figures(told, "success")
    assert_success(told["success"])
    assert told["success"]["events"] >= 1
    assert told["success"]["skipped_frames"] == told["success"]["errors"] == 0
    assert f"meter (motion): {told['success']['events']} motions spotted" in said.out
    assert "synthetic: figures on them are not figures on people" in said.out
    pictures = read(out)
    assert len(pictures) == 120
    assert all(each.shape == (720, 1920, 3) for each in pictures)
    for picture in (pictures[0], pictures[-1]):
        assert picture[608:716, :8].mean() < 80, "the panel's margin is dark"
        assert (picture[560:].min(axis=2) > 150).any(axis=0)[:300].sum() > 250, "and it is written on"
