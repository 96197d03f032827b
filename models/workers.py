"""Processes that work beside this one: Ctrl-C is for the one that started them, and they say nothing of it."""

import contextlib
import signal
import threading
from collections.abc import Iterator


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
