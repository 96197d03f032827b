"""Ctrl-C in the middle of long work: one line says what is left of it, and the exit code is 130, as shells expect."""

import contextlib
from collections.abc import Iterator

CODE = 130
NOTHING = "stopped, nothing written"


class Stopped(Exception):
    """A person ended the command; the message is the line that they read."""


@contextlib.contextmanager
def stoppable(left: str = NOTHING) -> Iterator[None]:
    """Around a command, also as a decorator: says what is `left` when it is ended by Ctrl-C."""
    try:
        yield
    except KeyboardInterrupt:
        raise Stopped(left) from None
