"""`deadpan train`, its figures and its card; and the weights that were committed."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deadpan.app.commands import train as command
from deadpan.app.commands.main import main
from deadpan.models import folds, maps, score
from deadpan.models.maps import LABELS, Maps
from deadpan.models.training import card, figures, halves, recipes, trials
from deadpan.models.training.recipes import Augment, Recipe

WEIGHTS = Path(__file__).resolve().parent.parent / "models" / "weights"
QUICK = Recipe("motion", "ststnet", epochs=2, batch=8, rate=0.01, augment=Augment(flip=0.5))


def people(n: int = 24) -> Maps:
    """Maps of six people in two data sets."""
    motion = np.random.default_rng(0).integers(1, 255, (n, 28, 28, 3), np.uint8)
    motion[:, 0, 0], motion[:, 0, 1] = 0, 255
    index = np.arange(n)
    return Maps(
        motion=motion,
        label=index % 3,
        subject=np.array([f"s{i % 6}" for i in index]),
        dataset=np.where(index % 6 < 3, "casme2", "smic"),
        clip=np.array([f"c{i}" for i in index]),
        roi_center=np.zeros((n, 14, 2), np.float32),
        face_size=np.ones((n, 2), np.float32),
    )


def saved(folder: Path) -> Path:
    these = people()
    path = folder / "maps.npz"
    np.savez(
        path,
        flow=these.motion,
        label=these.label,
        subject=these.subject,
        dataset=these.dataset,
        clip=these.clip,
        roi_center=these.roi_center,
        face_size=these.face_size,
    )
    return path


def call(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(sys, "argv", ["deadpan", "train", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    return code if isinstance(code, int) else int(code is not None)


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and a recipe that takes a moment; gives a folder for the weights."""
    monkeypatch.setattr(folds.platformdirs, "user_cache_path", lambda _: tmp_path / "cache")
    monkeypatch.setattr(recipes, "RECIPES", (QUICK,))
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights"


def test_the_command_writes_weights_description_and_card(
    quick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="torch comes with the extra `train`")
    pytest.importorskip("onnx", reason="onnx comes with the extra `train`")
    from deadpan.models import description
    from deadpan.models.recognizer import Recognizer

    data = saved(tmp_path)
    words = ("motion", "--data", data, "--seeds", 2, "-o", quick, "--jobs", 1)
    assert call(monkeypatch, *words) == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    assert "12 fold networks trained" in said
    assert "composite: UF1" in said

    content = (quick / "motion.onnx").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    described = description.read(quick / "motion.json")
    assert (described.sha256, described.kind, described.labels) == (sha256, "motion28", LABELS)
    assert Recognizer(described, content).predict(people().motion).shape == (24, 3)
    text = (quick / "motion.md").read_text("utf-8")
    for fact in (sha256, f"{len(content):,} bytes", "1,683", "research use", "deadpan train motion --data", "± "):
        assert fact in text, fact

    # Again: nothing is trained anew, and the same files come out.
    before = {path.name: path.read_bytes() for path in quick.iterdir()}
    assert call(monkeypatch, *words) == 0
    assert "0 fold networks trained" in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in quick.iterdir()} == before


def test_folds_only_writes_no_weights(quick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="torch comes with the extra `train`")
    pytest.importorskip("onnx", reason="onnx comes with the extra `train`")
    words = ("motion", "--data", saved(tmp_path), "--seeds", 1, "-o", quick, "--jobs", 1, "--folds-only")
    assert call(monkeypatch, *words) == 0
    assert not list(quick.iterdir())
    assert folds.load("motion", maps.load(tmp_path / "maps.npz")).probabilities.shape == (24, 3)


def test_what_is_wrong_is_one_line(
    quick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = saved(tmp_path)
    wrong: tuple[tuple[tuple[Any, ...], str], ...] = (
        (("emotion", "--data", data), "emotion cannot be trained; there is: motion, learnet, stcnn, mmnet"),
        (("motion", "--data", tmp_path / "absent.npz"), "absent.npz: cannot be read"),
        (("motion", "--data", data, "-o", tmp_path / "nowhere"), "nowhere: no such folder"),
        (("motion", "--data", data), "motion comes with deadpan: say with -o FOLDER where yours goes"),
        *(
            (("motion", "--data", data, *option), f"{option[0]}: of no effect on a recognizer of motion maps")
            for option in (("--protocol", "honest"), ("--folds", 3), ("--epochs", 9), ("--landmarker", data))
        ),
    )
    for words, said in wrong:
        assert call(monkeypatch, *words) != 0
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert said in line


def test_without_torch_one_line_says_how_to_get_it(
    quick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: None)
    assert call(monkeypatch, "motion", "--data", saved(tmp_path), "-o", quick) != 0
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "torch" in line
    assert "pip install '.[train]'" in line


def test_reading_folds_and_writing_cards_load_no_torch() -> None:
    modules = "folds, maps, score; from deadpan.models.training import card, figures, recipes, trials"
    script = (
        f"import sys; from deadpan.models import {modules}; from deadpan.app.commands import train; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"torch", "onnx"} & set(done.stdout.split())


# The figures.


def test_figures_are_means_over_seeds_of_pooled_scores() -> None:
    these = people()
    generator = np.random.default_rng(5)
    said = [np.where(generator.random(24) < 0.7, these.label, generator.integers(0, 3, 24)) for _ in range(3)]
    rows = {row.name: row for row in figures.measure(these, said)}
    assert set(rows) == {"composite", "confirmation half", "casme2", "smic"}
    assert [rows[name].maps for name in ("composite", "casme2", "smic")] == [24, 12, 12]
    each = [score.uf1(these.label, one) for one in said]
    whole = rows["composite"].uf1
    assert whole.mean == pytest.approx(np.mean(each))
    assert whole.sd == pytest.approx(np.std(each, ddof=1))
    assert whole.low < whole.mean < whole.high
    smic = these.dataset == "smic"
    assert rows["smic"].uar.mean == pytest.approx(np.mean([score.uar(these.label[smic], one[smic]) for one in said]))


def test_the_halves_share_nobody_and_every_data_set() -> None:
    these = people()
    chosen = halves.design(these)
    design, confirmation = (set(these.subject[rows]) for rows in (chosen, ~chosen))
    assert not design & confirmation
    assert design | confirmation == set(these.subjects)
    for rows in (chosen, ~chosen):
        assert set(these.dataset[rows]) == {"casme2", "smic"}
    np.testing.assert_array_equal(chosen, halves.design(these))


def test_every_trial_is_in_the_table() -> None:
    for name, tried in trials.TRIALS.items():
        assert trials.table(name).count("\n| ") == (len(tried) + 1 if tried else 0)


# The committed weights.

TRAINED = [recipe.name for recipe in recipes.RECIPES]


def test_the_committed_weights_are_small() -> None:
    assert sum((WEIGHTS / f"{name}.onnx").stat().st_size for name in TRAINED) < 2_000_000


@pytest.mark.parametrize("name", TRAINED)
def test_a_card_tells_of_the_file_beside_it(name: str) -> None:
    content = (WEIGHTS / f"{name}.onnx").read_bytes()
    text = (WEIGHTS / f"{name}.md").read_text("utf-8")
    assert hashlib.sha256(content).hexdigest() in text
    assert f"{len(content):,} bytes" in text
    assert f"deadpan train {name} " in text
    assert card.LICENCE in text
    for section in ("## File", "## Data", "## Protocol", "## Figures", "## Tried", "## Limits", "## Made by"):
        assert section in text, section
