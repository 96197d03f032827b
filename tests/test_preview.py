"""The preview, in a real window on a display of its own: what it shows, and what its keys do."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

PYTHON = [sys.executable, "-X", "faulthandler"]
DEADPAN = [*PYTHON, "-m", "deadpan.app.commands.main"]
PATIENCE = 40.0
"""Seconds after which a test gives up waiting for what should have happened at once."""
BARE = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
"""The environment of a machine without a display."""


def until(happened: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    """Wait for something; a process that ends meanwhile tells why."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        if process.poll() is not None:
            pytest.fail(f"ended with {process.returncode}: {process.communicate()}")
        if time.monotonic() > deadline:
            process.send_signal(signal.SIGABRT)  # it tells where it is
            pytest.fail(f"nothing happened: {process.communicate()}")
        time.sleep(0.05)


class Display:
    """A screen of 1024×768 px in memory, with a keyboard and a mouse."""

    def __init__(self, folder: Path) -> None:
        read, write = os.pipe()
        # Without -noreset the screen goes blank, for good, when a preview that has asked whether the display answers
        # lets go of it just as its window comes: 7 of 60.
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1024x768x24", "-nolisten", "tcp", "-noreset"]
        self._server = subprocess.Popen(
            [*command, "-fbdir", str(folder)], pass_fds=[write], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        os.close(write)
        with os.fdopen(read) as pipe:
            self.name = f":{pipe.readline().strip()}"
        self._screen = folder / "Xvfb_screen0"

    def pixels(self) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        """(768, 1024, 3) uint8 BGR: what is on the screen now (the XWD format: header, colour map, pixels)."""
        data = self._screen.read_bytes()
        header = np.frombuffer(data, ">u4", 25)
        start = int(header[0]) + 12 * int(header[19])
        row = int(header[12])
        return np.frombuffer(data, np.uint8, row * 768, start).reshape(768, row // 4, 4)[:, :1024, :3]

    def shows(self, colour: tuple[int, int, int]) -> bool:
        """Whether a good part of the screen is of this colour (blue, green, red)."""
        return bool((np.abs(self.pixels().astype(int) - colour).max(axis=2) <= 2).mean() > 0.05)

    def press(self, key: str) -> None:
        """Press a key with the mouse over the middle of the window, wherever that is."""
        rows, columns = np.nonzero(self.pixels().max(axis=2))
        x, y = round(float(np.median(columns))), round(float(np.median(rows)))
        command = ["xdotool", "mousemove", str(x), str(y), "key", key]
        subprocess.run(command, env={**os.environ, "DISPLAY": self.name}, check=True)

    def close(self) -> None:
        self._server.terminate()
        self._server.wait()


@pytest.fixture(scope="module")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    missing = [tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"no {' and no '.join(missing)} here (Debian: sudo apt-get install xvfb xdotool)")
    display = Display(tmp_path_factory.mktemp("screen"))
    yield display
    display.close()


WINDOW = """
import sys, time
import numpy as np
import deadpan.app
from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.preview import Preview

window = Preview()
colour = [200, 30, 120]
while True:
    window.send(Outgoing(np.full((360, 640, 3), colour, np.uint8), Reason.SHUTTERED, 0.0))
    if key := window.key():
        with open(sys.argv[1], "a") as heard:
            heard.write(key)
        colour = [30, 200, 120]
    if key == "q":
        break
    time.sleep(0.02)
window.close()
window.close()
"""
"""Shows one colour until a key is pressed, then another; writes down which keys it got."""


@contextlib.contextmanager
def started(command: list[str], display: Display) -> Iterator["subprocess.Popen[str]"]:
    """A process with a window on the display, which does not outlive a test that fails."""
    environment = {**BARE, "DISPLAY": display.name}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_window_shows_what_is_sent_and_hears_its_keys(display: Display, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    heard.touch()

    def press_until_heard(key: str, letter: str) -> bool:
        """A window without a window manager may not have the keyboard yet."""
        display.press(key)
        time.sleep(0.2)
        return heard.read_text().endswith(letter)

    with started([*PYTHON, "-c", WINDOW, str(heard)], display) as process:
        until(lambda: display.shows((200, 30, 120)), process)
        until(lambda: press_until_heard("space", " "), process)
        until(lambda: display.shows((30, 200, 120)), process)
        until(lambda: press_until_heard("s", "s"), process)
        display.press("q")
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        assert (out, err) == ("", "")
    assert heard.read_text().strip(" ").strip("s") == "q"


def test_space_closes_the_shutter_s_changes_the_sticker_and_q_ends(display: Display, tmp_path: Path) -> None:
    """The whole command: shutter picture on the screen, another sticker in the summary, an orderly end."""
    figures = tmp_path / "figures.json"
    command = [*DEADPAN, "run", "demo", "--virtual-camera", "none", "--preview", "--json", str(figures)]
    with started([*command, "--protection", "still+stickers", "--sticker", "star"], display) as process:
        # The shutter is a still: two looks at it are the same, two looks at a noisy head are not.
        def moves() -> bool:
            before = display.pixels().copy()
            time.sleep(0.3)
            return bool(before.any() and (before != display.pixels()).mean() > 0.02)

        until(moves, process)
        display.press("space")
        until(lambda: not moves(), process)
        display.press("s")
        until(lambda: not moves(), process)  # a key's turn comes with the next picture
        display.press("space")
        until(moves, process)
        display.press("q")
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    told = json.loads(figures.read_text())
    assert told["frames"]["shuttered"] > 0
    assert told["frames"]["protected"] > 0
    assert told["frames"]["unvouched"] == 0
    assert told["sticker"] == "sun"  # the one after the star
    assert "sticker sun" in out


def no_display(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [*DEADPAN, "run", "demo", "--virtual-camera", "none", "--preview"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_there_is_one_line_and_no_abort() -> None:
    done = no_display(BARE)
    assert done.returncode == 1
    assert done.stderr.strip("\n").splitlines() == [
        "deadpan: --preview: there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_a_display_that_does_not_answer_is_one_line_and_no_abort() -> None:
    done = no_display({**BARE, "DISPLAY": ":4711"})
    assert done.returncode == 1
    assert len(done.stderr.strip("\n").splitlines()) == 1
