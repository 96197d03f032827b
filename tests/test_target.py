"""Asking: every sample goes to its own person's judge, in batches, and is counted."""

import numpy as np

from deadpan.calibration.targets.target import BATCH, Spent, ask


class Echo:
    """Says which sample it was shown, and by whom it was asked."""

    name, seed, identity = "echo", 0, "0" * 64
    largest = 0

    def predict(self, subject: str, motion: np.ndarray) -> np.ndarray:
        self.largest = max(self.largest, len(motion))
        return np.stack([[each, int(subject), 0] for each in motion]).astype(np.float32)


def test_each_sample_is_answered_in_its_place_in_batches() -> None:
    subject = np.random.default_rng(0).choice(["1", "2", "30"], 5 * BATCH)
    echo, spent = Echo(), Spent()
    said = ask(echo, subject, lambda places: (places % 251).astype(np.uint8), spent)
    assert said[:, 0].tolist() == (np.arange(len(subject)) % 251).tolist()
    assert said[:, 1].tolist() == [int(name) for name in subject]
    assert echo.largest == BATCH
    assert spent.answers == len(subject)
    assert 0 < spent.network < spent.seconds


def test_nothing_is_asked_of_nobody() -> None:
    spent = Spent()
    assert ask(Echo(), np.array([], np.str_), lambda places: places.astype(np.uint8), spent).shape == (0, 3)
    assert spent.answers == 0
