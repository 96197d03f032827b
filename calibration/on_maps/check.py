"""Whether the model of freezing tells what pictures show: the same clips, frozen by the live code and by the model."""

from dataclasses import dataclass

import numpy as np

from deadpan.calibration.effect.tally import RESAMPLES, Resampled, Share, Tally, share
from deadpan.calibration.on_maps.fields import Fields, encoded
from deadpan.calibration.on_maps.protected import frozen
from deadpan.calibration.on_maps.transfer import Measured
from deadpan.models.recognizer import Recognizer

DRAWS = 20
"""Times that the model's noise is drawn."""


@dataclass(frozen=True)
class Checked:
    """UF1 of one recognizer on the clips that were measured."""

    recognizer: str
    plain: Share
    """On what is seen without protection."""
    frozen: Share
    """On what is seen of pictures that the live code froze."""
    modelled: Share
    """On what the model makes of the unprotected flow, which holds a webcam's noise already; mean over draws."""


def check(found: Measured, recognizer: Recognizer, seed: int = 0) -> Checked:
    """Ask a finished recognizer, which never saw these people."""
    tally = Tally(found.label, found.label[None].astype(np.int8), found.subject, RESAMPLES, seed)
    n = len(found.label)

    def uf1(moved: Fields) -> Resampled:
        return tally.uf1(recognizer.predict(encoded(moved)).argmax(axis=1)[None].astype(np.int8))

    drawn = [
        uf1(frozen(found.plain, 1.0, found.transfer, np.random.default_rng([seed, number]))) for number in range(DRAWS)
    ]
    return Checked(
        recognizer.name,
        share(uf1(found.plain), n),
        share(uf1(found.frozen), n),
        share(np.asarray(np.mean(drawn, axis=0)), n),
    )
