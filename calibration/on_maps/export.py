"""Protected maps as a file that any recognizer can judge: that of the maps themselves, with nothing else changed."""

import io
from pathlib import Path

import numpy as np

from deadpan.calibration.on_maps.fields import Motion
from deadpan.models.fetch import store
from deadpan.models.maps import KEYS


def export(motion: Motion, source: Path, target: Path) -> None:
    """Write `source`, a file that `models.maps.load` has read, to `target` with `motion` in place of its flow.

    Keys, shapes and types are the source's own. Whole or not at all.
    """
    with np.load(source, allow_pickle=False) as file:
        arrays = {key: file[key] for key in KEYS}
    arrays["flow"] = motion
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    store(target, content.getvalue())
