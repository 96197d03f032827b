"""A private folder for the arrays that processes share: aligned faces, among others."""

import atexit
import os
import platform
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

MEMORY = Path("/dev/shm")
"""Linux's file system in memory: what lies there has gone when the machine is off."""
ROOM = 2_000_000_000
"""Bytes that must be free there, or it is the system's temporary folder (so would joblib choose, but in the open)."""


@cache
def scratch() -> Path:
    """This process' own folder, which nobody but its user may open. It goes with the process.

    Unless that is killed: such folders, of processes of this machine that live no more, are removed first.
    """
    place, ours = _place(), f"deadpan-{platform.node()}-"
    for left in place.glob(f"{ours}*-*"):
        pid = left.name.removeprefix(ours).partition("-")[0]
        if pid.isdecimal() and not _lives(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    made = tempfile.mkdtemp(prefix=f"{ours}{os.getpid()}-", dir=place)
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)


def _place() -> Path:
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return Path(tempfile.gettempdir())


def _lives(pid: int) -> bool:
    if sys.platform == "win32":  # there the question ends the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True
