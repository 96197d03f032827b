"""What freezing leaves: the share in each band is what was measured, and measuring finds what is known beforehand."""

import numpy as np
import pytest

from deadpan.calibration.on_maps.transfer import BANDS, MEASURED, Transfer, measure
from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.faces import SIZE, WIDTH
from deadpan.calibration.synthetic.synthesis import Clip, Event
from deadpan.stickers import plan, sticker
from deadpan.stickers.still import SkinProtection, freeze

FLAT = (1.0,) * len(BANDS)
NOTHING = (0.0,) * len(BANDS)


def test_all_is_left_of_what_passes_and_nothing_of_what_does_not() -> None:
    fields = np.random.default_rng(0).normal(size=(3, 28, 28, 2)).astype(np.float32)
    assert np.abs(Transfer(FLAT, FLAT, NOTHING).thinned(fields) - fields).max() < 1e-5
    assert not Transfer(NOTHING, FLAT, NOTHING).thinned(fields).any()


def test_a_band_holds_what_varies_as_slowly_as_it_says() -> None:
    at = (np.arange(28) + 0.5) / 28
    for band, waves in ((1, 1), (3, 3), (5, 7)):
        left = tuple(float(number == band) for number in range(len(BANDS)))
        fields = np.zeros((1, 28, 28, 2), np.float32)
        fields[..., 0] = np.cos(np.pi * waves * at)
        assert np.abs(Transfer(left, FLAT, NOTHING).thinned(fields) - fields).max() < 1e-5


def test_noise_is_as_large_as_measured() -> None:
    drawn = MEASURED.drawn(400, np.random.default_rng(0))
    size = float(np.sqrt((drawn**2).sum(axis=-1).mean()))
    assert size == pytest.approx(np.linalg.norm(MEASURED.noise), rel=0.02)


def test_what_is_left_unevenly_is_a_fixed_function_of_the_motion() -> None:
    fields = np.random.default_rng(0).normal(size=(200, 28, 28, 2)).astype(np.float32)
    uneven = Transfer(NOTHING, FLAT, (0.1,) * len(BANDS))
    left = uneven.thinned(fields)
    assert np.abs(uneven.thinned(2 * fields) - 2 * left).max() < 1e-4
    assert float((left**2).mean()) == pytest.approx(0.01 * float((fields**2).mean()), rel=0.1)
    assert abs(float((left * fields).mean())) < 0.1 * float((fields**2).mean())


def test_what_is_measured_is_what_was_done(model: bytes) -> None:
    """Nothing taken off leaves all; freezing leaves little where motion is coarse, and noise is no motion."""
    still = portrait.clip(1, model).stills[0].scaled(WIDTH).framed(SIZE)
    clip = Clip("a", "p", (still,), 25, (Event(6, 12, 17, "positive", (12,), 0.02),), size=SIZE, seed=1)
    hiding, art = plan.load("paper"), sticker.load("band-aid")
    untouched = measure([clip], lambda: SkinProtection(hiding, art, 0.0, 0.0), model)
    assert untouched.transfer.left == FLAT
    assert (untouched.plain == untouched.frozen).all()
    assert untouched.label.tolist() == [1]
    told: list[tuple[int, int]] = []
    frozen = measure([clip], lambda: freeze(hiding, art), model, lambda done, of: told.append((done, of)))
    assert np.abs(frozen.transfer.left[:5]).max() < 0.3
    assert frozen.transfer.noise == untouched.transfer.noise
    assert untouched.transfer.uneven != frozen.transfer.uneven
    assert max(frozen.transfer.uneven) < 0.5
    assert told == [(0, 1), (1, 1)]
