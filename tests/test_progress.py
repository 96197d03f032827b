"""Long work is never silent: where there is no terminal, a line now and then; what is quickly done says nothing."""

from deadpan.app.commands import progress as told
from deadpan.app.commands.progress import EVERY, Lines, progress


def test_a_line_comes_now_and_then_and_says_how_far_it_is() -> None:
    said: list[str] = []
    clock = iter([0.0, 1.0, EVERY - 0.1, EVERY, EVERY + 1, 2 * EVERY])
    lines = Lines(said.append, lambda: next(clock))
    for done in range(5):
        lines.told("resampling", done, 500)
    assert said == [f"resampling: 2 of 500 ({EVERY:.0f} s)", f"resampling: 4 of 500 ({2 * EVERY:.0f} s)"]


def test_without_a_terminal_lines_go_to_stderr(monkeypatch, capfd) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(told, "EVERY", 0.0)
    with progress() as say:
        say("hiding [regions]", 3, 7)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("hiding [regions]: 3 of 7 (")
