"""The filters that know the true motion: as good as can be told, and better for knowing what else moves."""

import numpy as np
import pytest

from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.faces import SIZE, WIDTH
from deadpan.calibration.trial.matched import SHRINKAGES, MatchedFilter, Whitened
from deadpan.models.maps import LABELS


@pytest.fixture(scope="module")
def matched(model: bytes) -> MatchedFilter:
    return MatchedFilter(portrait.clip(1, model).stills[0].scaled(WIDTH).framed(SIZE))


def shown(
    matched: MatchedFilter, noise: float, seed: int, n: int = 72
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """True motions under a strong field of a few fixed shapes and a bit of white noise."""
    random = np.random.default_rng(seed)
    which = np.arange(n) % len(matched.labels)
    true = matched.templates[which]
    # Shapes that look like the templates: a plain matched filter trips over them.
    shapes = np.random.default_rng(5).normal(size=(4, len(matched.labels))) @ matched.templates.reshape(
        len(matched.labels), -1
    )
    rough = np.random.default_rng(6).normal(size=shapes.shape) / np.sqrt(shapes.shape[1])
    strong = random.normal(size=(n, 4)) @ (shapes + 2 * rough)
    seen = true + noise * strong.reshape(true.shape) + 0.002 * random.normal(size=true.shape)
    people = np.array([f"p{i % 6}" for i in range(n)])
    return seen.astype(np.float32), true, matched.labels[which].astype(np.int64), people


def test_whitening_sees_through_what_a_plain_filter_trips_over(matched: MatchedFilter) -> None:
    whitened = Whitened({f"p{i}": matched for i in range(6)}, *shown(matched, 2.0, 0))
    seen, _, label, _ = shown(matched, 2.0, 1)
    plain = np.array([matched(each) for each in seen])
    assert (whitened.predict(seen, "p0") == label).mean() > (plain == label).mean() + 0.15
    assert whitened.shrinkage in SHRINKAGES


def test_without_anything_else_both_tell_every_motion(matched: MatchedFilter) -> None:
    whitened = Whitened({f"p{i}": matched for i in range(6)}, *shown(matched, 0.0, 0))
    seen, _, label, _ = shown(matched, 0.0, 1)
    assert np.array_equal(whitened.predict(seen, "p0"), label)
    assert np.array_equal([matched(each) for each in seen], label)


def test_what_a_sticker_covers_is_not_looked_at(matched: MatchedFilter) -> None:
    surprise = matched.templates[list(matched.labels).index(LABELS.index("surprise"))]
    lower = np.zeros((28, 28), np.float32)
    lower[14:] = 1
    spoilt = surprise.copy()
    spoilt[14:] = 100 * matched.templates[0][14:]
    assert LABELS[matched(spoilt, lower)] == "surprise"
