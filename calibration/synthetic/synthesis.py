"""Synthetic micro-expressions with known truth: a still, or a quiet clip, that shows what it is told to.

A frame is made in one step from the picture of the person: each of its pixels is taken from where the head's motion and
the skin's point back to, so nothing is resampled twice. Then the camera's noise is added. What a recognizer scores on
such clips is a figure on synthetic motion, not on people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.synthetic.action_units import EXPRESSIONS, Field, field, label_of
from deadpan.calibration.synthetic.eyelids import Blink, closed, moments
from deadpan.calibration.synthetic.head import HEADS, Head
from deadpan.calibration.synthetic.still import Still
from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Image

FPS = 30.0
NOISE = 2.0
"""Grey levels, sigma: a webcam's in good light."""
RISE, FALL = (0.13, 0.27), (0.11, 0.23)
"""Seconds from onset to apex, and from apex to offset: 0.24 to 0.5 together, as micro-expressions take."""
QUIET = 2.0
"""Seconds without an event at the start of a session, or half of one that is shorter than twice that."""
APART = 2.0
"""Seconds from one onset to the next, at least: so 1.5 and more of quiet between."""


@dataclass(frozen=True)
class Event:
    """One micro-expression: frames by index, and what moves how far."""

    onset: int
    """The last frame on which nothing has moved yet."""
    apex: int
    offset: int
    """The first frame on which all is as before."""
    label: str
    """negative, positive, surprise; other for a combination that is none of them."""
    action_units: tuple[int, ...]
    amplitude: float
    """How far the skin moves where it moves most, at the apex: share of the face's width."""
    asymmetry: float = 0.0
    """By how much the right side is stronger than the mean of both, −1 to 1."""

    def activation(self, index: int) -> float:
        """0 up to the onset and from the offset on, 1 at the apex, raised cosines between."""
        if not self.onset < index < self.offset:
            return 0.0
        length = self.apex - self.onset if index <= self.apex else self.offset - self.apex
        return float(0.5 + 0.5 * np.cos(np.pi * (index - self.apex) / length))


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip and all that is true of it; its pictures are made when they are asked for."""

    name: str
    subject: str
    stills: tuple[Still, ...]
    """What is animated: one still for all frames, or one for each frame of a quiet clip."""
    length: int
    """Frames."""
    events: tuple[Event, ...] = ()
    blinks: tuple[Blink, ...] = ()
    head: Head = HEADS["still"]
    size: tuple[int, int] = (640, 480)
    """Width and height, px."""
    fps: float = FPS
    noise: float = NOISE
    seed: int = 0

    @property
    def origin(self) -> NDArray[np.float64]:
        """(2,) whole px of the still: where the frame's upper left corner lies while the head is at rest.

        The face is in the middle, as far as the picture of it reaches.
        """
        height, width = self.stills[0].image.shape[:2]
        room = np.array([width, height]) - self.size
        wanted = self._centre(0) - np.array(self.size) / 2
        return np.asarray(np.where(room >= 0, np.clip(wanted, 0, np.maximum(room, 0)), wanted).round(), np.float64)

    def truth(self) -> dict[str, object]:
        """All that is true of it, as JSON takes it."""
        return {
            "name": self.name,
            "subject": self.subject,
            "fps": self.fps,
            "size": list(self.size),
            "frames": self.length,
            "face_width_px": round(self.stills[0].face.width, 1),
            "head": asdict(self.head),
            "noise": self.noise,
            "seed": self.seed,
            "events": [asdict(event) for event in self.events],
            "blinks": [asdict(blink) for blink in self.blinks],
        }

    def pictures(self) -> Iterator[Image]:
        """(h, w, 3) uint8 BGR, frame by frame; same seed, same bytes (of the same OpenCV on a like processor)."""
        random = np.random.default_rng(self.seed)
        width, height = self.size
        # One large noise picture, cut at another place each time, looks new and costs a tenth of drawing it anew.
        grain = random.normal(0, self.noise, (height + 64, width + 64, 3)).round().astype(np.int16)
        place = self._placing()
        fields: dict[tuple[int, Event], Field] = {}
        for index in range(self.length):
            still = self._still(index)
            moved = self._moved(index, fields)
            across, down = _grid(place[index], self.size)
            if moved is not None:
                here = cv2.warpAffine(moved, place[index], self.size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
                across, down = across - here[..., 0], down - here[..., 1]
            picture = cv2.remap(still.image, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
            top, left = random.integers(64, size=2)
            cut = grain[top : top + height, left : left + width]
            yield np.asarray(cv2.add(picture, cut, dtype=cv2.CV_8U), np.uint8)

    def digest(self) -> str:
        """SHA-256, in hexadecimal, over the pictures' bytes."""
        whole = sha256()
        for picture in self.pictures():
            whole.update(picture.tobytes())
        return whole.hexdigest()

    def displacement(self, index: int) -> Field:
        """How far the skin has moved from rest, px of the still, (h, w, 2); without the head's motion and the lids'."""
        moved = np.zeros((*self._still(index).image.shape[:2], 2), np.float32)
        for event in self.events:
            moved += self._pulled(index, event, {})
        return moved

    def _still(self, index: int) -> Still:
        return self.stills[min(index, len(self.stills) - 1)]

    def _centre(self, index: int) -> NDArray[np.float64]:
        left, top, right, bottom = self._still(index).face.box
        return np.array([(left + right) / 2, (top + bottom) / 2])

    def _placing(self) -> NDArray[np.float64]:
        """(n, 2, 3): for each frame, the affine map from its px to the still's."""
        path = self.head.path(np.arange(self.length) / self.fps, self.stills[0].face.width, self.seed)
        pivot, origin = self._centre(0), self.origin
        placing = np.zeros((self.length, 2, 3))
        for index, (right, down, turn, scale) in enumerate(path):
            angle = np.radians(turn)
            # The way back: the frame's pixels to the still's, so turn and scale are undone.
            back = np.exp(-scale) * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
            placing[index, :, :2] = back
            placing[index, :, 2] = pivot + back @ (origin - pivot - (right, down))
        return placing

    def _moved(self, index: int, fields: dict[tuple[int, Event], Field]) -> Field | None:
        """The skin's and the lids' displacement on a frame, px of the still; None when all is at rest."""
        parts = [self._pulled(index, event, fields) for event in self.events if event.activation(index) > 0]
        still = self._still(index)
        shut = max((blink.closure(index) for blink in self.blinks), default=0.0)
        if shut > 0:
            parts.append(closed(still.face, (still.image.shape[1], still.image.shape[0]), shut))
        if not parts:
            return None
        return np.asarray(sum(parts[1:], start=parts[0]), np.float32)

    def _pulled(self, index: int, event: Event, fields: dict[tuple[int, Event], Field]) -> Field:
        still, which = self._still(index), min(index, len(self.stills) - 1)
        if (which, event) not in fields:
            fields.clear()
            size = still.image.shape[1], still.image.shape[0]
            fields[which, event] = field(still.face, size, event.action_units, event.asymmetry)
        reach = event.activation(index) * event.amplitude * still.face.width
        return np.asarray(fields[which, event] * np.float32(reach), np.float32)


def _grid(place: NDArray[np.float64], size: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each pixel of the frame lies on the still: x and y, (h, w) float32 each."""
    x, y = np.arange(size[0]), np.arange(size[1])[:, None]
    across = (place[0, 0] * x + place[0, 2]).astype(np.float32) + (place[0, 1] * y).astype(np.float32)
    down = (place[1, 0] * x + place[1, 2]).astype(np.float32) + (place[1, 1] * y).astype(np.float32)
    return across, down


def session(
    base: Still | tuple[Still, ...],
    seconds: float,
    *,
    events_per_minute: float = 12,
    head: str = "sitting",
    amplitude: float = 0.02,
    seed: int = 0,
    expressions: Sequence[tuple[int, ...]] | None = None,
    blinks: bool = True,
    size: tuple[int, int] = (640, 480),
    fps: float = FPS,
    noise: float = NOISE,
) -> Clip:
    """One person for a while, with events of all three classes in turn at random moments; none before `QUIET` seconds.

    `base` is a still, or the frames of a quiet clip, which ends with them. There are as many events as asked for, or as
    find room `APART`. `expressions` narrows what is shown to those action units.
    """
    stills = (base,) if isinstance(base, Still) else base
    random = np.random.default_rng(seed)
    length = round(seconds * fps) if len(stills) == 1 else min(round(seconds * fps), len(stills))
    seconds = length / fps
    quiet = min(QUIET, seconds / 2)
    room = seconds - quiet - RISE[1] - FALL[1]
    wanted = min(round(seconds * events_per_minute / 60), int(room / APART) + 1 if room >= 0 else 0)
    slack = np.sort(random.uniform(0, room - (wanted - 1) * APART, wanted)) if wanted else np.zeros(0)
    labels = [label for _ in range(wanted // 3 + 1) for label in random.permutation(sorted(EXPRESSIONS))]
    events = []
    for number, late in enumerate(slack):
        chosen = tuple(expressions or EXPRESSIONS[str(labels[number])])
        units = chosen[int(random.integers(len(chosen)))]
        onset = round((quiet + late + number * APART) * fps)
        events.append(event(onset, units, amplitude, random, fps))
    return Clip(
        name=f"{stills[0].name}-{head}-{seed}",
        subject=stills[0].name,
        stills=stills,
        length=length,
        events=tuple(events),
        blinks=moments(length, fps, random) if blinks else (),
        head=head_named(head),
        size=size,
        fps=fps,
        noise=noise,
        seed=seed,
    )


def event(onset: int, units: tuple[int, ...], amplitude: float, random: np.random.Generator, fps: float = FPS) -> Event:
    """An event of random duration and slight asymmetry that begins at a frame."""
    apex = onset + max(2, round(random.uniform(*RISE) * fps))
    offset = apex + max(2, round(random.uniform(*FALL) * fps))
    lean = round(float(random.uniform(-0.2, 0.2)), 3)
    return Event(onset, apex, offset, label_of(units), units, amplitude, lean)


def head_named(name: str) -> Head:
    """One of `HEADS`; raises `DeadpanError` for another name."""
    if name not in HEADS:
        raise DeadpanError(f"head {name}: expected one of {', '.join(HEADS)}")
    return HEADS[name]
