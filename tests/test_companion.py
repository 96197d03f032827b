"""A process beside the loop that answers when it can, keeps to itself and goes with its parent; nobody waits for it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from elsewhere import echo, pads, shouts, sleeps

from deadpan.app import companion as companions
from deadpan.app.companion import LONGEST, Companion, Desk

LOWEST = companions._lowest
"""Before `conftest.py` may take it away."""
SOON = 60.0
ROOM = 1 << 16


@contextlib.contextmanager
def started(work: Callable[[Desk], None], *, low: bool = False) -> Iterator[Companion]:
    companion = Companion(work, ROOM, low=low)
    try:
        yield companion
    finally:
        companion.end()


def answers(companion: Companion, count: int) -> list[tuple[Any, list[int]]]:
    """So many answers, each with the first byte of its record."""
    got: list[tuple[Any, list[int]]] = []
    deadline = time.monotonic() + SOON
    while len(got) < count and companion.alive and time.monotonic() < deadline:
        got += [(answer, record[:1].tolist()) for answer, record in companion.answers(SOON)]
    return got


def pid(companion: Companion) -> int:
    return companion._process.pid or 0


def test_every_record_is_answered_once_in_order_and_may_be_written_on() -> None:
    with started(echo) as companion:
        for number in range(5):
            assert companion.post(f"word {number}", np.full(10 + number, number, np.uint8))
        assert answers(companion, 5) == [((f"word {number}", number * (10 + number)), [77]) for number in range(5)]
        assert list(companion.answers()) == []


def test_what_does_not_fit_is_refused_until_there_is_room_again() -> None:
    with started(echo) as companion:
        os.kill(pid(companion), signal.SIGSTOP)
        posted = 0
        while companion.post(posted, np.ones(1000, np.uint8)):
            posted += 1
        assert posted == ROOM // 1024, "it has not even begun, and nobody waited for it"
        os.kill(pid(companion), signal.SIGCONT)
        assert [answer for answer, _ in answers(companion, posted)] == [(number, 1000) for number in range(posted)]
        assert companion.post("again", np.ones(1000, np.uint8))


def test_a_killed_one_is_noticed_and_raises_nothing() -> None:
    with started(echo) as companion:
        os.kill(pid(companion), signal.SIGKILL)
        companion._process.join()
        companion.post("gone", np.ones(1, np.uint8))
        assert answers(companion, 1) == []
        assert not companion.alive
        assert not companion.post("still gone", np.ones(1, np.uint8))


def test_ending_it_leaves_nothing_behind_whatever_it_is_doing() -> None:
    with started(sleeps) as companion:
        companion.post("sleep", np.ones(1, np.uint8))
        own = pid(companion)
        companion.end()
        assert not companion.alive
        with pytest.raises(ProcessLookupError):  # a zombie could still be sent signals
            os.kill(own, 0)
        companion.end()


def test_it_hears_neither_ctrl_c_nor_the_closing_of_the_terminal() -> None:
    """From its first moment on, before any line of ours runs in it."""
    with started(echo) as companion:
        for number in (signal.SIGINT, signal.SIGHUP):
            os.kill(pid(companion), number)
        companion.post("still here", np.ones(1, np.uint8))
        assert len(answers(companion, 1)) == 1
        os.kill(pid(companion), signal.SIGINT)
        companion.post("and here", np.ones(1, np.uint8))
        assert len(answers(companion, 1)) == 1


def test_those_who_start_it_still_hear_ctrl_c() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with started(echo):
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
    assert signal.SIGINT not in before


def test_it_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with started(shouts) as companion:
        companion.post("speak", np.ones(1, np.uint8))
        assert len(answers(companion, 1)) == 1
    assert capfd.readouterr() == ("", "")


def test_an_answer_that_a_pipe_might_pass_in_pieces_is_refused() -> None:
    with started(pads) as companion:
        companion.post(LONGEST + 1, np.ones(1, np.uint8))
        companion.post(LONGEST - 100, np.ones(1, np.uint8))
        (long, _), (short, _) = answers(companion, 2)
        assert "expected at most" in long
        assert short == b"x" * (LONGEST - 100)


@pytest.mark.skipif(sys.platform != "linux", reason="SCHED_IDLE is Linux's")
def test_it_takes_only_the_time_that_nobody_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(companions, "_lowest", LOWEST)
    with started(echo, low=True) as companion:
        assert os.sched_getscheduler(pid(companion)) == os.SCHED_IDLE
        assert os.sched_getscheduler(0) == os.SCHED_OTHER
    with started(echo) as companion:
        assert os.sched_getscheduler(pid(companion)) == os.SCHED_OTHER


PARENT = """
import sys, time
sys.path.append({folder!r})
import numpy as np
from elsewhere import {work}
from deadpan.app.companion import Companion

if __name__ == "__main__":
    companion = Companion({work}, 1024, low=False)
    companion.post("word", np.ones(1, np.uint8))
    for answer in companion.answers(0 if {work!r} == "sleeps" else 60):
        pass
    print(companion._process.pid, flush=True)
    time.sleep(1000)
"""


@pytest.mark.parametrize("work", ["echo", "sleeps"], ids=["idle", "hanging"])
def test_it_goes_with_its_parent_even_if_that_is_killed(work: str, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(folder=str(Path(__file__).parent), work=work))
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        own = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + SOON
    while gone(own) is False and time.monotonic() < deadline:
        time.sleep(0.02)
    assert gone(own)


def gone(own: int) -> bool:
    """Whether a process that is nobody's child here has ended; one that nobody has buried yet counts."""
    status = Path(f"/proc/{own}/status")
    if status.parent.parent.is_dir():
        return not status.exists() or "State:\tZ" in status.read_text()
    try:
        os.kill(own, 0)
    except ProcessLookupError:
        return True
    return False
