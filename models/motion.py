"""Facial motion: from two looks at a face to the map that the motion recognizers were trained on.

The public maps (442 micro-expressions, MEGC 2019) are onset→apex optical flow on a crop of the face, as (strain, v, u),
28 × 28, each channel stretched to 0…255. Their geometry is matched here by landmarks: `ANCHORS` holds where the median
public map has its eyes, brows, mouth and chin, and `frontal` lays a face's own landmarks there, each axis with a scale
of its own, because the public crops were squeezed to squares. Signs are the public maps' own: u to the picture's right,
v down (their mean maps lift the lip corners in smiles and the brows in surprise at negative v).

Head motion is removed twice: each crop is aligned by its own landmarks, and what those miss, being found anew on every
frame, is fitted to the dense flow as one affine motion and taken off.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.face import Points
from deadpan.models.frame import Image

CROP = 168
"""Px: the side of the square crop on which flow is computed."""
GRID = 28
"""Cells along the side of a motion map."""

Grey = NDArray[np.uint8]
"""(CROP, CROP) uint8: a face in the public maps' geometry, the picture's left on the left."""
Flow = NDArray[np.float32]
"""(CROP, CROP, 2) float32, px of the crop: how far each pixel of the onset has moved, right and down."""
Motion = NDArray[np.uint8]
"""(28, 28, 3) uint8: strain, v (down), u (right), each channel stretched to 0…255, as in the public maps."""

ANCHORS = (
    ((160, 158), (0.220, 0.260)),
    ((385, 387), (0.768, 0.259)),
    ((70, 105), (0.038, 0.160)),
    ((300, 334), (0.945, 0.158)),
    ((2, 0), (0.497, 0.641)),
    ((78,), (0.319, 0.726)),
    ((308,), (0.683, 0.723)),
    ((13, 14), (0.498, 0.730)),
    ((17, 152), (0.500, 0.907)),
)
"""Landmarks, and where their mean lies in the median public map, shares of the crop, x right, y down: the centres of
the regions of the same landmarks (eyes, outer brows, philtrum, lip corners, mouth, chin)."""


def frontal(landmarks: Points) -> NDArray[np.float64]:
    """(2, 3): takes a picture's px to the crop's px, for the face with these (478, 2) landmarks, px.

    The head's tilt is undone; width and height are scaled each by itself. Least squares over `ANCHORS`.
    """
    eyes = landmarks[[385, 387]].mean(axis=0) - landmarks[[160, 158]].mean(axis=0)
    cos, sin = np.array(eyes, float) / max(float(np.hypot(*eyes)), 1e-9)
    upright = np.array([[cos, sin], [-sin, cos]])
    found = np.array([landmarks[list(points)].mean(axis=0) for points, _ in ANCHORS], float) @ upright.T
    wanted = np.array([place for _, place in ANCHORS]) * CROP - 0.5
    scale = ((found - found.mean(0)) * (wanted - wanted.mean(0))).sum(0) / ((found - found.mean(0)) ** 2).sum(0)
    matrix = scale[:, None] * upright
    return np.column_stack([matrix, wanted.mean(0) - scale * found.mean(0)])


def similarity(landmarks: Points, reference: Points) -> NDArray[np.float64]:
    """(2, 3): the rotation, scale and shift that lay `landmarks` on `reference`, both (n, 2) px.

    Reweighted least squares: what an expression moves counts less than what it leaves alone.
    """
    z, w = landmarks.astype(float) @ (1, 1j), reference.astype(float) @ (1, 1j)
    weight: NDArray[np.floating] = np.ones(len(z))
    for _ in range(4):
        total = weight.sum()
        mz, mw = (weight @ z) / total, (weight @ w) / total
        turn = (weight @ ((z - mz).conj() * (w - mw))) / (weight @ np.abs(z - mz) ** 2)
        off = np.abs(turn * (z - mz) + mw - w)
        weight = 1 / (1 + (off / max(float(np.median(off)), 1e-6)) ** 2)
    shift = mw - turn * mz
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def laying(landmarks: Points, reference: Points) -> NDArray[np.float64]:
    """(2, 3): takes a picture's px to the crop's, by way of `reference`, the same face on another picture."""
    onto, place = similarity(landmarks, reference), frontal(reference)
    matrix = place[:, :2] @ onto
    matrix[:, 2] += place[:, 2]
    return np.asarray(matrix, np.float64)


def smaller(image: Image, matrix: NDArray[np.float64]) -> tuple[Image, NDArray[np.float64]]:
    """The same, `image` and what `matrix` makes of it, from a smaller picture where little of this one is needed.

    So that no detail above the crop's own resolution folds into it.
    """
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < 0.5:
        image = np.asarray(cv2.resize(image, None, fx=2 * scale, fy=2 * scale, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix @ np.array(
            [[0.5 / scale, 0, 0.25 / scale - 0.5], [0, 0.5 / scale, 0.25 / scale - 0.5], [0, 0, 1]]
        )
    return image, matrix


def crop(image: Image, landmarks: Points, reference: Points) -> Grey:
    """The face with these landmarks, laid where `reference`, the same face on another picture, lies in the crop."""
    image, matrix = smaller(image, laying(landmarks, reference))
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    flags = cv2.INTER_LINEAR
    return np.asarray(
        cv2.warpAffine(grey, matrix, (CROP, CROP), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def flow(onset: Grey, apex: Grey) -> Flow:
    """Dense inverse search (Kroeger 2016) from `onset` to `apex`, less the one affine motion that fits it best."""
    dense = raw_flow(onset, apex)
    return np.asarray(dense - affine_part(dense), np.float32)


def raw_flow(onset: Grey, apex: Grey) -> Flow:
    """The same with what is left of the head's own motion still in it."""
    return np.asarray(
        cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(onset, apex, None),  # type: ignore[call-overload]
        np.float32,
    )


def affine_part(dense: Flow) -> Flow:
    """The affine motion that most of `dense` follows: what is left of the head's own motion. As `dense`.

    (n, n, 2) of any n, sampled evenly over the crop.
    """
    n = len(dense)
    step = n // GRID
    sampled = np.asarray(dense[step // 2 :: step, step // 2 :: step], float).reshape(-1, 2)
    at = np.arange(step // 2, n, step) / n - 0.5
    design = np.column_stack([np.tile(at, len(at)), np.repeat(at, len(at)), np.ones(len(at) ** 2)])
    weight: NDArray[np.floating] = np.ones(len(design))
    for _ in range(6):
        weighted = design * weight[:, None]
        solution = np.linalg.solve(weighted.T @ design + 1e-9 * np.eye(3), weighted.T @ sampled)
        off = np.linalg.norm(sampled - design @ solution, axis=1)
        weight = 1 / (1 + (off / max(1.5 * float(np.median(off)), 1e-3)) ** 2) ** 2
    every = np.arange(n, dtype=np.float32) / np.float32(n) - np.float32(0.5)
    across, down, shift = solution.astype(np.float32)
    return np.asarray(every[None, :, None] * across + every[:, None, None] * down + shift, np.float32)


def strain(moved: Flow) -> NDArray[np.float32]:
    """(CROP, CROP) float32: magnitude of the optical strain of `moved` (Shreve 2011; Liong 2019), without unit."""
    uy, ux = np.gradient(moved[..., 0])
    vy, vx = np.gradient(moved[..., 1])
    return np.asarray(np.sqrt(ux**2 + vy**2 + (uy + vx) ** 2 / 2), np.float32)


def encode(moved: Flow) -> Motion:
    """The map of `moved`, in the public maps' own encoding."""
    channels = np.dstack([strain(moved), moved[..., 1], moved[..., 0]])
    small = np.asarray(cv2.resize(channels, (GRID, GRID), interpolation=cv2.INTER_AREA), np.float64)
    low, high = small.min(axis=(0, 1)), small.max(axis=(0, 1))
    return np.asarray(np.rint((small - low) / np.maximum(high - low, 1e-9) * 255), np.uint8)
