"""A clip as the recognizers of clips see it: a few pictures of one face, each laid on the first.

There is one way from pictures to such a clip, for training, evaluation and the live meter:

1. `moments` says which pictures: the onset and the apex, or d of them, evenly from the onset to the offset;
2. the first face lies as on the motion maps (`motion.frontal`), the others are laid on it by their landmarks;
3. what landmarks miss, being found anew on every picture, is fitted to the dense flow as one affine motion and taken
   off, as it is for motion maps;
4. all of that is one resampling, so that an apex is hardly more blurred than its onset.
"""

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from deadpan.models.description import Window
from deadpan.models.face import Points
from deadpan.models.frame import Image
from deadpan.models.landmarker import Landmarker
from deadpan.models.motion import CROP, Flow, affine_part, crop, laying, raw_flow, smaller
from deadpan.models.reading import Reading, between, landmarks_of
from deadpan.models.recognizer import Recognizer

Sample = tuple[int, int, int, int]
"""d pictures, rows, columns, channels of one clip: 1 grey, 3 red first. Rows are as many as columns."""
Pictures = NDArray[np.uint8]
"""(d, h, w, c) uint8, 0–255: one clip."""


def moments(window: Window, depth: int, onset: int, apex: int, offset: int) -> tuple[int, ...]:
    """Which `depth` pictures of a clip are looked at; a clip that has fewer shows some of them twice.

    For a window and a depth that do not go together, see `misfit`.
    """
    if window == "onset-apex":
        return onset, apex
    return tuple(int(number) for number in np.rint(np.linspace(onset, offset, depth)))


def misfit(window: Window, sample: tuple[int, ...]) -> str:
    """Why clips of that shape cannot be made of a face, as the end of an error's line; nothing if they can."""
    depth, rows, columns, channels = sample
    if not (depth == 2 if window == "onset-apex" else window == "frames" and depth > 1):
        return f"window {window} of {depth} pictures; expected onset-apex of 2, or frames of some"
    if rows != columns or channels not in (1, 3):
        return f"pictures of {rows} × {columns} × {channels}; expected squares, grey or of three colours"
    return ""


def shown(
    recognizer: Recognizer, reading: Reading, pictures: Sequence[Image], landmarker: Landmarker
) -> NDArray[np.uint8] | None:
    """What `recognizer` is shown of a reading of `pictures`, a sample of its kind: the motion map, or the clip itself.

    A clip's onset and apex are the reading's, its offset is the last picture. None when its faces are not found.
    """
    if recognizer.kind != "clip":
        return reading.motion
    sample = cast(Sample, recognizer.sample)
    wanted = moments(recognizer.window, sample[0], reading.onset, reading.apex, len(pictures) - 1)
    return clip_of([pictures[number] for number in wanted], landmarker, sample)


def clip_of(pictures: Sequence[Image], landmarker: Landmarker, sample: Sample) -> Pictures | None:
    """The face on `pictures`, d of (h, w, 3) uint8 BGR, as one clip; all that it takes is found on these pictures.

    None when a face is on fewer than half of them.
    """
    landmarks = faces_on(pictures, landmarker)
    return None if landmarks is None else lay(pictures, landmarks, sample)


def faces_on(pictures: Sequence[Image], landmarker: Landmarker) -> list[Points] | None:
    """The face's landmarks on each of `pictures`, (478, 2) px; None when a face is on fewer than half of them.

    Where it is missed on one, they are taken from those beside it, as `reading.read` does.
    """
    found = ((number, landmarks_of(picture, landmarker)) for number, picture in enumerate(pictures))
    marks = {number: landmarks for number, landmarks in found if landmarks is not None}
    if not marks or 2 * len(marks) < len(pictures):
        return None
    return [between(marks, number) for number in range(len(pictures))]


def lay(pictures: Sequence[Image], landmarks: Sequence[Points], sample: Sample) -> Pictures:
    """The faces with these landmarks, (478, 2) px each, all of them laid on the first.

    `ValueError` when there are not as many as `sample` says.
    """
    depth, rows, columns, channels = sample
    if len(pictures) != depth or len(landmarks) != depth or rows != columns or channels not in (1, 3):
        raise ValueError(f"{len(pictures)} pictures, {len(landmarks)} faces for {sample}; expected (d, s, s, 1 or 3)")
    reference = landmarks[0]
    first = crop(pictures[0], reference, reference)
    laid = np.empty(sample, np.uint8)
    for number, (picture, marks) in enumerate(zip(pictures, landmarks, strict=True)):
        if number and picture is pictures[number - 1]:
            laid[number] = laid[number - 1]
            continue
        matrix = laying(marks, reference)
        if picture is not pictures[0]:
            matrix = _steadied(matrix, affine_part(raw_flow(first, crop(picture, marks, reference))))
        laid[number] = _cut(picture, matrix, rows, channels)
    return laid


def rank_weights(depth: int) -> NDArray[np.float64]:
    """(depth,): weights of the pictures in a dynamic image, by approximate rank pooling (Bilen et al. 2016).

    α_t = Σ_{i ≥ t} (2i − T − 1) / i for picture t of T, both counted from 1; they sum to 0, so that what does not
    change is not in the image.
    """
    i = np.arange(1, depth + 1)
    return np.ascontiguousarray(((2 * i - depth - 1) / i)[::-1].cumsum()[::-1])


def _steadied(matrix: NDArray[np.float64], moved: Flow) -> NDArray[np.float64]:
    """`matrix`, a picture's px to the crop's, less an affine motion that its crop still has, (CROP, CROP, 2) px."""
    corner = moved[0, 0].astype(float)
    across, down = (moved[0, -1] - corner) / (CROP - 1), (moved[-1, 0] - corner) / (CROP - 1)
    there = np.eye(3)
    there[:2] += np.column_stack([across, down, corner])
    return np.asarray((np.linalg.inv(there) @ np.vstack([matrix, [0, 0, 1]]))[:2])


def _cut(picture: Image, matrix: NDArray[np.float64], side: int, channels: int) -> Pictures:
    """(side, side, channels): what `matrix` takes to the crop, at least as fine as the crop before it is made small."""
    fine = side * -(-CROP // side)
    scale = fine / CROP
    matrix = np.array([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5]]) @ np.vstack([matrix, [0, 0, 1]])
    small, matrix = smaller(picture, matrix)
    colours = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY if channels == 1 else cv2.COLOR_BGR2RGB)
    laid = cv2.warpAffine(colours, matrix, (fine, fine), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(laid, (side, side), interpolation=cv2.INTER_AREA), np.uint8).reshape(side, side, -1)
