"""Leave one subject out: nobody is judged by a network that saw them, and an interruption changes nothing."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deadpan.models import fetch, folds
from deadpan.models.errors import DeadpanError
from deadpan.models.folds import FoldsMissing
from deadpan.models.maps import Maps
from deadpan.models.training import recipes
from deadpan.models.training.recipes import Augment, Recipe

QUICK = Recipe("motion", "ststnet", epochs=2, batch=8, rate=0.01, augment=Augment(flip=0.5), flip_average=True)
PEOPLE = ("a", "b", "c", "../d")


def people(each: int = 4, names: tuple[str, ...] = PEOPLE) -> Maps:
    """Maps of a few made-up people, no two alike."""
    n = each * len(names)
    motion = np.random.default_rng(0).integers(1, 255, (n, 28, 28, 3), np.uint8)
    motion[:, 0, 0], motion[:, 0, 1] = 0, 255
    return Maps(
        motion=motion,
        label=np.arange(n) % 3,
        subject=np.repeat(names, each),
        dataset=np.where(np.arange(n) < n // 2, "casme2", "smic"),
        clip=np.array([f"c{i}" for i in range(n)]),
        roi_center=np.zeros((n, 14, 2), np.float32),
        face_size=np.ones((n, 2), np.float32),
    )


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and recipes that take a moment."""
    monkeypatch.setattr(folds.platformdirs, "user_cache_path", lambda _: tmp_path / "cache")
    monkeypatch.setattr(recipes, "RECIPES", (QUICK,))
    return tmp_path / "cache"


def loso() -> Any:
    pytest.importorskip("torch", reason="torch comes with the extra `train`")
    pytest.importorskip("onnx", reason="onnx comes with the extra `train`")
    from deadpan.models.training import loso

    return loso


def test_no_fold_is_trained_on_the_person_whom_it_judges(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    training = loso()
    maps = people()
    owner = {each.tobytes(): str(name) for each, name in zip(maps.motion, maps.subject, strict=True)}
    fit, seen = training.fit.fit, []

    def spy(recipe: Recipe, motion: Any, label: Any, seed: int) -> Any:
        seen.append({owner[each.tobytes()] for each in motion})
        return fit(recipe, motion, label, seed)

    monkeypatch.setattr(training.fit, "fit", spy)
    training.train("motion", maps, (0,))
    assert seen == [set(maps.subjects) - {subject} for subject in maps.subjects]


def test_a_map_is_judged_by_its_own_subjects_fold(cache: Path) -> None:
    training = loso()
    maps = people()
    training.train("motion", maps, (0,))
    judged = folds.load("motion", maps)
    for subject in maps.subjects:
        rows = maps.subject == subject
        others = maps.only(~rows)
        networks = training.fit.fit(QUICK, others.motion, others.label, 0)
        wanted = training.probabilities(networks, maps.motion[rows], flip=True)
        np.testing.assert_allclose(judged.probabilities[rows], wanted, atol=1e-4)
        np.testing.assert_allclose(judged.predict(subject, maps.motion[rows]), wanted, atol=1e-4)
    with pytest.raises(DeadpanError, match="no subject 'z'"):
        judged.predict("z", maps.motion)


def test_what_was_interrupted_goes_on_and_ends_the_same(cache: Path) -> None:
    training = loso()
    maps, seeds = people(), (0, 1)
    told: list[None] = []
    assert training.train("motion", maps, seeds, advance=lambda: told.append(None)) == 8 == len(told)
    whole = {path.relative_to(cache): path.read_bytes() for path in cache.rglob("*") if path.is_file()}
    assert len(whole) == 8

    for path in sorted(cache.rglob("*.onnx"))[::3]:
        path.unlink()
    kept = {path: path.stat().st_mtime_ns for path in cache.rglob("*.onnx")}
    told.clear()
    assert training.train("motion", maps, seeds, advance=lambda: told.append(None)) == 3
    assert len(told) == 8
    assert {path.relative_to(cache): path.read_bytes() for path in cache.rglob("*") if path.is_file()} == whole
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())


def test_a_fold_lies_in_the_cache_whatever_a_subject_is_called(cache: Path) -> None:
    maps = people()
    paths = [folds.path("motion", maps, 0, name) for name in ("../d", "/etc/x", "..", "a/b", "a_b", "ä", "")]
    assert len(set(paths)) == 7
    for path in paths:
        assert path.parent == folds.folder("motion", maps) / "seed-0"
        assert path.resolve().is_relative_to(cache.resolve())


def test_missing_folds_are_one_line_that_names_the_command(cache: Path) -> None:
    with pytest.raises(
        FoldsMissing, match=r"4 of 4 fold networks of motion \(seed 2\).*`deadpan train motion"
    ) as raised:
        folds.load("motion", people(), seed=2)
    assert "\n" not in str(raised.value)


def test_a_damaged_fold_is_one_line(cache: Path) -> None:
    maps = people()
    for subject in maps.subjects:
        fetch.store(folds.path("motion", maps, 0, subject), b"\x08\x01 not a network")
    with pytest.raises(DeadpanError, match="not a whole fold network") as raised:
        _ = folds.load("motion", maps).probabilities
    assert "\n" not in str(raised.value)


def test_other_maps_or_another_recipe_have_other_folds(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maps = people()
    first = folds.identity("motion", maps)
    assert folds.identity("motion", people()) == first
    assert folds.identity("motion", people(each=5)) != first
    monkeypatch.setattr(recipes, "RECIPES", (dataclasses.replace(QUICK, augment=Augment(flip=0.4)),))
    assert folds.identity("motion", maps) != first


def test_one_subject_cannot_be_left_out(cache: Path) -> None:
    with pytest.raises(DeadpanError, match="one subject"):
        loso().train("motion", people(names=("a",)), (0,))


def test_a_graph_that_differs_from_torch_is_refused() -> None:
    difference = loso().difference
    said = np.full((2, 3), 1 / 3, np.float32)
    assert difference(said, said, "x") == 0
    for wrong in (said + np.float32(2e-4), said * np.float32("nan")):
        with pytest.raises(DeadpanError, match="x: ONNX Runtime and torch differ"):
            difference(said, wrong, "x")
