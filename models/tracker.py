"""Follows every face through a stream, also those the landmarker alone would not see.

Every frame: one call on the whole picture follows the faces it holds; each smaller face is followed by a call on
the square around it; one tile of the picture is searched for new ones (`search.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.landmarker import Found, Landmarker
from deadpan.models.search import Search, Tile

GRACE = 1.0
"""Seconds for which a face that is not found any more still counts as in the picture, at most."""
TRUST = 0.1
"""Seconds of that grace which each frame on which it was found earns it: what was seen once and never again was a
shadow in the search, and is waited for over three frames, not thirty."""
SMALLEST = 56
"""Px: the narrowest face that the search finds on a 1280×720 picture, 95 of 100 at one look; of 48 px it finds 70
(`tests/test_tracker.py` measures it)."""
SEARCHING = 0.6
"""Detection confidence of the search. At 0.5 it takes shadows around a covered face for faces (5 in 480 tiles, at 0.6
none), and costs hardly a face."""


@dataclass
class _Track:
    """A face that is followed, and where it was last."""

    number: int
    found: Found
    seen: float
    """The stream's time at which it was last found."""
    times: int = 0
    """Frames on which it was found."""

    def due(self, time: float) -> bool:
        """Whether it may still be in the picture at `time`."""
        return time - self.seen <= min(GRACE, TRUST * self.times)

    def near(self, found: Found, share: float = 0.6) -> bool:
        distance = float(np.linalg.norm(self.found.centre - found.centre))
        return distance < share * max(self.found.side, found.side)


class FaceTracker:
    """Gives each frame's faces, and says when it cannot be sure that those are all.

    A face that is lost counts as lost, and so keeps the frame from being vouched for, until it is found
    again or a search around its last place has failed for as long as `GRACE` and `TRUST` say.
    """

    def __init__(self, model: bytes) -> None:
        """Take the face landmarker's checked bytes."""
        self._whole = Landmarker(model, stream=True)
        self._part = Landmarker(model, stream=False, detection=SEARCHING)
        self._tracks: list[_Track] = []
        self._search: Search | None = None
        self._size = (0, 0)
        self._rgb: Image | None = None
        self._next = 0

    def track(self, frame: Frame) -> Sighting:
        """Find every face on `frame`. Frames come in order of time; the frame is only read."""
        if frame.size != self._size:
            self.restart()
            self._size, self._rgb = frame.size, None
        if self._search is None:
            self._search = Search(*frame.size)
        # One buffer for all frames: a fresh 2.8 MB a frame costs more in page faults than the conversion itself.
        rgb = self._rgb = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB, self._rgb), np.uint8)
        whole = self._whole.find(rgb, frame.time)
        found = _distinct(whole)
        for track in self._tracks:
            if not any(track.near(other) for other in found):
                found = _distinct(found + self._around(rgb, track.found))
        found += self._new(rgb, found, self._search)
        faces = self._name(found, frame.time)
        self._tracks = [track for track in self._tracks if track.due(frame.time)]
        lost = sum(track.seen < frame.time for track in self._tracks)
        return Sighting(frame.index, faces, lost)

    def restart(self) -> None:
        """Forget where things were: the stream was interrupted, and the whole picture is searched anew.

        Faces followed so far stay due: they must be found again or be given up by the usual rule.
        """
        self._search = None

    def close(self) -> None:
        """Release both networks."""
        self._whole.close()
        self._part.close()

    def _around(self, rgb: Image, last: Found) -> list[Found]:
        """The face that was `last` seen here, looked for in a square three times its size."""
        height, width = rgb.shape[:2]
        side = min(max(96, round(3 * last.side)), width, height)
        left, top = (round(float(middle) - side / 2) for middle in last.centre)
        return self._look(rgb, Tile(min(max(0, left), width - side), min(max(0, top), height - side), side))

    def _new(self, rgb: Image, known: list[Found], search: Search) -> list[Found]:
        """Faces in the tiles that are due and not `known`; each is looked at twice before it counts."""
        boxes = [(*f.landmarks.min(axis=0).tolist(), *f.landmarks.max(axis=0).tolist()) for f in known]
        fresh: list[Found] = []
        for number in search.due(rgb, boxes):
            for candidate in self._look(rgb, search.tiles[number], cover=known):
                if not any(_same(candidate, other) for other in fresh + known):
                    fresh += [f for f in self._around(rgb, candidate) if _same(f, candidate)][:1]
        return fresh

    def _look(self, rgb: Image, tile: Tile, cover: Sequence[Found] = ()) -> list[Found]:
        """The faces in one tile, in the whole picture's coordinates, but for those to `cover`.

        Those are painted over, so that a search does not pay for faces that are followed anyway.
        """
        corner = np.array([tile.left, tile.top], np.float32)
        picture = tile.cut(rgb)
        if cover:
            picture = picture.copy()
            # The tile's own mean: a grey that stands out makes a head of hair around it look like a face.
            mean = cv2.mean(picture)
            for face in cover:
                outline = cv2.convexHull((face.landmarks - corner).astype(np.int32))
                cv2.fillConvexPoly(picture, outline, mean)
        return [Found(f.landmarks + corner, f.pose) for f in self._part.find(picture, 0.0)]

    def _name(self, found: list[Found], time: float) -> tuple[Face, ...]:
        """Give each face the number of the track it continues, nearest first, or a new one."""
        pairs = sorted(
            (
                (float(np.linalg.norm(track.found.centre - face.centre)), i, j)
                for i, track in enumerate(self._tracks)
                for j, face in enumerate(found)
                if track.near(face)
            )
        )
        named: dict[int, _Track] = {}
        used: set[int] = set()
        for _, i, j in pairs:
            if i not in used and j not in named:
                used.add(i)
                named[j] = self._tracks[i]
        for j, face in enumerate(found):
            if j not in named:
                named[j] = _Track(self._next, face, time)
                self._next += 1
                self._tracks.append(named[j])
            named[j].found, named[j].seen, named[j].times = face, time, named[j].times + 1
        return tuple(Face(face.landmarks, face.pose, named[j].number) for j, face in enumerate(found))


def _same(a: Found, b: Found) -> bool:
    """Whether two findings are one face: centres closer than half the larger one's half side."""
    return bool(np.linalg.norm(a.centre - b.centre) < 0.35 * max(a.side, b.side))


def _distinct(found: list[Found]) -> list[Found]:
    """The findings without repeats, the first of each kept."""
    kept: list[Found] = []
    for face in found:
        if not any(_same(face, other) for other in kept):
            kept.append(face)
    return kept
