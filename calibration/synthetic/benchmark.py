"""The synthetic benchmark: a fixed set of clips that anyone can rebuild without a licence, to the byte.

Nine people (`faces.py`) × three classes × three amplitudes × three kinds of head motion, one micro-expression each: 243
clips of two seconds. Subjects are disjoint by face. **Its figures are figures on synthetic motion, not on people.**
"""

import json
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import product
from pathlib import Path

import cv2
import numpy as np

from deadpan.calibration.coding import save
from deadpan.calibration.synthetic.action_units import EXPRESSIONS
from deadpan.calibration.synthetic.faces import FILES, SIZE, SOURCES
from deadpan.calibration.synthetic.head import HEADS
from deadpan.calibration.synthetic.still import Still
from deadpan.calibration.synthetic.synthesis import FPS, Clip, event
from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Image

VERSION = 1
"""Of the generator: rises when the same seed gives other pictures."""
AMPLITUDES = (0.01, 0.015, 0.02)
"""Shares of the face's width."""
SECONDS = 2.0
ONSETS = (30, 38)
"""Frames: from a second of quiet on, and early enough that the face is at rest again before the end."""
NOTE = "synthetic micro-expressions: figures on them are not figures on people"
SEED = 2025


def benchmark(stills: Sequence[Still]) -> list[Clip]:
    """The clips of those people, in a fixed order that mixes them; with all nine of `faces.load`, the benchmark."""
    random = np.random.default_rng(SEED)
    conditions = list(product(AMPLITUDES, HEADS.values()))
    clips = []
    for label, expressions in EXPRESSIONS.items():
        # Dealt out like cards, so that no expression goes with a person, an amplitude or a head motion.
        cards = [expressions[n % len(expressions)] for n in range(len(stills) * len(conditions))]
        dealt = [cards[n] for n in random.permutation(len(cards))]
        for (still, (amplitude, head)), units in zip(product(stills, conditions), dealt, strict=True):
            seed = int(random.integers(2**31))
            shown = event(int(random.integers(*ONSETS)), units, amplitude, random, FPS)
            clips.append(
                Clip(
                    name=f"{still.name}-{label}-{amplitude * 100:g}-{head.name}",
                    subject=still.name,
                    stills=(still,),
                    length=round(SECONDS * FPS),
                    events=(shown,),
                    head=head,
                    size=SIZE,
                    seed=seed,
                )
            )
    return [clips[n] for n in random.permutation(len(clips))]


def build(
    clips: Sequence[Clip],
    folder: Path,
    told: Callable[[int, int], None] = lambda done, total: None,
    bitrate: int | None = None,
) -> dict[str, object]:
    """Write the clips as MP4 to look at, and `truth.json` with all that is true of them; gives the latter's content.

    `told` hears how many clips are done, of how many; `bitrate` is the files', bits a second, by default such that
    nothing of the coding shows. Raises `DeadpanError` when `folder` cannot be written.
    """
    known = {source.name: {"from": source.origin, "sha256": FILES[source.file]} for source in SOURCES}
    listed = []
    whole = sha256()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, clip in enumerate(clips):
            told(number, len(clips))
            digest = sha256()
            save(folder / f"{clip.name}.mp4", _hashed(clip.pictures(), digest.update), clip.fps, bitrate=bitrate)
            listed.append({**clip.truth(), "file": f"{clip.name}.mp4", "sha256": digest.hexdigest()})
            whole.update(digest.digest())
        told(len(clips), len(clips))
        truth = {
            "note": NOTE,
            "generator": VERSION,
            "opencv": cv2.__version__,
            "sha256": whole.hexdigest(),
            "sha256_of": "the clips' sha256 in this order; each is over its uncoded frames, BGR, not over its MP4 file",
            "faces": {name: known.get(name, {}) for name in sorted({clip.subject for clip in clips})},
            "clips": listed,
        }
        (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise DeadpanError(f"{folder}: cannot be written ({error.strerror}); choose another folder") from error
    return truth


def _hashed(pictures: Iterator[Image], update: Callable[[bytes], None]) -> Iterator[Image]:
    for picture in pictures:
        update(picture.tobytes())
        yield picture
