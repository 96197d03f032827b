"""Ctrl-C ends long work with one line and the exit code that shells expect."""

import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Call, read

from deadpan.app.commands import gather
from deadpan.app.commands.main import main
from deadpan.app.commands.stopping import NOTHING, Stopped, stoppable
from deadpan.models.frame import Frame
from deadpan.stickers.still import SkinProtection


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


@pytest.fixture
def pressed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C, on the fourth frame."""
    before = SkinProtection.apply

    def apply(self: SkinProtection, frame: Frame, *given: Any) -> object:
        if frame.index == 3:
            signal.raise_signal(signal.SIGINT)
        return before(self, frame, *given)

    monkeypatch.setattr(SkinProtection, "apply", apply)


@pytest.mark.usefixtures("pressed")
def test_a_clip_that_is_not_read_to_its_end_is_told(deadpan: Call, clip: Path, tmp_path: Path) -> None:
    """What was recorded by then is whole."""
    for words, source in ((("run", clip, "--record"), str(clip)), (("demo", "--no-meter", "-o"), "4 of 900 frames")):
        out = tmp_path / f"{words[0]}.mp4"
        said = deadpan(*words, out)
        assert said.code == 130
        assert said.err.splitlines()[-1].startswith("deadpan: stopped ")
        assert source in said.err
        assert str(out) in said.out
        assert len(read(out)) == 4


@pytest.mark.usefixtures("pressed")
def test_a_camera_is_ended_by_it_as_ever(deadpan: Call, tmp_path: Path) -> None:
    said = deadpan("run", "demo", "--virtual-camera", "none", "--record", tmp_path / "out.mp4")
    assert (said.code, "stopped" in said.err) == (0, False)
