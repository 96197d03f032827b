"""How well micro-expressions are noticed, timed and read on clips whose truth is known: the meter's own eyesight."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product, tee

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.coding import coded
from deadpan.calibration.synthetic.still import Still
from deadpan.calibration.synthetic.synthesis import Clip, Event, session
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.reading import ATTENTIVE, around, read
from deadpan.models.recognizer import Recognizer
from deadpan.models.score import bootstrap, uf1, wilson
from deadpan.models.spotting import Spotted, Spotter
from deadpan.models.tracker import FaceTracker
from deadpan.stickers.protection import StickerProtection

HEADS, AMPLITUDES = ("still", "quiet", "sitting"), (0.005, 0.01, 0.02)
BITRATES = (300_000, 800_000, 2_000_000)
"""Bits a second of H.264: a poor, a fair and a good call at 640×480."""
SECONDS, PER_MINUTE = 16.0, 22.5
"""Of each person in each cell: six events."""
EMPTY_SECONDS = 40.0
"""Of each person in a clip without events: six minutes of nine people, or "less than one a minute" says nothing."""
WITHIN = 3
"""Frames by which a spotted apex may miss the true one and still be the same event's beginning or end."""
KEPT = 1.5
"""Seconds of pictures that a reading can look back on."""


@dataclass(frozen=True)
class Cell:
    """One way in which people sit before the camera."""

    head: str
    amplitude: float
    """Share of the face's width; 0 is a clip without events."""
    bitrate: int = 0
    """Bits a second of H.264 between the person and who reads the control; 0 is un-coded."""


CELLS = (
    *(Cell(head, amplitude) for head, amplitude in product(HEADS, AMPLITUDES)),
    *(Cell("sitting", 0.02, bitrate) for bitrate in BITRATES),
    Cell("sitting", 0.0),
)


@dataclass(frozen=True, eq=False)
class Noticed:
    """One event that happened, and what became of it."""

    subject: str
    label: int
    apex_off: int | None
    """Frames by which the apex that was read misses the true one; None when the event was not spotted, measurable and
    readable."""
    told: tuple[int, ...] = ()
    """Each recognizer's label."""
    control: tuple[int, ...] = ()
    """Each recognizer's label without a sticker: after the whole protected path with an empty plan, and the codec."""


@dataclass(eq=False)
class Result:
    """All that happened in one cell."""

    cell: Cell
    noticed: list[Noticed] = field(default_factory=list)
    false: int = 0
    """Spotted where nothing happened."""
    seconds: float = 0.0
    """Watched."""


def clip(still: Still, cell: Cell, seed: int) -> Clip:
    """The session of one person in one cell; the same people do the same in every cell of one amplitude."""
    often = PER_MINUTE if cell.amplitude else 0.0
    return session(
        still,
        SECONDS if cell.amplitude else EMPTY_SECONDS,
        events_per_minute=often,
        head=cell.head,
        amplitude=cell.amplitude or 0.02,
        seed=seed,
    )


def measure(
    stills: Sequence[Still],
    cells: Sequence[Cell],
    model: bytes,
    recognizers: Sequence[Recognizer],
    control: StickerProtection,
    told: Callable[[], None],
) -> Iterator[Result]:
    """Watch every person in every cell with the live meter's own eyes: tracker, spotter, cut-out and reading, no queue.

    `told` is called after each clip. `control` is the protected path with an empty plan: un-coded it must change
    nothing, and behind a codec what it changes is the codec's doing.
    """
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        for cell in cells:
            result = Result(cell)
            for seed, still in enumerate(stills):
                person = clip(still, cell, seed)
                clean, sent = tee(person.pictures())
                arrived = coded(sent, person.fps, bitrate=cell.bitrate) if cell.bitrate else sent
                _watch(person, zip(clean, arrived, strict=True), model, landmarker, recognizers, control, result)
                told()
            yield result


def _watch(
    person: Clip,
    pictures: Iterable[tuple[Image, Image]],
    model: bytes,
    landmarker: Landmarker,
    recognizers: Sequence[Recognizer],
    control: StickerProtection,
    result: Result,
) -> None:
    labels = recognizers[0].labels
    tracker, spotter = FaceTracker(model), Spotter()
    kept: deque[tuple[int, Image, Image, Face]] = deque(maxlen=round(KEPT * person.fps))
    window: tuple[int, int, int] | None = None
    seen: dict[Event, Noticed] = {}
    try:
        for index, (picture, arrived) in enumerate(pictures):
            faces = tracker.track(Frame(picture, index, index / person.fps, 0.0)).faces
            if not faces:
                continue
            face = max(faces, key=lambda each: each.width)
            last, window = window, around(face, person.size, window)
            if window != last or (kept and index != kept[-1][0] + 1):
                kept.clear()
                spotter.restart()
            left, top, side = window
            cut, there = (each[top : top + side, left : left + side].copy() for each in (picture, arrived))
            shifted = Face(face.landmarks - np.array([left, top], np.float32), face.pose, face.track)
            kept.append((index, cut, there, shifted))
            spotted = spotter.step(cut, shifted.landmarks, index, index / person.fps)
            if spotted is None:
                continue
            event = _happened(spotted, person.events)
            if event is None or event in seen:
                result.false += 1
                continue
            run = [each for each in kept if each[0] >= spotted.onset]
            clean = read([each[1] for each in run], landmarker)
            path = read([_passed(*each, control) for each in run], landmarker)
            if clean is None or path is None or not spotted.measurable:
                continue
            seen[event] = Noticed(
                person.subject,
                labels.index(event.label),
                run[clean.apex][0] - event.apex,
                tuple(int(each.predict(clean.motion[None])[0].argmax()) for each in recognizers),
                tuple(int(each.predict(path.motion[None])[0].argmax()) for each in recognizers),
            )
    finally:
        tracker.close()
    result.seconds += person.length / person.fps
    for event in person.events:
        result.noticed.append(seen.get(event, Noticed(person.subject, labels.index(event.label), None)))


def _happened(spotted: Spotted, events: Sequence[Event]) -> Event | None:
    """The true event that was spotted, if any."""
    inside = (event for event in events if event.onset - WITHIN <= spotted.apex <= event.offset + WITHIN)
    return next(inside, None)


def _passed(index: int, _: Image, image: Image, face: Face, control: StickerProtection) -> Image:
    """The picture that arrived, sent through the protected path."""
    done = control.apply(Frame(image, index, index / 30, 0.0), Sighting(index, (face,)))
    return image if done is None else done.frame.image


def row(result: Result, names: Sequence[str]) -> dict[str, object]:
    """One line of the table: counts, shares with Wilson's intervals, UF1 with bootstrap intervals over faces."""
    cell, noticed = result.cell, result.noticed
    found = [each for each in noticed if each.apex_off is not None]
    line: dict[str, object] = {
        "head": cell.head,
        "amplitude": cell.amplitude,
        "bitrate": cell.bitrate,
        "faces": len({each.subject for each in noticed}),
        "events": len(noticed),
        "found": len(found) / len(noticed) if noticed else None,
        "found_interval": wilson(len(found), len(noticed)) if noticed else None,
        "false": result.false,
        "false_per_minute": result.false / (result.seconds / 60),
        "false_interval": _poisson(result.false, result.seconds / 60),
        "minutes": result.seconds / 60,
    }
    if found:
        off = np.abs([each.apex_off for each in found if each.apex_off is not None])
        line["apex_median"], line["apex_within"] = float(np.median(off)), float((off <= WITHIN).mean())
        truth = _array(each.label for each in found)
        subjects = np.array([each.subject for each in found])
        for number, name in enumerate(names):
            says = _array(each.told[number] for each in found)
            line[f"uf1_{name}"] = uf1(truth, says)
            line[f"uf1_{name}_interval"] = bootstrap(truth, says, subjects, uf1)
            arrived = _array(each.control[number] for each in found)
            line[f"control_{name}"] = float((says != arrived).mean())
            line[f"uf1_arrived_{name}"] = uf1(truth, arrived)
    return line


def _poisson(count: int, minutes: float) -> tuple[float, float]:
    """The exact 95 % interval (Garwood) of a rate a minute."""
    from scipy.stats import chi2

    low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    return float(low / minutes), float(chi2.ppf(0.975, 2 * count + 2) / 2 / minutes)


def _array(values: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(values, np.int64)
