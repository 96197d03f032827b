"""What holding a face leaves of its expressions: fields for the decoy of `still` to look like.

Whatever follows the skin misses a little of what it does, and misses it alike on everybody: along the outline, beside
the lips, where the skin is bare. Who trains on other people's protected pictures learns just that. Here people show the
expressions of `EXPRESSIONS` under `freeze`, an attacker measures what he still sees, and of that is kept what follows
from what was shown: the rest is noise, and differs from picture to picture.
"""

from collections.abc import Callable, Sequence

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from deadpan.calibration.synthetic.action_units import EXPRESSIONS
from deadpan.calibration.synthetic.benchmark import AMPLITUDES
from deadpan.calibration.synthetic.faces import SIZE
from deadpan.calibration.synthetic.head import HEADS
from deadpan.calibration.synthetic.still import Still
from deadpan.calibration.synthetic.synthesis import Clip, Event
from deadpan.calibration.trial.attacker import look, true_motion
from deadpan.calibration.trial.matched import Small, small
from deadpan.calibration.trial.passage import protected, watch
from deadpan.models.errors import DeadpanError
from deadpan.models.landmarker import Landmarker
from deadpan.models.motion import GRID
from deadpan.models.reading import ATTENTIVE
from deadpan.models.workers import shared
from deadpan.stickers import plan, sticker
from deadpan.stickers.still import freeze

SHOWN = ((min(AMPLITUDES), -0.2), (max(AMPLITUDES), 0.2))
"""How far each expression goes, shares of the face's width, and how much farther on the right."""
KINDS = 8
"""Kinds of motion, principal components of what was shown, that what is left is taken to follow from. What is left
under 5, 8 and 12 kinds was put over the held faces of nine other people, those of the benchmark in 243 clips of seed
1008: a linear attacker then read UF1 .55, .49 and .50, and .63 without any; with .15, .3 or .5 of the decoy's power .49
to .50 (a lab script)."""

Fields = NDArray[np.float32]
"""(KINDS + 1, GRID, GRID, 2) float32, in the recognizers' crop (`models.motion`), right and down."""


def learn(
    stills: Sequence[Still], model: bytes, jobs: int = 1, told: Callable[[int, int], None] = lambda done, of: None
) -> Fields:
    """Fields whose mixtures with normal weights look like what is left, 1 on the root mean square.

    Against what is left with an amplitude a, the best decoy of a given power has a variance in proportion to a: so each
    field's length is √a. `told` hears how many clips are done, of how many.
    """
    work = [
        delayed(_left)(still, label, units, reach, side, model)
        for still in stills
        for label, combinations in EXPRESSIONS.items()
        for units in combinations
        for reach, side in SHOWN
    ]
    told(0, len(work))
    seen = []
    for number, pair in enumerate(shared(work, jobs)):
        if pair is not None:
            seen.append(pair)
        told(number + 1, len(work))
    if not seen:
        raise DeadpanError("the attacker found no face on any clip: nothing to learn from")
    left, true = (np.stack(each).reshape(len(seen), -1).astype(np.float64) for each in zip(*seen, strict=True))
    return fields(left, true)


def fields(left: NDArray[np.float64], true: NDArray[np.float64]) -> Fields:
    """What of `left`, (n, d), follows from what is `true`, (n, d): its principal components, weighted."""
    middle = true.mean(axis=0)
    kinds = np.linalg.svd(true - middle, full_matrices=False)[2][:KINDS]
    amounts = np.column_stack([(true - middle) @ kinds.T, np.ones(len(true))])
    follows = amounts @ np.linalg.lstsq(amounts, left, rcond=None)[0]
    _, lengths, axes = np.linalg.svd(follows, full_matrices=False)
    weighted = (np.sqrt(lengths)[:, None] * axes)[: KINDS + 1].reshape(-1, GRID, GRID, 2)
    return np.asarray(weighted / np.sqrt((weighted**2).sum(axis=(0, 3)).mean()), np.float32)


def _left(
    still: Still, label: str, units: tuple[int, ...], reach: float, side: float, model: bytes
) -> tuple[Small, Small] | None:
    """What an attacker sees of one expression, and what there was to see; None when he finds no face."""
    event = Event(12, 18, 24, label, units, reach, side)
    clip = Clip(still.name, still.name, (still,), event.offset + 1, (event,), head=HEADS["still"], size=SIZE)
    sent = protected(watch(clip, model), freeze(plan.load("calibrated"), sticker.load("band-aid"), seed=0))
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        seen = look(sent.pictures, event, landmarker)
    return None if seen is None else (small(seen.longer), small(true_motion(clip)))
