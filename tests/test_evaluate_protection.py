"""`deadpan evaluate protection` tabulates every cell, says that it is synthetic, and refuses what it does not know."""

import json
from pathlib import Path

import pytest

from deadpan.app.commands.main import main
from deadpan.calibration.synthetic import faces, portrait


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
