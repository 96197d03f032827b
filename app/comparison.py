"""Before | after | difference ×8, side by side, to be looked at frame by frame: is a protection seen, and where?"""

import cv2
import numpy as np

from deadpan.app.loop import Witness
from deadpan.app.outgoing import Outgoing
from deadpan.app.recording import Recording
from deadpan.models.face import Sighting
from deadpan.models.frame import Frame, Image

TIMES = 8
"""By which the difference is enlarged: one level of 256 is not seen, eight are."""


class Comparison:
    """Records the clean frames as well: for clips that lie on the disk anyway, never for a camera."""

    def __init__(self, recording: Recording, size: tuple[int, int], then: Witness | None = None) -> None:
        """Write to `recording`, three times as wide as `size` (width, height); `then` is offered the same."""
        self._recording, self._size, self._then = recording, size, then

    def offer(self, frame: Frame, sighting: Sighting, outgoing: Outgoing) -> None:
        """See `Witness.offer`."""
        before, after = self._fitted(frame.image), self._fitted(outgoing.image)
        self._recording.write(np.hstack([before, after, difference(before, after)]), frame.time)
        if self._then is not None:
            self._then.offer(frame, sighting, outgoing)

    def _fitted(self, image: Image) -> Image:
        """The picture in its full size: a loop that is late works on smaller ones."""
        if image.shape[1::-1] == self._size:
            return image
        return np.asarray(cv2.resize(image, self._size, interpolation=cv2.INTER_LINEAR), np.uint8)


class Closed:
    """A sink that takes no pictures, and completes the recording of a comparison when the loop ends."""

    def __init__(self, recording: Recording) -> None:
        """Complete `recording` in the end."""
        self._recording = recording

    def send(self, outgoing: Outgoing) -> None:
        """See `Sink.send`: the comparison is written where both pictures are at hand."""

    def close(self) -> None:
        """See `Sink.close`."""
        self._recording.close()


def difference(before: Image, after: Image) -> Image:
    """(h, w, 3) uint8: how far two pictures are apart in each channel, `TIMES` enlarged; black where they are alike."""
    apart = cv2.absdiff(before, after)
    return np.asarray(cv2.multiply(apart, np.full_like(apart, TIMES)), np.uint8)
