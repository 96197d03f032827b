"""A process of the lowest rank beside the loop: it is handed records, answers each, and nobody has to wait for it."""

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from numpy.typing import NDArray

from deadpan.app.memory import Bytes, Memory, Shelf

LONGEST = 4092
"""Bytes of an answer, at most: with its four bytes of length it passes a pipe in one piece (PIPE_BUF, 4096 on Linux).
Half an answer of a starved process would make its reader wait for the other half."""

GOING = 5.0
"""Seconds that a killed process may take to go: on a busy machine even that waits for its turn."""


class Companion:
    """The loop's end. All of its methods are for one thread; only those that are given patience ever wait.

    The companion shares no lock and no interpreter with the loop. It sees Ctrl-C or a closed terminal only through
    `end`, and goes when this process goes, however that ends.
    """

    def __init__(self, work: "Callable[[Desk], None]", room: int, *, low: bool) -> None:
        """Start `work`, a function of a module, in a process of its own, with `room` bytes for what waits for it.

        With `low` it gets only the time that nobody else wants (Linux; macOS: the greatest niceness; Windows: no less).
        """
        spawning = multiprocessing.get_context("spawn")  # not fork: threads and locks would come along half-way
        self._memory = Memory(room)
        self._shelf = Shelf(self._memory.bytes)
        self._posted: list[tuple[object, int, int]] = []
        to_read, self._outgoing = spawning.Pipe(duplex=False)
        self._incoming, to_write = spawning.Pipe(duplex=False)
        self._process = spawning.Process(
            target=_serve, args=(work, self._memory, to_read, to_write), name="deadpan meter", daemon=True
        )
        with _deaf():
            self._process.start()
        if low:
            _lowest(self._process.pid)
        to_read.close()  # else its end would not be seen
        to_write.close()
        self._memory.release()
        self.alive = True
        """Whether it can still be expected to answer."""

    def post(self, word: object, *arrays: NDArray[Any]) -> bool:
        """Lay out a record: some arrays, and a small word about them; False when there is no room for it.

        The companion hears of it with the next `answers`: each message wakes a processor, which costs the loop more
        than all the rest.
        """
        if not self.alive:
            return False
        placed = self._shelf.put(arrays)
        if placed is None:
            return False
        self._posted.append((word, *placed))
        return True

    def answers(self, patience: float = 0.0) -> Iterator[tuple[Any, Bytes]]:
        """Tell what was posted; every answer that is there, oldest first, and its record, good until the next `post`.

        Waits at most `patience` seconds for the first. What is told fits into the pipe as long as records that wait are
        a few hundred: nothing blocks.
        """
        if self._posted:
            with contextlib.suppress(OSError):  # it has gone, which will be noticed below
                self._outgoing.send(self._posted)
            self._posted = []
        while self.alive:
            try:
                if not self._incoming.poll(patience):
                    return
                answer = self._incoming.recv()
            except (EOFError, OSError):
                self.alive = False
                return
            patience = 0.0
            yield answer, self._shelf.give_up()

    def end(self) -> None:
        """Kill it, whatever it is doing: what it has not answered by now is lost. Harmless when done twice."""
        self.alive = False
        if self._outgoing.closed:
            return
        self._process.kill()
        self._process.join(GOING)
        self._outgoing.close()
        self._incoming.close()


class Desk:
    """The companion's end: what it is handed, and where its answers go."""

    def __init__(self, memory: Memory, incoming: "Connection[Any, Any]", outgoing: "Connection[Any, Any]") -> None:
        """Read words from `incoming` and their arrays from `memory`."""
        self._memory, self._incoming, self._outgoing = memory, incoming, outgoing
        self._left = 0
        """Records of the last message that were not handed out yet."""

    def records(self) -> Iterator[tuple[Any, Bytes]]:
        """Each record's word and bytes, in order, until the loop's end is closed. Each wants one answer.

        The bytes are the record's own place: what is written there, the loop can read; they are good until the answer.
        """
        while True:
            try:
                posted = self._incoming.recv()
            except (EOFError, OSError):
                return
            self._left = len(posted)
            for word, start, end in posted:
                self._left -= 1
                yield word, self._memory.bytes[start:end]

    @property
    def waiting(self) -> bool:
        """Whether another record is there already."""
        return self._left > 0 or self._incoming.poll()

    def answer(self, answer: object) -> None:
        """Answer the oldest record that has no answer yet; raises ValueError when the answer is too long."""
        content = pickle.dumps(answer)
        if len(content) > LONGEST:
            raise ValueError(f"an answer of {len(content)} bytes, expected at most {LONGEST}")
        self._outgoing.send_bytes(content)


def _serve(
    work: Callable[[Desk], None], memory: Memory, incoming: "Connection[Any, Any]", outgoing: "Connection[Any, Any]"
) -> None:
    """What runs in the companion's process: `work`, mute and deaf, for as long as its parent lives."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, name="parent", daemon=True).start()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    memory.make()
    work(Desk(memory, incoming, outgoing))


def _follow() -> None:
    """End with the parent, even in the midst of work that never comes back to look."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """A process started in here never hears Ctrl-C or the closing of the terminal, which both go to all at once."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # it is started with every first process, and lifts the mask in doing so
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _lowest(pid: int | None) -> None:
    """Give a process the lowest rank there is. Harmless even when starved: it holds no lock that anybody wants."""
    with contextlib.suppress(OSError, AttributeError):
        if sys.platform == "linux":
            os.sched_setscheduler(pid or 0, os.SCHED_IDLE, os.sched_param(0))
        else:
            os.setpriority(os.PRIO_PROCESS, pid or 0, 19)
