"""The trial: every clip under every protection, through every call, read by the attacker."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

import cv2
import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from deadpan.calibration.synthetic.synthesis import Clip
from deadpan.calibration.trial.attacker import Seen, look, share_read, true_motion
from deadpan.calibration.trial.clips import without_event
from deadpan.calibration.trial.likeness import Likeness, likeness
from deadpan.calibration.trial.matched import MatchedFilter, Small, filters, small
from deadpan.calibration.trial.modes import Mode
from deadpan.calibration.trial.passage import Call, Sent, Watched, bare_ms, protected, watch
from deadpan.calibration.trial.trembling import PERCENT, unrest
from deadpan.models.landmarker import Landmarker
from deadpan.models.maps import LABELS
from deadpan.models.motion import GRID, Flow, Motion, encode
from deadpan.models.reading import ATTENTIVE
from deadpan.models.workers import shared

NOBODY = len(LABELS)
"""What the attacker says of a clip on which he finds no face: a wrong label."""
FEW = np.float16
"""How the flows are kept until their mean is known: 27 MB for 243 clips."""


@dataclass(frozen=True, eq=False)
class Measured:
    """One flow, as those take it who judge it."""

    field: Small
    motion: Motion


SINGLE, AVERAGED, LONGER, FILM = "two pictures", "8 pictures", "20 pictures", "whole film"
FILLED, INPAINTED = "stickers masked", "stickers inpainted"
"""Ways to measure the flow, by what `Seen` calls `single`, `averaged`, `longer`, `film`, `filled` and `inpainted`."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one clip."""

    subject: str
    label: int
    """What it is, or would be if anything moved: an index into `LABELS`."""
    let_go: float
    """Share of regions times frames that a skin protection let go; 0 for a mode that holds none."""
    likeness: Likeness
    """To the clean, un-coded picture, mean of onset and apex."""
    measured: Mapping[str, Measured] = field(default_factory=dict)
    """What moved, by the way it was measured; empty, as is all that follows, when the attacker finds no face."""
    flow: NDArray[np.float16] | None = None
    """As `Seen.single`."""
    read: float = 0.0
    """Share of the true motion that is seen (`share_read`)."""
    read_averaged: float = 0.0
    matched: int = NOBODY
    """What the matched filter says."""
    moves: float = 0.0
    """95th percentile of what is seen to move, hundredths of the face's width."""
    pairs: NDArray[np.uint8] | None = None
    """(k, 28, 28, 3): maps of `Seen.pairs`."""
    true: Small | None = None
    """(28, 28, 2): the true motion."""
    covered: NDArray[np.float32] | None = None
    """(28, 28): shares under a sticker; None without any."""
    trembling: float = 0.0
    """See `unrest`."""
    ms: float = 0.0
    """See `Sent.ms`."""
    cost: float = 0.0
    """The same as a share of the bare landmarker call, timed beside it in the same process."""


@dataclass(frozen=True, eq=False)
class Cell:
    """One mode through one call."""

    mode: str
    call: Call
    outcomes: list[Outcome] = field(default_factory=list)


def run(
    clips: Sequence[Clip],
    modes: Sequence[Mode],
    calls: Sequence[Call],
    model: bytes,
    seed: int = 0,
    jobs: int = 1,
    told: Callable[[int, int], None] = lambda done, of: None,
    film: bool = False,
) -> list[Cell]:
    """Every cell, in the order of `calls` and within a call of `modes`; `model` is the landmarker's bytes.

    `told` hears how many clips are done, of how many; `film` has the attacker look at the whole film, too.

    Same seed, same figures, whatever the number of `jobs` (processes): what is random, places and decoys, follows from
    it and the clip's name. Times are another matter.
    """
    cells = [Cell(mode.name, call) for call in calls for mode in modes]
    known = filters([clip.stills[0] for clip in {clip.subject: clip for clip in clips}.values()])
    work = (delayed(_judged)(clip, modes, calls, model, seed, known[clip.stills[0].name], film) for clip in clips)
    told(0, len(clips))
    for number, outcomes in enumerate(shared(work, jobs)):
        for cell, outcome in zip(cells, outcomes, strict=True):
            cell.outcomes.append(outcome)
        told(number + 1, len(clips))
    return cells


def _judged(
    clip: Clip,
    modes: Sequence[Mode],
    calls: Sequence[Call],
    model: bytes,
    seed: int,
    matched: MatchedFilter,
    film: bool,
) -> list[Outcome]:
    """What becomes of one clip, in the order of the cells; it is tracked and protected once for all calls."""
    moving = watch(clip, model)
    resting = watch(without_event(clip), model) if any(not mode.moves for mode in modes) else moving
    chance = int.from_bytes(sha256(f"{seed} {clip.name}".encode()).digest()[:4], "big")
    by_mode: list[list[Outcome]] = []
    bare = bare_ms(moving, model)
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        judge = _Judge(clip, landmarker, matched, film)
        for mode in modes:
            watched = moving if mode.moves else resting
            sent = protected(watched, mode.make(watched, chance))
            sent = sent if mode.holds else replace(sent, let_go=0.0)
            by_mode.append([])
            for call in calls:
                arrived = call.carry(sent.pictures, clip.fps)
                outcome, trembling = judge.outcome(watched, sent, arrived), unrest(watched, arrived)
                by_mode[-1].append(replace(outcome, trembling=trembling, ms=sent.ms, cost=sent.ms / bare))
    return [outcome for of_call in zip(*by_mode, strict=True) for outcome in of_call]


class _Judge:
    """Reads one clip, whatever was done to it."""

    def __init__(self, clip: Clip, landmarker: Landmarker, matched: MatchedFilter, film: bool) -> None:
        self._event = clip.events[0]
        self._subject = clip.subject
        self._true: Flow = true_motion(clip)
        self._matched = matched
        self._landmarker = landmarker
        self._film = film

    def outcome(self, watched: Watched, sent: Sent, arrived: Sequence[NDArray[np.uint8]]) -> Outcome:
        seen = look(arrived, self._event, self._landmarker, sent.covered, self._film)
        label = LABELS.index(self._event.label)
        alike = [
            likeness(watched.frames[n].image, arrived[n], watched.sightings[n].faces[0])
            for n in (self._event.onset, self._event.apex)
            if watched.sightings[n].faces
        ]
        mean = Likeness(*(float(np.mean([getattr(each, name) for each in alike])) for name in ("ssim", "changed")))
        if seen is None:
            return Outcome(self._subject, label, sent.let_go, mean)
        return self._read(seen, label, sent.let_go, mean)

    def _read(self, seen: Seen, label: int, let_go: float, alike: Likeness) -> Outcome:
        ways = {SINGLE: seen.single, AVERAGED: seen.averaged, LONGER: seen.longer}
        if seen.film is not None:
            ways[FILM] = seen.film
        covered = None
        if seen.hidden is not None:
            ways |= {FILLED: seen.filled, INPAINTED: seen.inpainted}
            shares = cv2.resize(seen.hidden.astype(np.float32) / 255, (GRID, GRID), interpolation=cv2.INTER_AREA)
            covered = np.asarray(shares, np.float32)
        measured = {name: Measured(small(moved), encode(moved)) for name, moved in ways.items()}
        return Outcome(
            self._subject,
            label,
            let_go,
            alike,
            measured,
            flow=seen.single.astype(FEW),
            read=share_read(seen.single, self._true),
            read_averaged=share_read(seen.averaged, self._true),
            matched=self._matched(measured[SINGLE].field),
            moves=float(np.percentile(np.linalg.norm(seen.single, axis=2), 95)) / PERCENT,
            pairs=np.stack([encode(each) for each in seen.pairs]),
            true=small(self._true),
            covered=covered,
        )
