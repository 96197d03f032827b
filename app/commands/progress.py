"""What a long command says while it works: a bar in a terminal, a line now and then in a file or a pipe."""

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from deadpan.app.commands.options import console

Told = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and of how much."""
EVERY = 15.0
"""Seconds from one line to the next where there is no terminal: seldom enough for a log, often enough for a wait."""


class Lines:
    """Prints a line now and then, the first after `EVERY` seconds: what is quickly done says nothing."""

    def __init__(self, say: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        """Print with `say`; `now` gives seconds."""
        self._say, self._now = say, now
        self._began = self._last = now()

    def told(self, stage: str, done: int, total: int) -> None:
        """See `Told`."""
        now = self._now()
        if now - self._last >= EVERY:
            self._last = now
            self._say(f"{stage}: {done} of {total} ({now - self._began:.0f} s)")


@contextlib.contextmanager
def progress() -> Iterator[Told]:
    """Gives the function to tell how far the work is, on stderr."""
    if not console.is_terminal:
        yield Lines(lambda line: console.print(line, highlight=False, markup=False)).told
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def told(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        yield told
