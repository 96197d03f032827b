"""A window that shows what the viewer sees, and takes keys."""

import os
import subprocess
import sys
import time

import cv2

from deadpan.app.outgoing import Outgoing, SinkError

TITLE = "deadpan: what the others see"
PERIOD = 1 / 20
"""Seconds between pictures shown: the window shares the loop's thread (macOS allows no other) and must not slow it."""


class Preview:
    """Shows the outgoing pictures; keys are for the person at this machine."""

    def __init__(self) -> None:
        """Open the window; refuses where there is no display, because OpenCV would abort the whole process."""
        if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            raise SinkError("--preview: there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)")
        # A display that does not answer aborts the process that asks it: ask from another one.
        ask = [sys.executable, "-c", "import cv2; cv2.namedWindow('deadpan')"]
        if subprocess.run(ask, capture_output=True, check=False).returncode != 0:
            raise SinkError("--preview: no window can be opened on the display here")
        cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)  # no toolbar
        self._sized = False
        self._shown = 0.0

    def send(self, outgoing: Outgoing) -> None:
        """See `Sink.send`."""
        if not self._sized:
            height, width = outgoing.image.shape[:2]
            cv2.resizeWindow(TITLE, min(width, 960), round(height * min(width, 960) / width))
            self._sized = True
        if time.perf_counter() - self._shown >= PERIOD:
            self._shown = time.perf_counter()
            cv2.imshow(TITLE, outgoing.image)

    def key(self) -> str:
        """The key pressed since the last call, or ""; a closed window is "q"."""
        code = cv2.pollKey()
        if self._sized and cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1:
            return "q"
        return chr(code & 0xFF) if code >= 0 else ""

    def close(self) -> None:
        """See `Sink.close`."""
        cv2.destroyAllWindows()
