"""Long work is never silent: where there is no terminal, a line now and then; what is quickly done says nothing."""

import io
import re
import time

from rich.console import Console

from deadpan.app.commands import progress as told
from deadpan.app.commands.progress import EVERY, Lines, progress


def test_a_line_comes_now_and_then_and_says_how_far_it_is() -> None:
    said: list[str] = []
    clock = iter([0.0, 1.0, EVERY - 0.1, EVERY, EVERY + 1, 2 * EVERY])
    lines = Lines(said.append, lambda: next(clock))
    for done in range(5):
        lines.told("resampling", done, 500)
    assert said == [f"resampling: 2 of 500 ({EVERY:.0f} s)", f"resampling: 4 of 500 ({2 * EVERY:.0f} s)"]


def test_who_is_told_of_nothing_for_long_says_again_what_is_being_done() -> None:
    said: list[str] = []
    clock = iter([0.0, 1.0, EVERY, EVERY + 1, 2 * EVERY, 3 * EVERY])
    lines = Lines(said.append, lambda: next(clock))
    lines.told("cells", 0, 3)
    for _ in range(3):
        lines.repeat()
    lines.told("drawing", 0, 0)
    assert said == [
        f"cells: 0 of 3 ({EVERY:.0f} s)",
        f"cells: 0 of 3 ({2 * EVERY:.0f} s)",
        f"drawing ({3 * EVERY:.0f} s)",
    ]


def test_silent_work_is_no_silent_command(monkeypatch, capfd) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(told, "EVERY", 1.5)
    with progress() as say:
        say("learning", 0, 0)
        deadline = time.monotonic() + 60
        while not (said := capfd.readouterr().err):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert said.startswith("learning (")


def test_in_a_terminal_what_has_no_known_end_has_no_share(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    shown = io.StringIO()
    monkeypatch.setattr(told, "console", Console(file=shown, force_terminal=True, width=100))
    with progress() as say:
        say("cells", 3, 3)
        say("drawing", 0, 0)
        say("resampling", 1, 4)
        say("drawing", 0, 0)
    lines = re.split(r"[\r\n]+", shown.getvalue())
    assert any("drawing" in line for line in lines)
    assert not [line for line in lines if "drawing" in line and "%" in line]


def test_without_a_terminal_lines_go_to_stderr(monkeypatch, capfd) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(told, "EVERY", 0.0)
    with progress() as say:
        say("hiding [regions]", 3, 7)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("hiding [regions]: 3 of 7 (")
