"""What tests run in the meter's own process, which finds it by name: recognizers that misbehave, and odd work."""

import sys
import time
import zlib

import numpy as np

from deadpan.app.companion import Desk
from deadpan.app.memory import Memory
from deadpan.models.recognizer import Probabilities, Recognizer


class Pedant(Recognizer):
    """Has a class of its own for all but every map: the least change of one changes the label."""

    def __init__(self) -> None:
        self.name, self.kind, self.sha256 = "pedant", "motion28", "0" * 64
        self.labels = tuple(str(number) for number in range(997))

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return Pedant, ()

    def predict(self, batch: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Probabilities:
        return np.eye(997, dtype=np.float32)[[zlib.crc32(each.tobytes()) % 997 for each in batch]]


class PedantOfClips(Pedant):
    """The same of clips, which must have the shape and hold the motion that they should."""

    def __init__(self) -> None:
        super().__init__()
        self.kind, self.window, self.sample = "clip", "frames", (6, 64, 64, 1)

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return PedantOfClips, ()

    def predict(self, batch: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Probabilities:
        assert batch.shape[1:] == self.sample
        assert (batch[:, 0] != batch[:, 3]).any(axis=(1, 2, 3)).all()
        return super().predict(batch)


class Failing(Recognizer):
    """Looks like `motion` from outside, and fails in some way."""

    def __init__(self) -> None:
        self.name, self.kind, self.sha256 = "motion", "motion28", "0" * 64
        self.labels = ("negative", "positive", "surprise")

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return type(self), ()

    def predict(self, batch: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Probabilities:
        return self._checked(self.answer(), len(batch))

    def answer(self) -> Probabilities:
        raise NotImplementedError


class Throws(Failing):
    def answer(self) -> Probabilities:
        raise RuntimeError("the recognizer\nis broken")


class NotANumber(Failing):
    def answer(self) -> Probabilities:
        return np.full((1, 3), np.nan, np.float32)


class Exits(Failing):
    """Takes its whole process with it."""

    def answer(self) -> Probabilities:
        sys.exit(1)


class Hangs(Failing):
    def answer(self) -> Probabilities:
        while True:
            time.sleep(60)


def add(memory: Memory, number: int) -> None:
    memory.bytes[:4] += np.uint8(number)


def echo(desk: Desk) -> None:
    """Answers with the word and the sum of the bytes, and writes the first of them anew."""
    for word, record in desk.records():
        total = int(record.sum())
        record[:1] = 77
        desk.answer((word, total))


def shouts(desk: Desk) -> None:
    for _ in desk.records():
        print("on stdout", flush=True)
        print("on stderr", file=sys.stderr, flush=True)
        desk.answer(None)


def sleeps(desk: Desk) -> None:
    for _ in desk.records():
        time.sleep(1000)


def pads(desk: Desk) -> None:
    """Answers with as many bytes as the word says; if that is too many, with what is wrong with it."""
    for size, _ in desk.records():
        try:
            desk.answer(b"x" * size)
        except ValueError as error:
            desk.answer(str(error))
