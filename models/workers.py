"""Processes that work beside this one: Ctrl-C is for the one that started them, and they say nothing of it."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import active_children, get_context
from typing import Any


def finished(work: Callable[..., Any], each: Sequence[tuple[Any, ...]], workers: int) -> Iterator[Any]:
    """What `work` gives for each tuple of arguments, as soon as it does; one worker works right here.

    Who stops before the end, by Ctrl-C for one, stops the workers too: what they keep, they must keep whole.
    """
    if workers == 1:
        for arguments in each:
            yield work(*arguments)
        return
    # Not fork: torch's threads do not survive it.
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        with deaf_to_interrupts():
            jobs = [pool.submit(work, *arguments) for arguments in each]
        for done in as_completed(jobs):
            yield done.result()
    except KeyboardInterrupt:
        for worker in active_children():  # a piece of work takes minutes
            worker.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Processes that are started meanwhile never hear Ctrl-C, which a terminal sends to all of a command's processes.

    A worker that heard it would print a trace and leave its work half done, beside the one line of the command.
    """
    if threading.current_thread() is not threading.main_thread():  # only there may a signal's handler be set
        yield
        return
    # A process starts with the signals ignored that its parent ignores; Python then leaves them so.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
