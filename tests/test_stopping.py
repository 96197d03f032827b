"""Ctrl-C ends long work with one line and the exit code that shells expect."""

import sys

import pytest

from deadpan.app.commands import gather
from deadpan.app.commands.main import main
from deadpan.app.commands.stopping import NOTHING, Stopped, stoppable


def test_calibrate_says_that_nothing_was_written(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(gather, "is_stills", interrupted)
    monkeypatch.setattr(sys, "argv", ["deadpan", "calibrate", "--data", "maps.npz"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capfd.readouterr() == ("", f"deadpan: {NOTHING}\n")


def test_other_troubles_pass_unchanged() -> None:
    with pytest.raises(ValueError, match="mine"), stoppable():
        raise ValueError("mine")
    with pytest.raises(Stopped, match="half a folder"), stoppable("half a folder"):
        raise KeyboardInterrupt
