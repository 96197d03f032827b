"""A private folder for the arrays that processes share: aligned faces, among others."""

import atexit
import os
import platform
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

if sys.platform != "win32":
    import fcntl

MEMORY = Path("/dev/shm")
"""Linux's file system in memory: what lies there has gone when the machine is off."""
ROOM = 2_000_000_000
"""Bytes that must be free there, or it is the system's temporary folder (so would joblib choose, but in the open)."""


@cache
def scratch() -> Path:
    """This process' own folder, which nobody but its user may open. It goes with the process.

    Unless that is killed: such folders, of processes of this machine that live no more, are removed first. Which those
    are the system's locks tell, not process numbers, which are given again, and are others in a container.
    """
    place, ours = _place(), f"deadpan-{platform.node()}-"
    for left in place.glob(f"{ours}{8 * '?'}"):  # as `mkdtemp` ends; longer ones are of a machine of a longer name
        _remove(left)
    while True:
        made = Path(tempfile.mkdtemp(prefix=ours, dir=place))
        _lock(made)  # open, and so locked, as long as the process lives
        if made.exists():  # or another process found it before it was locked
            break
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def _place() -> Path:
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return Path(tempfile.gettempdir())


def _remove(left: Path) -> None:
    """Remove a folder that no living process has locked."""
    held = _lock(left, wait=False)
    if held is not None:
        shutil.rmtree(left, ignore_errors=True)
        os.close(held)


def _lock(folder: Path, *, wait: bool = True) -> int | None:
    """Lock a folder: the open file that holds the lock; None where another does, or nobody can."""
    if sys.platform == "win32":
        return None
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # somebody else's, or gone
        return None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(opened)
        return None
    return opened
