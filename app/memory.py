"""Memory that two processes share, for pictures that must leave no trace, and the order in which it is used."""

import importlib
import mmap
import os
import secrets
import sys
from collections import deque
from multiprocessing import reduction
from multiprocessing.context import assert_spawning
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

ALIGNED = 64
"""Bytes that every record starts at a multiple of: a cache line."""

NEIGHBOURS = 1 << 16
"""Bytes that Linux maps at once around one that is read: a fault a page, as at a first writing, costs eight times as
much as the copying."""


class Memory:
    """A block of bytes that a process shares with those that it spawns, if it is among their arguments.

    It has no name: there is nothing to leak when every process is killed at once, and it is no file. On Linux it does
    not count towards /dev/shm either, which has 64 MB in a container, and beyond that a write kills the writer.
    """

    bytes: Bytes
    """(size,) uint8, zeros at first; what one process writes, the other reads."""

    def __init__(self, size: int) -> None:
        """Reserve `size` bytes; they take room only once they are written to."""
        self._size = size
        self._key: Any
        if sys.platform == "win32":  # a name of the kernel's, not of a file system's: it goes with the last process
            self._key = f"deadpan-{secrets.token_hex(16)}"
        else:
            self._key = nameless()
            os.ftruncate(self._key, size)
        self._map()

    def _map(self) -> None:
        if sys.platform == "win32":
            block = mmap.mmap(-1, self._size, tagname=self._key)
        else:
            block = mmap.mmap(self._key, self._size)
        self.bytes = np.frombuffer(block, np.uint8)

    def make(self) -> None:
        """Have every page made now: for a process that has time, so that one that has none finds them made."""
        self.bytes[:: mmap.PAGESIZE].max()

    def release(self) -> None:
        """No further process will share it. The block itself goes with the last array that looks at it."""
        if sys.platform != "win32" and self._key >= 0:
            os.close(self._key)
            self._key = -1

    def __getstate__(self) -> tuple[int, Any]:
        assert_spawning(self)
        return self._size, self._key if sys.platform == "win32" else reduction.DupFd(self._key)

    def __setstate__(self, state: tuple[int, Any]) -> None:
        self._size, key = state
        self._key = key if sys.platform == "win32" else key.detach()
        self._map()
        self.release()


def nameless() -> int:
    """A file descriptor of memory that no name leads to."""
    if sys.platform == "linux":
        return os.memfd_create("deadpan")
    return unlinked()


def unlinked() -> int:
    """The same where there is no memfd_create (macOS): the name is taken away before anything is written."""
    posix = importlib.import_module("_posixshmem")  # what multiprocessing.shared_memory stands on; Windows has none
    name = f"/deadpan-{secrets.token_hex(8)}"
    opened: int = posix.shm_open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode=0o600)
    posix.shm_unlink(name)
    return opened


class Shelf:
    """Lays records into a block of bytes, each into the first gap that it fits; the oldest is given up first.

    So the same low places serve again and again, and are still in the processor's cache.
    """

    def __init__(self, block: Bytes) -> None:
        """Use all of `block`, (size,) uint8."""
        self._block = block
        self._taken: deque[tuple[int, int]] = deque()
        """Where each record starts and ends, oldest first."""

    def __len__(self) -> int:
        return len(self._taken)

    def put(self, arrays: tuple[NDArray[Any], ...]) -> tuple[int, int] | None:
        """Copy the arrays' bytes in, one behind the other; gives start and end, or None when there is no room."""
        needed = sum(array.nbytes for array in arrays)
        start = 0
        for taken, end in sorted(self._taken):
            if start + needed <= taken:
                break
            start = -(-end // ALIGNED) * ALIGNED
        if start + needed > len(self._block):
            return None
        self._block[start : start + needed : NEIGHBOURS].max()
        at = start
        for array in arrays:
            into = self._block[at : at + array.nbytes].view(array.dtype).reshape(array.shape)
            np.copyto(into, array)
            at += array.nbytes
        self._taken.append((start, at))
        return start, at

    def give_up(self) -> Bytes:
        """Give up the oldest record; its bytes, in place, are good until the next `put`."""
        start, end = self._taken.popleft()
        return self._block[start:end]
