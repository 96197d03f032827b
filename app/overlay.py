"""The meter's panel in the picture: what a recognizer says before and after the protection, and how often."""

import cv2
import numpy as np

from deadpan.app.outgoing import Outgoing, Reason, Sink
from deadpan.app.success import Success, Verdict
from deadpan.app.tally import Tally
from deadpan.models.frame import Image

FRESH = 3.0
"""Seconds for which the newest event is named."""
WHITE, DIM, GREEN, RED, YELLOW = (255, 255, 255), (180, 180, 180), (120, 220, 120), (110, 110, 255), (80, 210, 255)


class Overlaid:
    """A sink whose pictures carry the panel; for a preview, and for a camera only when somebody shows it off."""

    def __init__(self, sink: Sink, success: Success, tally: Tally, *, private: bool) -> None:
        """Draw what `success` and `tally` hold at each moment; `private` when only the user sees this sink.

        A shutter or a held picture that goes to others stays as it is: the panel tells what the clean face said.
        """
        self._sink, self._success, self._tally, self._private = sink, success, tally, private

    def send(self, outgoing: Outgoing) -> None:
        """See `Sink.send`. A panel that cannot be drawn is left out."""
        if not self._private and outgoing.reason is not Reason.PROTECTED:
            self._sink.send(outgoing)
            return
        picture = outgoing.image.copy()
        try:
            draw(picture, self._success, self._tally, outgoing.time)
        except Exception as error:  # the call goes on
            self._success.errors += 1
            self._success.last_error = f"no panel: {error}"
            picture = outgoing.image
        self._sink.send(Outgoing(picture, outgoing.reason, outgoing.time))

    def close(self) -> None:
        """See `Sink.close`."""
        self._sink.close()


def lines(success: Success, tally: Tally, now: float) -> list[tuple[str, tuple[int, int, int]]]:
    """The panel's lines of text and their colours (blue, green, red), from what is known at `now` (camera's clock)."""
    newest = success.newest
    if newest is not None and now - success.newest_at <= FRESH:
        first = (_told(newest, success.labels), GREEN if newest.changed else RED)
    elif success.note:
        first = (success.note, YELLOW)
    else:
        first = ("watching for micro-expressions", DIM)
    rate = f"label changed: {success.fooling}"
    known = f"right label lost: {success.attack}" if success.right.n else ""
    late = tally.late(30)
    nothing, random = success.controls
    took = "-" if late is None else f"{late:.0f} ms"
    return [
        first,
        (rate, WHITE),
        *([(known, WHITE)] if known else []),
        (f"controls: {nothing} {success.none}; {random} {success.random}", DIM),
        (f"{tally.rate(30):.0f} frames/s, latency {took}, recognizer {success.recognizer}", DIM),
    ]


def _told(verdict: Verdict, labels: tuple[str, ...]) -> str:
    before = f"{labels[verdict.label]} {verdict.clean[verdict.label]:.0%}"
    if verdict.protected is None:
        return f"{before} -> no face found"
    after = int(verdict.protected.argmax())
    return f"{before} -> {labels[after]} {verdict.protected[after]:.0%}" + ("" if verdict.changed else " (not hidden)")


def draw(picture: Image, success: Success, tally: Tally, now: float) -> None:
    """Draw the panel into the lower left of `picture`, (h, w, 3) uint8 BGR, in place."""
    height, width = picture.shape[:2]
    scale = max(0.4, height / 720 * 0.62)
    step, pad = round(38 * scale), round(16 * scale)
    told = lines(success, tally, now)
    sizes = [cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)[0][0] for text, _ in told]
    room = width - 4 * pad
    right, top = min(max(sizes), room) + 2 * pad, max(0, height - step * len(told) - 2 * pad)
    panel = picture[top:height, 0:right]  # letters too are drawn on it: shrunk ones take more room than they say
    np.multiply(panel, 0.3, out=panel, casting="unsafe")
    thickness = max(1, round(1.6 * scale))
    for number, ((text, colour), size) in enumerate(zip(told, sizes, strict=True)):
        at = (pad, pad + step * number + round(26 * scale))
        fitting = scale * min(1.0, room / size)
        cv2.putText(panel, text, at, cv2.FONT_HERSHEY_SIMPLEX, fitting, colour, thickness, cv2.LINE_AA)
