"""Follows every face through a stream, also those the landmarker alone would not see.

Every frame: one call on the whole picture follows the faces it holds; each smaller face is followed by a call on
the square around it; one tile of the picture is searched for new ones (`search.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from deadpan.models.face import Face, Points, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.landmarker import Found, Landmarker
from deadpan.models.search import Search, Tile

GRACE = 1.0
"""Seconds for which a face that is not found any more still counts as in the picture, at most."""
TRUST = 0.1
"""Seconds of that grace which each frame on which it was found earns it: what was seen once and never again was a
shadow in the search, and is waited for over three frames, not thirty."""
MISSES = 3
"""Frames on which it must have been looked for in vain as well: at a low frame rate seconds say little."""
CHECK = 2.0
"""Seconds after which the whole picture's call is checked again by one on the square around a face, as on the first
frame: on some pictures, and then for good, it lays the landmarks half a face too low."""
AGREE = 0.1
"""Shares of a face's side by which the two may differ, on the mean; usually it is 0.02."""
INSIDE = 0.1
"""Share of its landmarks that must lie in the picture, or a face does not count as seen on it. Four faces that leave it
at each of its sides are never found with less than .12 in it, and then within .04 of their width on the mean; a face
of which less is said to be there may be anywhere."""
SMALLEST = 56
"""Px: the narrowest face that the search finds on a 1280×720 picture, 95 of 100 at one look; of 48 px it finds 70
(`tests/test_tracker.py` measures it)."""
SEARCHING = 0.6
"""Detection confidence of the search. At 0.5 it takes shadows around a covered face for faces (5 in 480 tiles, at 0.6
none)."""


@dataclass(eq=False)
class _Track:
    """A face that is followed, and where it was last."""

    number: int
    found: Found
    seen: float
    """The stream's time at which it was last found."""
    times: int = 0
    """Frames on which it was found."""
    misses: int = 0
    """Frames since, on which it was looked for in vain."""
    checked: float = -np.inf
    """The stream's time at which two calls last agreed on it."""

    def due(self, time: float) -> bool:
        """Whether it may still be in the picture at `time`."""
        return self.misses < MISSES or time - self.seen <= min(GRACE, TRUST * self.times)

    def near(self, found: Found) -> bool:
        """Whether `found` may be this face, moved on: not a face of another size that happens to be close."""
        smaller, larger = sorted((self.found.side, found.side))
        return _apart(self.found, found) < 0.6 * self.found.side and larger < 1.6 * smaller


class FaceTracker:
    """Gives each frame's faces, and says when it cannot be sure that those are all.

    A face that is lost counts as lost, and so keeps the frame from being vouched for, until it is found again or the
    search around its last place has failed for as long as `GRACE`, `TRUST` and `MISSES` say. So does a face that is
    found outside the picture.
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
            self._resize(*frame.size)
        if self._search is None:
            self._search = Search(*frame.size)
        # One buffer for all frames: a fresh 2.8 MB a frame costs more in page faults than the conversion itself.
        rgb = self._rgb = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB, self._rgb), np.uint8)
        found, agreed = self._checked(rgb, _distinct(self._whole.find(rgb, frame.time)), frame.time)
        taken = self._match(found)
        for track in self._tracks:
            if track not in taken:
                found = _distinct(found + self._around(rgb, track.found))
        found += self._new(rgb, found, self._search)
        faces = self._name(found, frame.time)
        for track in self._tracks:
            if track.found in agreed:
                track.checked = frame.time
        lost = [track for track in self._tracks if track.found not in found]
        for track in lost:
            track.misses += 1
        self._tracks = [track for track in self._tracks if track not in lost or track.due(frame.time)]
        faces = tuple(face for face in faces if in_view(face.landmarks, frame.size))
        return Sighting(frame.index, faces, lost=len(self._tracks) - len(faces))

    def restart(self) -> None:
        """Search the whole picture anew: the stream was interrupted.

        Faces followed so far must be found again, or be looked for in vain as often as ever.
        """
        self._search = None
        for track in self._tracks:
            track.misses = 0

    def _resize(self, width: int, height: int) -> None:
        """Pictures are of another size from now on: faces are looked for where they were, in shares of it."""
        self.restart()
        scale = np.array([width, height], np.float32) / np.maximum(self._size, 1)
        for track in self._tracks:
            track.found = Found(np.asarray(track.found.landmarks * scale, np.float32), track.found.pose)
        self._size, self._rgb = (width, height), None

    def close(self) -> None:
        """Release both networks."""
        self._whole.close()
        self._part.close()

    def _checked(self, rgb: Image, found: list[Found], time: float) -> tuple[list[Found], list[Found]]:
        """`found`, with what a second look corrects, and those of it that need no second look before `CHECK`."""
        fresh = {j for track, j in self._match(found).items() if time - track.checked < CHECK}
        agreed: list[Found] = []
        for j, face in enumerate(found):
            if j in fresh:
                continue
            looks = [look for look in self._around(rgb, face) if _apart(look, face) < 0.6 * face.side]
            nearest = min(looks, key=lambda look: _apart(look, face), default=face)
            if float(np.linalg.norm(nearest.landmarks - face.landmarks, axis=1).mean()) < AGREE * face.side:
                agreed.append(face)
            else:
                found[j] = nearest
        return _distinct(found), agreed

    def _around(self, rgb: Image, last: Found) -> list[Found]:
        """The face that was `last` seen here, looked for in a square three times its size."""
        return self._look(rgb, _square(rgb, last))

    def _new(self, rgb: Image, known: list[Found], search: Search) -> list[Found]:
        """Faces in the tiles that are due and not `known`; each is looked at three times before it counts.

        The last time in a mirror: of 169 small faces each was one there, too, and of 14 shadows in a collar that were
        taken for a face the other two times, none (`tests/test_tracker.py` counts the faces again).
        """
        boxes = [(*f.landmarks.min(axis=0).tolist(), *f.landmarks.max(axis=0).tolist()) for f in known]
        fresh: list[Found] = []
        for number in search.due(rgb, boxes):
            for candidate in self._look(rgb, search.tiles[number], cover=known):
                if not any(_same(candidate, other) for other in fresh + known):
                    found = [f for f in self._around(rgb, candidate) if _same(f, candidate)][:1]
                    fresh += [f for f in found if self._in_a_mirror(rgb, f)]
        return fresh

    def _in_a_mirror(self, rgb: Image, face: Found) -> bool:
        """Whether `face` is one in the mirror, too."""
        tile = _square(rgb, face)
        right = tile.left + tile.side - 1
        mirrored = np.ascontiguousarray(tile.cut(rgb)[:, ::-1])
        for look in self._part.find(mirrored, 0.0):
            there = np.array([right, tile.top], np.float32) + look.landmarks * np.array([-1, 1], np.float32)
            if _same(Found(there, look.pose), face):
                return True
        return False

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

    def _match(self, found: list[Found]) -> dict[_Track, int]:
        """The tracks that go on, each with the number of the face in `found` that continues it, nearest first."""
        pairs = [
            (_apart(track.found, face), i, j)
            for i, track in enumerate(self._tracks)
            for j, face in enumerate(found)
            if track.near(face)
        ]
        matched: dict[_Track, int] = {}
        for _, i, j in sorted(pairs):
            if self._tracks[i] not in matched and j not in matched.values():
                matched[self._tracks[i]] = j
        return matched

    def _name(self, found: list[Found], time: float) -> tuple[Face, ...]:
        """Give each face the number of the track it continues, or a new one."""
        named = {j: track for track, j in self._match(found).items()}
        for j, face in enumerate(found):
            if j not in named:
                named[j] = _Track(self._next, face, time)
                self._next += 1
                self._tracks.append(named[j])
            track = named[j]
            track.found, track.seen, track.times, track.misses = face, time, track.times + 1, 0
        return tuple(Face(face.landmarks, face.pose, named[j].number) for j, face in enumerate(found))


def in_view(landmarks: Points, size: tuple[int, int]) -> bool:
    """Whether enough of (n, 2) px lies in a picture of `size`, width and height, for a face to be seen there."""
    return float(((landmarks >= 0) & (landmarks < size)).all(axis=1).mean()) >= INSIDE


def _square(rgb: Image, last: Found) -> Tile:
    """Three times the size of the face that was `last` seen in its middle, within the picture."""
    height, width = rgb.shape[:2]
    side = min(max(96, round(3 * last.side)), width, height)
    left, top = (round(float(middle) - side / 2) for middle in last.centre)
    return Tile(min(max(0, left), width - side), min(max(0, top), height - side), side)


def _apart(a: Found, b: Found) -> float:
    return float(np.linalg.norm(a.centre - b.centre))


def _same(a: Found, b: Found) -> bool:
    """Whether two findings on one frame are one face: centres closer than a third of the smaller one's side."""
    return _apart(a, b) < 0.35 * min(a.side, b.side)


def _distinct(found: list[Found]) -> list[Found]:
    """The findings without repeats, the first of each kept."""
    kept: list[Found] = []
    for face in found:
        if not any(_same(face, other) for other in kept):
            kept.append(face)
    return kept
