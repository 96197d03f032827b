"""What holds for every command: its help, and how an error reaches a person."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Call

from deadpan.app.commands.main import main
from deadpan.models.errors import DeadpanError
from deadpan.stickers import sticker as stickers


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), ("run", "demo", "regions", "bench", "models", "stickers", "--debug")),
        (("run",), ("--virtual-camera", "--record", "--preview", "--when-empty", "--size", "--json")),
        (("run",), ("--meter", "--recognizer", "--device", "--overlay-on-camera", "--protection", "--strength")),
        (("demo",), ("--output", "--seconds", "--sticker", "--plan", "--k", "--no-meter")),
        (("regions",), ("--image", "--output", "--landmarker")),
        (("calibrate",), ("--data", "--camera", "--output", "--report", "--choose", "--test-recognizer")),
        (("bench",), ("--clip", "--frames", "--json")),
        (("models",), ("list", "fetch", "verify")),
        (("models", "verify"), ("Models by name",)),
        (("stickers",), ("list", "show")),
        (("stickers", "show"), ("--columns",)),
    ],
    ids=lambda value: "-".join(value) if value else "all",
)
def test_every_command_has_help(deadpan: Call, words: tuple[str, ...], named: tuple[str, ...]) -> None:
    for flag in ("--help", "-h"):
        said = deadpan(*words, flag)
        assert said.code == 0
        for name in named:
            assert name in said.out


def test_debug_raises_with_its_trace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["deadpan", "--debug", "run", str(tmp_path), "--record", "out.mp4"])
    with pytest.raises(DeadpanError, match="a directory; expected a video file"):
        main()


def test_what_nobody_foresaw_is_one_line_too(deadpan: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(stickers, "art", broken)
    said = deadpan("stickers", "list")
    assert said.code == 1
    assert said.err == "deadpan: unexpected ZeroDivisionError: by zero (run again with --debug for the trace)\n"


def test_a_missing_system_library_names_its_package(deadpan: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(stickers, "art", broken)
    said = deadpan("stickers", "list")
    assert said.code == 1
    assert said.err == "deadpan: the system library libGL.so.1 is missing; sudo apt-get install libgl1\n"


def test_a_crash_leaves_no_core_with_pictures_in_it() -> None:
    script = (
        "import resource, sys; from deadpan.app.commands import main; sys.argv = ['deadpan', '--version']\n"
        "try: main.main()\nexcept SystemExit: pass\nprint(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "(0, 0)"
