"""Lids come down over the eyes and go up again; nothing else moves."""

import numpy as np
import pytest

from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.eyelids import LENGTH, LIDS, PAUSE, Blink, closed, moments
from deadpan.calibration.synthetic.still import Still, find

FPS = 30.0


@pytest.fixture(scope="module")
def still(model: bytes) -> Still:
    """The portrait, its face 220 px wide."""
    return find("collins", portrait.photograph(), model, near=(222, 115)).scaled(220).framed((640, 480))


def size_of(still: Still) -> tuple[int, int]:
    return still.image.shape[1], still.image.shape[0]


def test_a_blink_shuts_the_eyes_once_and_leaves_them_open() -> None:
    closure = [Blink(10, 18).closure(index) for index in range(30)]
    assert not any(closure[:11])
    assert not any(closure[18:])
    assert max(closure) == pytest.approx(1, abs=0.1)
    peak = int(np.argmax(closure))
    assert (np.diff(closure[10 : peak + 1]) >= 0).all()
    assert (np.diff(closure[peak:19]) <= 0).all()
    assert peak - 10 < 18 - peak, "lids fall faster than they rise"


def test_blinks_last_and_come_as_peoples_do() -> None:
    blinks = moments(round(300 * FPS), FPS, np.random.default_rng(1))
    lengths = np.array([(blink.ends - blink.begins) / FPS for blink in blinks])
    pauses = np.diff([blink.begins / FPS for blink in blinks])
    assert len(blinks) > 40
    for measured, (low, high) in ((lengths, LENGTH), (pauses, PAUSE)):
        assert low - 1.01 / FPS <= measured.min()
        assert measured.max() <= high + 1.01 / FPS


def test_open_eyes_are_left_alone(still: Still) -> None:
    assert not closed(still.face, size_of(still), 0.0).any()


def test_a_shut_lid_reaches_the_lower_rim(still: Still) -> None:
    moved = closed(still.face, size_of(still), 1.0)
    for upper, lower in LIDS:
        top, bottom = (still.face.landmarks[rim[4]] for rim in (upper, lower))
        x, y = bottom.round().astype(int)
        height = float((bottom - top) @ still.face.down)
        assert float(moved[y - 1, x] @ still.face.down) > 0.8 * height
        assert abs(float(moved[y - 1, x] @ still.face.left)) < 0.1 * height


def test_the_lids_move_nothing_but_the_eyes(still: Still) -> None:
    moved = np.linalg.norm(closed(still.face, size_of(still), 1.0), axis=-1)
    y, x = np.nonzero(moved)
    rims = still.face.landmarks[[landmark for pair in LIDS for rim in pair for landmark in rim]]
    reach = 0.08 * still.face.width
    for point in np.stack([x, y], axis=1)[::7]:
        assert float(np.linalg.norm(rims - point, axis=1).min()) < reach
