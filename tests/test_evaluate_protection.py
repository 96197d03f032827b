"""`deadpan evaluate protection` tabulates every cell, says that it is synthetic, and refuses what it does not know."""

import json
from pathlib import Path

import networks
import platformdirs
import pytest
from conftest import Call

from deadpan.app.commands.main import main
from deadpan.calibration import events
from deadpan.calibration.synthetic import faces, portrait
from deadpan.calibration.trial import trial
from deadpan.models import own, recognizers
from deadpan.models.maps import LABELS


def called(monkeypatch: pytest.MonkeyPatch, *words: str) -> int | str | None:
    monkeypatch.setattr("sys.argv", ["deadpan", "evaluate", "protection", *words])
    try:
        main()
    except SystemExit as end:
        return end.code
    return 0


def test_every_cell_is_in_the_table_and_in_the_json(
    model: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    still = portrait.clip(1, model).stills[0].scaled(faces.WIDTH).framed(faces.SIZE)
    monkeypatch.setattr(faces, "load", lambda model: [still])
    file = tmp_path / "protection.json"
    words = [
        "--mode",
        "random places",
        "--mode",
        "stickers+decoy",
        "--codec",
        "none",
        "--codec",
        "vp8",
        "--bitrate",
        "300",
    ]
    words += ["--clips", "1", "--jobs", "1", "--recognizer", "motion", "--json", str(file)]
    assert called(monkeypatch, *words) in (0, None)
    said = capsys.readouterr().out
    record = json.loads(file.read_text())
    cells = [(row["mode"], row["codec"], row["bitrate"]) for row in record["rows"]]
    modes = ["none", "no motion", "random places", "decoy+stickers"]
    assert cells == [(mode, *call) for call in (("", 0), ("libvpx", 300_000)) for mode in modes]
    assert "| un-coded | none |" in said
    assert "| VP8 300 kbit/s | decoy+stickers |" in said
    assert "Synthetic: figures on these clips are not figures on people." in said
    for row in record["rows"]:
        assert (row["ms"] > 0) == (row["cost"] > 0) == (row["mode"] not in ("none", "no motion"))
    assert record["note"].startswith("synthetic")


def test_an_unknown_mode_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(monkeypatch, "--mode", "veil") not in (0, None)
    said = " ".join(capsys.readouterr().err.split())
    assert "--mode veil: expected sticker, stickers, freeze, decoy, still, or one that lays" in said
    assert "or a control: none, no motion, random place, random places, random motion" in said


@pytest.mark.parametrize("command", ["protection", "events"])
def test_who_reads_no_motion_maps_is_refused_before_the_work(
    command: str, deadpan: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda _: tmp_path / "own")
    (tmp_path / "tiny.onnx").write_bytes(networks.of_clips((4, 32, 32, 1)))
    own.add(tmp_path / "tiny.onnx", "clip", LABELS, window="frames")
    own.add(recognizers.shipped_folder() / "motion.onnx", "motion28", ("a", "b", "c"), "other")
    for module, name in ((trial, "run"), (events, "measure"), (faces, "load")):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("the work began"))
    for name, kind in (("tiny", f"{', '.join(LABELS)} of clip"), ("other", "a, b, c of motion28")):
        said = deadpan("evaluate", command, "--quick", "--recognizer", name)
        assert said.code == 1
        assert said.err.startswith(f"deadpan: --recognizer {name}: tells {kind}; expected a recognizer that tells")
        assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--quick", "--bitrate", "300"), "--bitrate: of no effect without a codec; leave it out"),
        (("--codec", "none", "--bitrate", "300"), "--bitrate: of no effect without a codec"),
        (("--data", "maps.npz", "--clips", "9", "--head", "still"), "--head, --clips: of no effect on motion maps"),
        (("--export", "out.npz"), "--export: of no effect without motion maps (--data)"),
    ],
)
def test_no_option_is_swallowed_in_silence(words: tuple[str, ...], said: str, deadpan: Call) -> None:
    told = deadpan("evaluate", "protection", *words)
    assert (told.code, told.err.count("\n")) == (1, 1)
    assert said in told.err
