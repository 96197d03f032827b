"""A face in lines, in the geometry of the motion maps, for reports to draw on: nobody's own.

The lines are the mean of nine people's landmarks (`synthetic.faces`), laid on the crop by `models.motion.frontal`, and
made symmetrical; so a region's median centre lies where these lines have its part of the face. The lips are closed and
the forehead is a little rounder than the mesh, which ends at the hair.
"""

import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float64]
"""(n, 2) float64: x right, y down, fractions of the crop."""

MIDLINE = 0.497
TALL = 1.26
"""Crops are squeezed to squares; a face drawn this much taller than its crop has the proportions that it has."""

OVAL = (
    *((0.0, -0.08), (0.157, -0.07), (0.29, -0.04), (0.412, 0.008), (0.493, 0.071), (0.546, 0.147), (0.575, 0.229)),
    *((0.589, 0.33), (0.588, 0.425), (0.582, 0.523), (0.564, 0.628), (0.528, 0.738), (0.475, 0.825), (0.414, 0.888)),
    *((0.335, 0.944), (0.268, 0.985), (0.196, 1.02), (0.11, 1.047), (0.0, 1.056)),
)
EYE = (
    *((0.369, 0.292), (0.342, 0.277), (0.317, 0.267), (0.278, 0.262), (0.236, 0.264), (0.193, 0.276), (0.162, 0.292)),
    *((0.146, 0.304), (0.187, 0.306), (0.225, 0.308), (0.266, 0.31), (0.306, 0.308), (0.351, 0.3), (0.369, 0.292)),
)
BROW = (
    *((0.486, 0.192), (0.435, 0.154), (0.355, 0.132), (0.248, 0.135), (0.126, 0.147)),
    *((0.109, 0.203), (0.239, 0.172), (0.336, 0.167), (0.408, 0.181), (0.457, 0.211), (0.486, 0.192)),
)
NOSE = ((0.081, 0.389), (0.088, 0.43), (0.13, 0.465), (0.164, 0.504), (0.164, 0.543), (0.135, 0.57), (0.08, 0.565))
TIP = ((0.08, 0.565), (0.045, 0.581), (0.0, 0.588))
LIPS = (
    ((0.25, 0.709), (0.227, 0.695), (0.192, 0.682), (0.143, 0.671), (0.073, 0.661), (0.0, 0.67)),
    ((0.25, 0.709), (0.195, 0.715), (0.16, 0.719), (0.117, 0.722), (0.063, 0.726), (0.0, 0.731)),
    ((0.25, 0.709), (0.223, 0.737), (0.188, 0.764), (0.138, 0.792), (0.074, 0.81), (0.0, 0.816)),
)
ACROSS = (OVAL, TIP, *LIPS)
"""Halves whose mirror image goes on where they end, at the mid-line; x is counted from there."""
BESIDE = (EYE, BROW, NOSE)
"""Lines that stand once on each side."""


def lines() -> list[Line]:
    """Every line of the face."""
    drawn: list[Line] = []
    for half in ACROSS:
        side = np.array(half)
        side = side if side[-1, 0] == 0 else side[::-1]
        drawn.append(smooth(np.concatenate([side * (-1, 1), side[-2::-1]]) + np.array([MIDLINE, 0])))
    for line in BESIDE:
        drawn += [smooth(np.array(line) * (sign, 1) + np.array([MIDLINE, 0])) for sign in (-1, 1)]
    return drawn


def smooth(line: Line, steps: int = 6) -> Line:
    """The curve of Catmull and Rom through the points of `line`, `steps` points for each stretch."""
    closed = bool(np.allclose(line[0], line[-1]))
    ends = (line[-2], line[1]) if closed else (2 * line[0] - line[1], 2 * line[-1] - line[-2])
    padded = np.concatenate([ends[0][None], line, ends[1][None]])
    before, first, second, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    curve = 0.5 * (
        2 * first
        + t * (second - before)
        + t**2 * (2 * before - 5 * first + 4 * second - after)
        + t**3 * (3 * first - before - 3 * second + after)
    )
    return np.concatenate([curve.transpose(1, 0, 2).reshape(-1, 2), line[-1:]])
