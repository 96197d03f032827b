"""What a long command says while it works: a bar in a terminal, a line now and then in a file or a pipe."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from deadpan.app.commands.options import console

Told = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and of how much; 0 of 0 where that is not known."""
EVERY = 10.0
"""Seconds from one line to the next where there is no terminal: seldom enough for a log, often enough for a wait."""


class Lines:
    """Prints a line now and then, the first after `EVERY` seconds: what is quickly done says nothing.

    Whoever is told of nothing for so long can `repeat` what is being done.
    """

    def __init__(self, say: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        """Print with `say`; `now` gives seconds."""
        self._say, self._now = say, now
        self._began = self._last = now()
        self._line = ""
        self._lock = threading.Lock()

    def told(self, stage: str, done: int, total: int) -> None:
        """See `Told`."""
        self._line = f"{stage}: {done} of {total}" if total else stage
        self.repeat()

    def repeat(self) -> None:
        """Print the last line again, if none was printed for long."""
        with self._lock:
            now = self._now()
            if self._line and now - self._last >= EVERY:
                self._last = now
                self._say(f"{self._line} ({now - self._began:.0f} s)")


@contextlib.contextmanager
def progress() -> Iterator[Told]:
    """Gives the function to tell how far the work is, on stderr."""
    if not console.is_terminal:
        lines = Lines(lambda line: console.print(line, highlight=False, markup=False))
        with _beating(lines.repeat):
            yield lines.told
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
            nonlocal task
            if not total and bar.tasks[0].total is not None:  # which rich does not take back
                bar.remove_task(task)
                task = bar.add_task(stage, total=None)
            bar.update(task, description=stage, completed=done, total=total or None)

        yield told


@contextlib.contextmanager
def _beating(beat: Callable[[], None]) -> Iterator[None]:
    """Calls `beat` every second meanwhile, in a thread of its own: one step of the work may take minutes."""
    ended = threading.Event()

    def beats() -> None:
        while not ended.wait(1):
            beat()

    thread = threading.Thread(target=beats, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
