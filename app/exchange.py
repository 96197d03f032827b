"""What the meter and its watcher tell each other: what a record of bytes holds, and what was found in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.app.memory import Bytes
from deadpan.models.face import Points
from deadpan.models.frame import Image


@dataclass(frozen=True)
class Task:
    """The first record's word: its bytes are the pickled recognizer, face landmarker's bytes and protection."""

    wait: bool
    """See `Meter`."""


@dataclass(frozen=True)
class Hiding:
    """A record's word: its bytes are the pickled protection that the loop uses from now on, or None."""


@dataclass(frozen=True)
class Cut:
    """A record's word: its bytes are landmarks, the clean cut-out, the protected one if there is one, and the sheet.

    The sheet, (2, classes) float32, is for the watcher to write on: the probabilities of a clean and a protected
    picture whose event this record ends.
    """

    index: int
    time: float
    window: tuple[int, int, int, int]
    """Left, top and side of the cut-out, px in the frame, and the number of the face in it."""
    pose: tuple[float, float, float]
    vouched: bool
    """What went out was a protected picture of this very frame."""

    def arrays(self, record: Bytes, classes: int) -> tuple[Points, list[Image], NDArray[np.float32]]:
        """The landmarks, the cut-outs and the sheet that lie in a record."""
        side = self.window[2]
        marks, cuts, sheet = 478 * 2 * 4, (1 + self.vouched) * side * side * 3, 2 * classes * 4
        if record.nbytes != marks + cuts + sheet:
            raise ValueError(
                f"{record.nbytes} bytes; expected {marks + cuts + sheet} with cut-outs of {side} px a side"
            )
        landmarks, pictures, last = np.split(record, [marks, marks + cuts])
        return (
            landmarks.view(np.float32).reshape(478, 2),
            list(pictures.reshape(-1, side, side, 3)),
            last.view(np.float32).reshape(2, classes),
        )


@dataclass
class Look:
    """What the look at one record brought to light, as far as it got."""

    spotted: bool = False
    """An event is over."""
    note: str = ""
    """Why the event is not measurable."""
    read: bool = False
    """It was measurable: the clean probabilities stand on the sheet."""
    seen: bool = False
    """A face was found on its protected pictures: so do theirs."""
    stands_out: bool = False
    """See `Verdict.stands_out`."""
    apex: float = 0.0
    """Seconds on the camera's clock."""
    none: bool | None = None
    """Whether the control that does nothing changed the label of this or an earlier event; None when it did not run."""
    random: bool | None = None
    """The same of the control that does as much at random."""
    failure: str = ""
    """What went wrong, on one line."""


def told(error: Exception) -> str:
    """An error on one line of no more than 160 characters."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:160]
