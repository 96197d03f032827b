"""Work that processes share: in order, and Ctrl-C is heard by one process only."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest
from joblib import delayed

from deadpan.calibration.workers import shared

SCRIPT = """
import sys, time
from joblib import delayed
from deadpan.calibration.workers import shared
try:
    for _ in shared((delayed(time.sleep)(seconds) for seconds in (0, 0, 600, 600)), 2):
        print("ready", flush=True)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order_whoever_finds_them(jobs: int) -> None:
    assert list(shared((delayed(abs)(-each) for each in range(9)), jobs)) == list(range(9))


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal's Ctrl-C is sent otherwise there")
def test_ctrl_c_prints_no_trace_of_any_worker() -> None:
    """A terminal sends it to all processes of a command, as here."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["ready\n"] * 2
    for _ in range(6):  # whoever sees nothing end presses again: the first may fall into a callback, which drops it
        os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            _, err = process.communicate(timeout=20)
            break
    assert (process.returncode, err) == (130, "")
