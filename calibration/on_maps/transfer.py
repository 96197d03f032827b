"""What freezing leaves of the skin's motion, and how much flow errs on a webcam: measured on pictures, by fineness.

Synthetic micro-expressions go through the live code and are read by the attacker of `calibration.trial`, who measures
the flow on what arrives: without protection, without protection and without motion, and frozen. In each band of
spatial frequency, what goes with the true motion is left. What else a frozen face shows above a resting one is no
noise: an attacker who learns on other people's frozen pictures reads it (`trial.linear`). It is taken for a fixed
function of the motion, a gain that differs from place to place and is the same for everybody; where, is not measured
but drawn once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn, idctn

from deadpan.calibration.on_maps.fields import Fields
from deadpan.calibration.synthetic.synthesis import Clip
from deadpan.calibration.trial.attacker import look, true_motion
from deadpan.calibration.trial.clips import without_event
from deadpan.calibration.trial.passage import protected, watch
from deadpan.calibration.trial.trembling import PERCENT
from deadpan.models.errors import DeadpanError
from deadpan.models.landmarker import Landmarker
from deadpan.models.maps import LABELS
from deadpan.models.motion import GRID, Flow
from deadpan.models.reading import ATTENTIVE
from deadpan.stickers.protection import Protection

BANDS = (0, 1, 2, 3, 4, 6, 8, 12)
"""Where each band begins, half waves over the side of the crop; the last one reaches to the grid's own limit."""
_OF = np.digitize(np.hypot(*np.mgrid[:GRID, :GRID]), BANDS) - 1
"""(28, 28): the band of each coefficient of the cosine transform."""
_MANY = np.bincount(_OF.ravel())


def _places() -> NDArray[np.float32]:
    drawn = np.random.default_rng(0).standard_normal((7, 7)).astype(np.float32)
    smooth = cv2.resize(drawn, (GRID, GRID), interpolation=cv2.INTER_CUBIC)
    return np.asarray(smooth / np.sqrt((smooth**2).mean()), np.float32)


UNEVEN = _places()
"""(28, 28) of root mean square 1, as smooth as a muscle's motion: where freezing leaves more, and where less."""


@dataclass(frozen=True)
class Transfer:
    """One number a band."""

    left: tuple[float, ...]
    """Share of the motion that is still seen when it is frozen at strength 1, negative where too much is taken off."""
    noise: tuple[float, ...]
    """What flow shows on a face that does not move: hundredths of the face's width, root mean square, both ways."""
    uneven: tuple[float, ...]
    """Share of the motion, root mean square, that is left here more and there less."""

    def thinned(self, moved: Fields) -> Fields:
        """What freezing leaves of fields."""
        even, uneven = (
            _inverse(_bands(moved) * np.array(gains, np.float32)[_OF][..., None]) for gains in (self.left, self.uneven)
        )
        return np.asarray(even + UNEVEN[..., None] * uneven, np.float32)

    def drawn(self, count: int, random: np.random.Generator) -> Fields:
        """As many fields of noise."""
        deviation = GRID * np.sqrt(np.square(self.noise) / _MANY / 2)
        white = random.standard_normal((count, GRID, GRID, 2), np.float32)
        return _inverse(white * deviation.astype(np.float32)[_OF][..., None])


MEASURED = Transfer(
    left=(-0.018, -0.021, 0.005, 0.010, 0.048, 0.063, 0.077, 0.143),
    noise=(0.0040, 0.0111, 0.0154, 0.0154, 0.0153, 0.0107, 0.0089, 0.0062),
    uneven=(0.034, 0.059, 0.084, 0.111, 0.118, 0.076, 0.125, 0.133),
)
"""54 clips of the sitting head, un-coded, 1 to 2 % of the face's width at the peak, seed 3:
`deadpan evaluate protection --data mer_flow.npz --remeasure 54`. There `motion-large` reads frozen pictures with UF1
0.31 [0.17, 0.43] and the model of them with 0.56, `motion` with 0.25 [0.12, 0.36] and 0.48: the model says too much."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What was found on clips, and the clips' flows, for whoever wants to see whether the one explains the other."""

    transfer: Transfer
    subject: NDArray[np.str_]
    """(n,)."""
    label: NDArray[np.int64]
    """(n,): an index into `LABELS`."""
    plain: Fields
    """What is seen without protection."""
    frozen: Fields


SEED = 3
"""Of the clips that are measured on: others than those that protections are judged on."""


def measure(
    clips: Sequence[Clip],
    freeze: Callable[[], Protection],
    model: bytes,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Measured:
    """Measure on these clips; `freeze` makes a protection at the start of its session, `model` is the landmarker's."""
    sums = {key: np.zeros(len(BANDS)) for key in ("true", "seen", "left", "rest", "frozen", "plain")}
    kept: list[Clip] = []
    plain, held = [], []
    told(0, len(clips))
    for number, clip in enumerate(clips):
        found = _flows(clip, freeze, model)
        if found is not None:
            true, seen, rest, frozen = (_bands(each[None])[0] for each in found)
            for key, product in (
                ("true", true * true),
                ("seen", seen * true),
                ("left", frozen * true),
                ("rest", rest * rest),
                ("frozen", frozen * frozen),
                ("plain", seen * seen),
            ):
                sums[key] += np.bincount(_OF.ravel(), product.sum(axis=-1).ravel())
            kept.append(clip)
            plain.append(found[1])
            held.append(found[3])
        told(number + 1, len(clips))
    if not kept:
        raise DeadpanError(f"the attacker finds no face on {len(clips)} clips; expected at least one")
    cells = len(kept) * GRID**2
    apart = sums["frozen"] - sums["left"] ** 2 / sums["true"]
    transfer = Transfer(
        left=_rounded(sums["left"] / sums["seen"], 3),
        noise=_rounded(np.sqrt(sums["rest"] / cells), 4),
        uneven=_rounded(np.sqrt(np.maximum(apart - sums["rest"], 0) / sums["plain"]), 3),
    )
    return Measured(
        transfer,
        subject=np.array([clip.subject for clip in kept]),
        label=np.array([LABELS.index(clip.events[0].label) for clip in kept], np.int64),
        plain=np.stack(plain),
        frozen=np.stack(held),
    )


def _flows(clip: Clip, freeze: Callable[[], Protection], model: bytes) -> tuple[NDArray[np.float32], ...] | None:
    """Fields: the true motion, what is seen of it unprotected, what on a resting face, what frozen."""
    moving, resting = watch(clip, model), watch(without_event(clip), model)
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        all_seen = [
            look(protected(watched, protection).pictures, clip.events[0], landmarker)
            for watched, protection in ((moving, None), (resting, None), (moving, freeze()))
        ]
    flows = [true_motion(clip), *(each.single for each in all_seen if each is not None)]
    return tuple(small(each) for each in flows) if len(flows) == 4 else None


def small(flow: Flow) -> NDArray[np.float32]:
    """(28, 28, 2): a flow of the crop in px, as a field in hundredths of the face's width."""
    return np.asarray(cv2.resize(flow, (GRID, GRID), interpolation=cv2.INTER_AREA) / np.float32(PERCENT), np.float32)


def _bands(moved: Fields) -> Fields:
    return np.asarray(dctn(moved, axes=(1, 2), norm="ortho"), np.float32)


def _inverse(coefficients: NDArray[np.floating]) -> Fields:
    return np.asarray(idctn(coefficients, axes=(1, 2), norm="ortho"), np.float32)


def _rounded(values: NDArray[np.floating], digits: int) -> tuple[float, ...]:
    return tuple(round(float(each), digits) for each in values)
