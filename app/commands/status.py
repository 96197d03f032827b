"""The status line of a live session, and the keys that change it."""

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.live import Live
from rich.markup import escape

from deadpan.app.commands.options import console
from deadpan.app.loop import Controls
from deadpan.app.outgoing import Reason
from deadpan.app.preview import Preview
from deadpan.app.success import Success
from deadpan.app.tally import Tally
from deadpan.stickers import sticker as stickers
from deadpan.stickers.protection import Protection


@contextlib.contextmanager
def watching(
    controls: Controls, window: Preview | None, hiding: Protection, success: Success | None = None
) -> Iterator[Callable[[Tally], None]]:
    """Gives the function to call after every picture: it shows the status line and takes the preview's keys."""
    names = list(stickers.art())
    shown = 0.0
    with (
        Live(console=console, auto_refresh=False, transient=True)
        if console.is_terminal
        else contextlib.nullcontext() as line
    ):

        def each(tally: Tally) -> None:
            nonlocal shown
            while window is not None and not controls.stop and (key := window.key()):
                if key == "q":
                    controls.stop = True
                elif key == " ":
                    controls.closed = not controls.closed
                elif key == "s" and hiding.promise.covered:  # where skin is bent, none is laid
                    at = names.index(hiding.sticker.name) if hiding.sticker.name in names else -1
                    hiding.sticker = stickers.load(names[(at + 1) % len(names)])
            if line is not None and time.monotonic() - shown > 0.25:
                shown = time.monotonic()
                line.update(status(tally, success, closed=controls.closed), refresh=True)

        yield each


def status(tally: Tally, success: Success | None = None, *, closed: bool) -> str:
    """The status line."""
    late = tally.late(30)
    latency = "–" if late is None else f"{late:.0f} ms"
    colour = "red" if tally.unvouched or tally.errors else "green"
    return (
        f"{tally.rate(30):.0f} frames/s  latency {latency}  faces {tally.faces}  held {tally.sent[Reason.HELD]}  "
        f"shuttered {tally.sent[Reason.SHUTTERED]}  [{colour}]unvouched {tally.unvouched}  errors {tally.errors}[/]"
        + (f"  let go {tally.let_go_mean:.0%}" if tally.faces_bent else "")
        + (f"  label changed: {escape(str(success.fooling))}" if success is not None else "")
        + (f"  [yellow]slow: works on {tally.size[0]}×{tally.size[1]}[/]" if tally.size else "")
        + ("  [yellow]shutter closed (space opens)[/]" if closed else "")
    )
