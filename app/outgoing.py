"""What may leave: a picture that knows why it is safe. Sinks take nothing else."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Image


class SinkError(DeadpanError):
    """A picture cannot be sent, shown or written."""


class Reason(StrEnum):
    """Why an outgoing picture is safe."""

    PROTECTED = "protected"
    """Every face in it was tracked on that very frame, and what the protection promises to do to a face was seen done:
    the centre of each of the plan's regions is covered, or the skin is bent as told. That bending hides what it should
    is measured, not proved for each frame; regions let go are counted."""
    HELD = "held"
    """It is this session's last protected picture, shown again for a moment."""
    SHUTTERED = "shuttered"
    """It holds no pixels of the camera."""
    EMPTY = "empty"
    """Nobody is in it, and the user asked to show an empty room."""


@dataclass(frozen=True, eq=False)
class Outgoing:
    """One picture on its way to a sink."""

    image: Image
    """(h, w, 3) uint8, BGR."""
    reason: Reason
    time: float
    """Seconds on the camera's clock."""


class Sink(Protocol):
    """Takes outgoing pictures: a virtual camera, a recording, a window."""

    def send(self, outgoing: Outgoing) -> None:
        """Send one picture; raises `SinkError` in one line when it cannot."""
        ...

    def close(self) -> None:
        """Finish and release what is held; harmless when done twice."""
        ...


def require_even(size: tuple[int, int], origin: str) -> None:
    """Refuse a size (width, height, px) that 4:2:0 video cannot carry."""
    width, height = size
    if width % 2 or height % 2:
        even = f"{width - width % 2}x{height - height % 2}"
        raise SinkError(f"{origin} is {width}x{height}; video needs even sizes: add --size {even}")
