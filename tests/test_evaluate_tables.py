"""`deadpan evaluate tables`, end to end: five data sets' layouts, motion maps, and what is wrong with what is asked."""

import csv
import io
import json
import sys
from pathlib import Path

import grids
import networks
import platformdirs
import pytest
import trees

from deadpan.app.commands import evaluate_tables
from deadpan.app.commands.main import main
from deadpan.calibration.effect.tally import Share
from deadpan.calibration.grid.run import Ran
from deadpan.calibration.sources import measuring
from deadpan.calibration.tables import fig_1, shift
from deadpan.calibration.tables.shift import Shift, Way
from deadpan.calibration.targets.target import Spent
from deadpan.models import fer2013, own
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import LABELS
from deadpan.stickers.sticker import Sticker

SAMPLE = (4, 32, 32, 1)
HALF = Share(0.5, 0.4, 0.6, 5)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, model: bytes) -> Path:
    """A folder that holds the five data sets."""
    root, shown = tmp_path_factory.mktemp("data"), trees.shown(model)
    for name, write in trees.LAYOUTS.items():
        (root / name).mkdir()
        write(root / name, shown)
    return root


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")


@pytest.fixture(autouse=True)
def _tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished recognizer of clips, the user's own: which third of the face differs most from first to last."""
    monkeypatch.setattr(platformdirs, "user_data_path", lambda _: tmp_path / "own")
    (tmp_path / "tiny.onnx").write_bytes(networks.of_clips(SAMPLE))
    own.add(tmp_path / "tiny.onnx", "clip", LABELS, window="frames")


def call(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(sys, "argv", ["deadpan", "evaluate", "tables", *map(str, words)])
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def table(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((out / "table.csv").read_text("utf-8"))))


def test_five_data_sets_in_their_own_layouts_become_one_table(
    root: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    placements = ["random", "causal", "causal:smic", "exhaustive"]
    words = [word for name in trees.LAYOUTS for word in ("--data", root / name)]
    words += [word for each in placements for word in ("--placement", each)]
    words += ["--victim", "tiny", "--sticker", "star", "--k", 3, "--draws", 2, "--jobs", 1, "-o", out]
    assert call(monkeypatch, *words) == 0, capsys.readouterr().err
    rows = table(out)
    assert [(each["dataset"], each["sticker"], each["placement"]) for each in rows] == [
        (name, *treatment)
        for name in trees.LAYOUTS
        for treatment in (
            *(("none", "none"), ("none", "constant")),
            *(("star", placement) for placement in placements),
        )
    ]
    assert {(each["victim"], each["kind"], each["n"], each["subjects"]) for each in rows} == {
        ("tiny", "clips", "6", "2")
    }
    text = (out / "report.md").read_text("utf-8")
    assert "deadpan evaluate tables --data casme --data casme2" in text
    assert str(root) not in text + (out / "report.html").read_text("utf-8")

    before, took = (out / "table.csv").read_bytes(), (out / "run.json").read_bytes()
    capsys.readouterr()
    assert call(monkeypatch, *words) == 0, capsys.readouterr().err
    assert (out / "table.csv").read_bytes() == before
    assert (out / "run.json").read_bytes() == took, "what it took is told by the run that asked"
    said = capsys.readouterr()
    assert "0 of them new" in said.out

    some = sorted((out / "cells").rglob("*.npz"))[:3]
    for each in some:
        each.unlink()
    assert call(monkeypatch, *words) == 0, capsys.readouterr().err
    runs = json.loads((out / "run.json").read_text("utf-8"))["runs"]
    assert runs[0] == json.loads(took)["runs"][0], "another run does not overwrite it"
    assert [each["asked"] for each in runs] == [runs[0]["cells"], 3]
    assert "aligning" not in said.err


def test_people_whom_motion_never_saw_are_judged_without_training(
    root: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On CASME and CAS(ME)²; on the three that it has learned from, only a fold network may judge."""
    where = ("--jobs", 1, "--victim", "motion", "--placement", "region:chin", "-o", out)
    assert call(monkeypatch, "--data", root / "casme", "--data", root / "casme-squared", *where) == 0
    rows = table(out)
    assert [each["placement"] for each in rows] == 2 * ["none", "constant", "region:chin"]
    assert {(each["dataset"], each["kind"]) for each in rows} == {("casme", "maps"), ("casme-squared", "maps")}
    capsys.readouterr()
    assert call(monkeypatch, "--data", root / "casme2", *where) == 1
    assert "fold networks of motion (seed 0) are not in" in capsys.readouterr().err


def test_of_all_clips_a_few_are_judged(
    root: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--victim", "tiny", "--placement", "region:chin", "--clips", 3, "--jobs", 1, "-o", out)
    assert call(monkeypatch, "--data", root / "smic", *words) == 0, capsys.readouterr().err
    assert {each["n"] for each in table(out)} == {"3"}


def test_stills_are_looked_at_with_the_first_sticker_at_the_size_of_the_other_figures_and_stand_in_the_report(
    root: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def measured(where: str, model: bytes, sticker: Sticker, k: float, draws: int, seed: int, *_: object) -> Shift:
        asked.append((where, sticker.name, k, draws, seed))
        ways = tuple(Way(name, 1, (HALF,) * 7, HALF, HALF, 0.0) for name in shift.WAYS)
        return Shift(5, 0, sticker.name, "chin", "the paper’s", k, ways, HALF, seed, "0" * 64)

    monkeypatch.setattr(fig_1, "measure", measured)
    words = ("--victim", "tiny", "--placement", "region:chin", "--clips", 3, "--jobs", 1, "-o", out, "--draws", 4)
    words += ("--stills", "faces", "--sticker", "heart", "--sticker", "sun", "--k", 1, "--k", 3)
    assert call(monkeypatch, "--data", root / "smic", *words) == 0, capsys.readouterr().err
    assert asked == [("faces", "heart", 3, 4, 0)]
    text = (out / "report.md").read_text("utf-8")
    assert "--stills faces" in text
    assert "on 5 pictures" in text


def test_what_is_wrong_is_one_line(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    maps = tmp_path / "maps.npz"
    measuring.store(grids.case().target.maps, maps)  # type: ignore[attr-defined]
    fer2013.fetch()
    for words, said in (
        ((), "give --data FILE, --data FOLDER or --synthetic FOLDER"),
        (("--data", root / "absent"), "no such folder"),
        (
            ("--data", maps, "--victim", "nobody"),
            "--victim nobody: no such recognizer; there is: motion, motion-large",
        ),
        (
            ("--data", root / "smic", "--victim", "nobody"),
            "there is: motion, motion-large, tiny, learnet (once trained), stcnn (once trained), mmnet (once trained)",
        ),
        (
            ("--data", maps, "--victim", "fer2013"),
            "of gray64; expected negative, positive, surprise of motion28 or clip",
        ),
        (
            ("--data", maps, "--victim", "tiny"),
            "--victim tiny: looks at clips; give --data FOLDER or",
        ),
        (("--data", maps, "--dataset", "smic"), "--dataset smic: says what one folder holds; got 0 of them"),
        (
            ("--data", maps, "--data", maps, "--victim", "tiny"),
            "--data: casme2 is there twice; give",
        ),
        (("--data", maps, "--sticker", "elephant"), "no sticker called 'elephant'"),
        (
            ("--data", maps, "--stills", root / "absent"),
            "no such folder; expected one that holds a folder per class, or",
        ),
        (("--data", maps, "-o", file), f"-o {file}: no folder can be made there"),
        (("--data", root / "smic", "--victim", "learnet"), "run `deadpan train learnet --data FOLDER --folds-only`"),
    ):
        where = () if "-o" in words else ("-o", tmp_path / "out")
        assert call(monkeypatch, *words, *where) == 1, words
        error = capsys.readouterr().err.strip().splitlines()[-1]
        assert error.startswith("deadpan: ")
        assert said in error
        assert "fer2013" not in error.replace("--victim fer2013", "")


def test_what_a_run_took_is_told_under_its_own_name_where_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "run.json").mkdir()
    with pytest.raises(DeadpanError, match=r"run\.json: cannot be written") as refused:
        evaluate_tables._tell(Ran(1, 1, 1.0, Spent()), 1, tmp_path)
    assert "--json" not in str(refused.value)
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("run")] == ["run.json"]
