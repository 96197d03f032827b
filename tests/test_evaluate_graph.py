"""`deadpan evaluate graph` measures everything it tabulates."""

import json
from pathlib import Path

import pytest

from deadpan.app.commands import evaluate_graph
from deadpan.app.commands.main import main


def called(monkeypatch: pytest.MonkeyPatch, *words: str) -> int | str | None:
    monkeypatch.setattr("sys.argv", ["deadpan", "evaluate", "graph", *words])
    try:
        main()
    except SystemExit as end:
        return end.code
    return 0


def test_every_table_has_its_rows_and_the_json_has_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluate_graph, "QUICK", 1)
    file = tmp_path / "graph.json"
    code = called(monkeypatch, "--quick", "--jobs", "1", "--pictures", "0", "--json", str(file))
    said = capsys.readouterr().out
    assert code in (0, None)
    record = json.loads(file.read_text())
    kinds = [(row["degree"], row["n"]) for row in record["random_graphs"]]
    assert kinds == [(2, 442), (2, 5000), (2, 0), (4, 442), (4, 5000), (4, 0)]
    assert [row["seen"] for row in record["drivers"]] == ["amplitudes", "fields", "fields"]
    rows = [line for line in said.splitlines() if line.startswith("| ") and "---" not in line]
    assert len(rows) == 2 + 6 + 3
    assert "| 2 | infinite | 1 | 1.00 | 1.00 |" in said
    assert "--quick: 1 of each kind show that it works; such figures are too few to mean anything" in said
    for head in ("precision, recall:", "By chance:", "Possible winners:", "Its arrows", "False edges:"):
        assert head in said
