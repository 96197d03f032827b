"""Drivers: faces on which one region's motion drives that of others, so that a causal graph has a truth to find.

Every region moves in every clip: the skin about its centre follows a Gaussian, in a direction of its own. How far is
drawn from a structural model: the driver causes its followers, and each follower has one more cause of its own, because
without it (a star) every arrow could be turned round and nothing in the data would tell which region drives.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.synthetic.still import Still
from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.models.motion import CROP, frontal
from deadpan.stickers.regions import REGIONS, UNIT

FOLLOWERS = 4
REACH = 0.02
"""Share of the face's width that the skin moves at the centre of a region at most."""
EXTENT = 0.5
"""Sigma of a region's Gaussian, shares of its half-window: at the window's edges an eighth of the motion is left. Real
skin follows from farther away (`action_units`), so this is the easy case."""
NOISE = 0.1
"""Sigma of what a follower does by itself, shares of `REACH`."""
Amplitudes = NDArray[np.float32]
"""(n, 14) float32, 0 to 1: how far each region moves, shares of `REACH`."""
Pulls = NDArray[np.float32]
"""(n, 14, 2) float32: right and down, shares of the face's width, in the head's own axes."""


@dataclass(frozen=True)
class Drive:
    """Who drives whom; columns, from 0, in the order of `REGIONS`."""

    driver: int
    followers: tuple[int, ...]
    causes: tuple[int, ...]
    """Of each follower, the other cause."""

    def amplitudes(self, n: int, random: np.random.Generator) -> Amplitudes:
        """n clips' worth. A follower is 0.45 of the driver and 0.45 of its own cause, plus noise; others are free."""
        drawn = random.uniform(0, 1, (n, len(REGIONS)))
        for follower, cause in zip(self.followers, self.causes, strict=True):
            own = random.normal(0, NOISE, n)
            drawn[:, follower] = np.clip(0.05 + 0.45 * (drawn[:, self.driver] + drawn[:, cause]) + own, 0, 1)
        return np.asarray(drawn, np.float32)


def drive(random: np.random.Generator, followers: int = FOLLOWERS) -> Drive:
    """A random driver with as many followers, each with a cause of its own; the other regions are nobody's."""
    order = [int(each) for each in random.permutation(len(REGIONS))]
    return Drive(order[0], tuple(order[1 : 1 + followers]), tuple(order[1 + followers : 1 + 2 * followers]))


def pulls(amplitudes: Amplitudes, random: np.random.Generator) -> Pulls:
    """Each region's motion, in a direction drawn for each region and clip."""
    turn = random.uniform(0, 2 * np.pi, amplitudes.shape)
    reach = REACH * amplitudes
    return np.asarray(np.stack([reach * np.cos(turn), reach * np.sin(turn)], axis=-1), np.float32)


def bumps(face: Face, width: int, height: int) -> NDArray[np.float32]:
    """(14, height, width) float32: how much each pixel of the face's picture follows each region, 1 at its centre."""
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    at = np.stack([x, y], axis=-1)
    every = []
    for region in REGIONS:
        away = at - region.centre(face)
        across = away @ face.left / np.float32(EXTENT * region.half_window[0] / UNIT * face.width)
        down = away @ face.down / np.float32(EXTENT * region.half_window[1] / UNIT * face.height)
        every.append(np.exp(-0.5 * (across**2 + down**2)))
    return np.asarray(every, np.float32)


def displacement(pull: NDArray[np.float32], follow: NDArray[np.float32], face: Face) -> NDArray[np.float32]:
    """(h, w, 2) float32, px right and down: one clip's (14, 2) pulls spread over `bumps`."""
    axes = np.stack([-face.left, face.down]) * np.float32(face.width)
    return np.asarray(np.tensordot(follow, pull @ axes, axes=(0, 0)), np.float32)


def moved(still: Still, shift: NDArray[np.float32]) -> Image:
    """The still's picture with its skin moved by `displacement`."""
    height, width = shift.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    picture = cv2.remap(still.image, x - shift[..., 0], y - shift[..., 1], cv2.INTER_CUBIC)
    return np.asarray(picture, np.uint8)


def places(face: Face) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(14, 2) centres of the regions and (2,) size of the face in the crop of `models.motion`, fractions of it."""
    matrix = frontal(face.landmarks).astype(np.float32)
    centres = np.array([region.centre(face) for region in REGIONS]) @ matrix[:, :2].T + matrix[:, 2]
    sides = [np.linalg.norm(matrix[:, :2] @ each) for each in (face.left * face.width, face.down * face.height)]
    return np.asarray((centres + 0.5) / CROP, np.float32), np.asarray(np.array(sides) / CROP, np.float32)
