"""The linear attacker finds what leaks, chooses on other people, and finds nothing where nothing is."""

import numpy as np
import pytest

from deadpan.calibration.trial.linear import PENALTIES, Linear, mirrored


def leak(strength: float, seed: int, people: int = 6, each: int = 12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noise, with a mirror-symmetric pattern of its class in it."""
    random = np.random.default_rng(seed)
    patterns = np.random.default_rng(99).normal(size=(3, 28, 28, 2)).astype(np.float32)
    patterns = (patterns + mirrored(patterns)) / 2
    n = people * each
    label = np.arange(n) % 3
    seen = random.normal(size=(n, 28, 28, 2)).astype(np.float32) + strength * patterns[label]
    return seen.astype(np.float32), label.astype(np.int64), np.repeat([f"p{i}" for i in range(people)], each)


@pytest.mark.parametrize(("strength", "low", "high"), [(0.5, 0.95, 1.0), (0.0, 0.1, 0.56)])
def test_a_linear_leak_is_found_and_nothing_is_not(strength: float, low: float, high: float) -> None:
    linear = Linear(*leak(strength, 0))
    seen, label, _ = leak(strength, 1)
    assert low <= (linear.predict(seen) == label).mean() <= high
    assert linear.penalty in PENALTIES


def test_how_large_a_field_is_does_not_matter() -> None:
    linear = Linear(*leak(0.3, 0))
    seen, _, _ = leak(0.3, 1)
    assert np.array_equal(linear.predict(seen), linear.predict(5 * seen))


def test_a_mirror_turns_right_into_left_and_twice_is_none() -> None:
    seen = np.zeros((1, 28, 28, 2), np.float32)
    seen[0, 3, 2] = (1, 5)
    assert mirrored(seen)[0, 3, 25].tolist() == [-1, 5]
    assert np.array_equal(mirrored(mirrored(seen)), seen)
