"""What a person's own clip is made from: a picture of somebody, or a quiet clip."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from deadpan.calibration.synthetic.faces import SIZE, WIDTH
from deadpan.calibration.synthetic.still import Still, find, follow
from deadpan.calibration.synthetic.synthesis import FPS
from deadpan.models.frame import Image

MOST = 1920
"""Px: the longest side of a picture that is taken as it is."""
Video = Callable[[Path], tuple[Iterator[tuple[float, Image]], float]]
"""Reads a video file: times and pictures, and frames a second; raises `DeadpanError` when it is none."""


@dataclass(frozen=True, eq=False)
class Base:
    """A person to animate."""

    stills: tuple[Still, ...]
    """One, or those of a clip's frames."""
    size: tuple[int, int]
    """Width and height of the frames to make, px, even."""
    fps: float


def open_base(path: Path, seconds: float, model: bytes, video: Video) -> Base:
    """The person in a picture, or in the first `seconds` of what `video` can read; `model` is the landmarker's.

    Raises `DeadpanError` when there is no face.
    """
    picture = cv2.imread(str(path)) if path.is_file() else None
    if picture is not None:
        still = find(path.stem, _fitted(np.asarray(picture, np.uint8)), model)
        return Base((still.scaled(WIDTH).framed(SIZE),), SIZE, FPS)
    timed, fps = video(path)
    pictures = (_fitted(image) for _, (_, image) in zip(range(round(seconds * fps)), timed, strict=False))
    stills = tuple(follow(path.stem, pictures, fps, model))
    height, width = stills[0].image.shape[:2]
    return Base(stills, (width, height), fps)


def _fitted(image: Image) -> Image:
    """The picture, made smaller if it is larger than any camera's, its sides even."""
    scale = MOST / max(image.shape[:2])
    if scale < 1:
        image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    height, width = image.shape[:2]
    return image[: height // 2 * 2, : width // 2 * 2]
