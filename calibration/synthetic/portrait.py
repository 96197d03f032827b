"""A clip of a portrait that moves its head like a person at a call: what the demo plays where there is no camera.

The portrait is NASA's photograph of Eileen Collins, in the public domain, which scikit-image carries.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.synthetic.still import find
from deadpan.calibration.synthetic.synthesis import Clip, session

SIZE = (960, 720)
"""Width and height of the clip, px."""
FPS = 30.0
ZOOM = 2.3
"""Px of the clip to one px of the photograph, whose face is then 230 px wide."""
MIDDLE = (222.0, 156.0)
"""Px in the photograph of what the clip's middle shows."""
NOISE = 2.0
"""Grey levels, sigma: a webcam's in good light."""
AMPLITUDE = 0.02
"""Share of the face's width: how far the skin moves in the portrait's micro-expressions."""
OFTEN = 22.5
"""Micro-expressions a minute: three, one of each class, in eight seconds."""


def clip(seconds: float, model: bytes, seed: int = 0) -> Clip:
    """The portrait with micro-expressions of all three classes and blinks; `model` is the landmarker's bytes."""
    still = find("collins", photograph(), model, near=(222, 115)).scaled(220).framed(SIZE)
    return session(still, seconds, events_per_minute=OFTEN, amplitude=AMPLITUDE, seed=seed, size=SIZE, fps=FPS)


def photograph() -> NDArray[np.uint8]:
    """(512, 512, 3) uint8 BGR: the portrait as scikit-image carries it."""
    from skimage import data  # here, because it takes a while and only the demo needs it

    return np.asarray(cv2.cvtColor(np.asarray(data.astronaut(), np.uint8), cv2.COLOR_RGB2BGR), np.uint8)


def sway(seconds: float) -> tuple[float, float, float, float]:
    """Where the head is: right and down in px of the clip, degrees clockwise, and scale."""
    t = 2 * np.pi * seconds
    right = 26 * np.sin(0.11 * t) + 7 * np.sin(0.37 * t + 1)
    down = 12 * np.sin(0.17 * t + 2) + 4 * np.sin(0.53 * t)
    turn = 4.0 * np.sin(0.13 * t + 0.5) + 1.0 * np.sin(0.41 * t)
    scale = 1 + 0.04 * np.sin(0.07 * t)
    return float(right), float(down), float(turn), float(scale)


def pictures(seconds: float, seed: int = 0) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Time in seconds and picture, (720, 960, 3) uint8 BGR, for `seconds` at 30 a second; same seed, same bytes."""
    large = cv2.resize(photograph(), None, fx=ZOOM, fy=ZOOM, interpolation=cv2.INTER_CUBIC)
    middle = (ZOOM * MIDDLE[0], ZOOM * MIDDLE[1])
    random = np.random.default_rng(seed)
    # A few noise pictures in turn look like noise and cost nothing; drawing each anew costs more than the tracking.
    grain = [random.normal(0, NOISE, (SIZE[1], SIZE[0], 3)).round().astype(np.int16) for _ in range(5)]
    for index in range(round(seconds * FPS)):
        right, down, turn, scale = sway(index / FPS)
        matrix = cv2.getRotationMatrix2D(middle, -turn, scale)
        matrix[:, 2] += np.array([SIZE[0] / 2 + right - middle[0], SIZE[1] / 2 + down - middle[1]])
        picture = cv2.warpAffine(large, matrix, SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        noisy = cv2.add(picture, grain[int(random.integers(len(grain)))], dtype=cv2.CV_8U)
        yield index / FPS, np.asarray(noisy, np.uint8)
