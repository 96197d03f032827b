"""How a sticker shifts what a recognizer of open expressions says of pictures (the paper's Fig. 1)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.tally import RESAMPLES, Resampled, Share, difference, proportion, share
from deadpan.calibration.sources.cutout import CutOut, see
from deadpan.calibration.sources.source import BadSource, Skipped
from deadpan.calibration.sources.stills import Picture, Square, look
from deadpan.models.face import Sighting
from deadpan.models.fer2013 import LABELS
from deadpan.models.frame import Frame, Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.reading import ATTENTIVE
from deadpan.models.recognizer import Recognizer
from deadpan.stickers.plan import Plan
from deadpan.stickers.protection import StickerProtection
from deadpan.stickers.sticker import Sticker

Said = NDArray[np.float32]
"""(…, 7) float32: probabilities of `LABELS`; all 0 where no face was found. Of a picture (ways, 7), of all of them (n,
draws, 7)."""
WAYS = ("no sticker", "random place", "causal place")


@dataclass(frozen=True, eq=False)
class Way:
    """What is said of all pictures under one way to lay the sticker; every picture counts the same."""

    name: str
    """Of `WAYS`."""
    draws: int
    probabilities: tuple[Share, ...]
    """(7,): the mean probability of each of `LABELS`."""
    kept: Share
    """The mean probability of the class that is said of the clean picture."""
    changed: Share
    """Share of the pictures of which another class is said (fooling rate)."""
    nobody: float
    """Share in which no face is found behind the sticker; there nothing is said, which counts as changed, and each
    class has a probability of 0."""


@dataclass(frozen=True, eq=False)
class Shift:
    """The three ways beside each other, on the same pictures."""

    pictures: int
    skipped: int
    sticker: str
    region: str
    why: str
    """Why that region, in words."""
    k: float
    ways: tuple[Way, ...]
    difference: Share
    """How many more pictures change at the causal place than at random ones: paired, over pictures."""
    seed: int
    recognizer: str
    """Its SHA-256."""


def measure(
    pictures: Iterable[Picture],
    model: bytes,
    sticker: Sticker,
    plan: Plan,
    why: str,
    draws: int = 20,
    seed: int = 0,
    told: Callable[[int, int], None] = lambda done, of: None,
    skip: Callable[[Skipped], None] = lambda skipped: None,
) -> Shift:
    """Lay `sticker` where `plan` has it and in `draws` random places, by the live code, and ask fer2013 each time.

    `model` is the landmarker's bytes; the recognizer finds the face anew on each picture that it gets. Intervals
    resample pictures, for nobody says who is on them. Raises `ModelUnavailable` when fer2013 was not fetched, and
    `BadSource` when no picture shows a face.
    """
    recognizer = Recognizer.load("fer2013", "cpu")
    protection = StickerProtection(plan, sticker)
    listed = list(pictures)
    said: list[Said] = []
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        for number, picture in enumerate(listed):
            told(number, len(listed))
            try:
                shown = laid(picture.read(), landmarker, protection, draws, np.random.default_rng([seed, number]))
            except BadSource as error:
                skip(Skipped(str(picture.path), str(error).removeprefix(f"{picture.path}: ")))
                continue
            squares = [look(each, landmarker) for each in shown]
            if not squares or squares[0] is None:
                skip(Skipped(str(picture.path), "no face was found on it"))
                continue
            said.append(_say(recognizer, [None if each is None else each[0] for each in squares]))
    told(len(listed), len(listed))
    if not said:
        raise BadSource(f"none of {len(listed)} pictures shows a face; expected one face on each")
    every = np.stack(said)
    clean, weights = every[:, :1], _weights(len(said), seed)
    ways = (clean, every[:, 1:-1], every[:, -1:])
    random, causal = (_over(_changed(each, clean), weights) for each in ways[1:])
    return Shift(
        pictures=len(said),
        skipped=len(listed) - len(said),
        sticker=sticker.name,
        region=plan.regions[0],
        why=why,
        k=plan.k,
        ways=tuple(_way(name, each, clean, weights) for name, each in zip(WAYS, ways, strict=True)),
        difference=difference(causal, random, len(said)),
        seed=seed,
        recognizer=recognizer.sha256,
    )


def laid(
    image: Image, landmarker: Landmarker, protection: StickerProtection, draws: int, random: np.random.Generator
) -> list[Image]:
    """The face on `image`, (h, w, 3) uint8 BGR, cut out: clean, in `draws` random ways, protected; none without one."""
    around = CutOut.find(image, landmarker)
    face = None if around is None else see(around.of(image), landmarker)
    if around is None or face is None:
        return []
    frame = Frame(around.of(image), 0, 0.0, 0.0)
    shown = [frame.image]
    for each in (*(protection.random(face, random) for _ in range(draws)), protection):
        each.restart()
        protected = each.apply(frame, Sighting(0, (face,)))
        if protected is None:
            raise BadSource("the sticker cannot be laid on this face")
        shown.append(protected.frame.image)
    return shown


def _say(recognizer: Recognizer, squares: Sequence[Square | None]) -> Said:
    said = np.zeros((len(squares), len(LABELS)), np.float32)
    found = [number for number, square in enumerate(squares) if square is not None]
    said[found] = recognizer.predict(np.stack([square for square in squares if square is not None]))
    return said


def _weights(n: int, seed: int) -> NDArray[np.float64]:
    """(1 + resamples, n): how often each picture is drawn, as `Tally.weights` has it."""
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), RESAMPLES)
    return np.vstack([np.ones(n), drawn])


def _over(values: NDArray[np.floating[Any]], weights: NDArray[np.float64]) -> Resampled:
    """The mean of a figure of each picture."""
    return np.asarray(weights @ values / len(values))


def _changed(said: Said, clean: Said) -> NDArray[np.float64]:
    """(n,): in what share of its draws another class, or none, is said of a picture."""
    other = said.argmax(axis=2) != clean.argmax(axis=2)
    return np.asarray((other | (said.sum(axis=2) == 0)).mean(axis=1), np.float64)


def _way(name: str, said: Said, clean: Said, weights: NDArray[np.float64]) -> Way:
    kept, n = np.take_along_axis(said, clean.argmax(axis=2)[..., None], axis=2)[..., 0], len(said)
    return Way(
        name=name,
        draws=said.shape[1],
        probabilities=tuple(share(_over(each, weights), n) for each in said.mean(axis=1).T),
        kept=share(_over(kept.mean(axis=1), weights), n),
        changed=(share if name == WAYS[0] else proportion)(_over(_changed(said, clean), weights), n),
        nobody=float((said.sum(axis=2) == 0).mean()),
    )
