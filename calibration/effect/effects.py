"""What hiding regions does to recognizers that never saw the people: every figure with interval and controls."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from deadpan.calibration.effect.tally import Resampled, Share


@dataclass(frozen=True, eq=False)
class Figures:
    """What the field counts (REFERENCE 5), of one treatment of all clips."""

    attack: Share
    """ASR: share of the correctly classified that become wrong."""
    fooling: Share
    """Share whose label changes, right or wrong."""
    error: Share
    """Share that is wrong, clean errors included: the paper's Table II."""
    uf1: Share


@dataclass(frozen=True, eq=False)
class Effect(Figures):
    """What stickers of k tenths of the face on `regions` do."""

    regions: tuple[str, ...]
    """In the order in which they were chosen."""
    k: float
    area: float
    """Mean share of the crop that they cover."""
    random: float
    """Mean ASR of as many stickers of the same size in random places that cover the same area."""
    random_area: float
    """What those cover: the same area to within some 2.5 %, unless so much cannot be had at random."""
    against_random: Share
    """`attack` less `random`, paired; the interval holds the people's and the draws' uncertainty."""
    resampled: Resampled = field(repr=False)
    """`attack` on the data and on each resample of people, the same for every effect: for paired comparisons."""


@dataclass(frozen=True)
class RandomPlaces:
    """ASR of `count` stickers of k tenths of the face, laid evenly over the crop."""

    count: int
    k: float
    mean: float
    sd: float
    """Over the draws."""
    low: float
    """95 % interval of the mean, over people and draws."""
    high: float
    draws: int
    area: float
    """Mean share of the crop covered."""


@dataclass(frozen=True)
class Panel:
    """Who was asked about whom."""

    recognizer: str
    seeds: tuple[int, ...]
    identity: str
    """Hash of what the fold networks follow from, or of the recognizer's file."""
    maps_sha256: str
    clips: int
    subjects: int
    unit: str
    """What the intervals resample: subject, or clip where there are fewer than five people."""
    resamples: int
    draws: int
    seed: int


@dataclass(frozen=True, eq=False)
class Effects:
    """Everything that was measured by intervention."""

    panel: Panel
    none: Figures
    """No sticker."""
    constant: Figures
    """A constant map in place of each clip: what the recognizer says of no information."""
    noise: Figures
    """Smooth noise in place of each clip: nothing moves, and the noise is stretched. No protection that hides motion
    can do more."""
    singles: Mapping[float, tuple[Effect, ...]]
    """k → the 14 regions, in the order of `REGIONS`."""
    pairs: Mapping[float, tuple[Effect, ...]]
    """k → the five symmetric pairs."""
    paths: Mapping[str, Mapping[float, tuple[Effect, ...]]]
    """Rule (`effect`, `causal+effect`, and each ranking's name) → k → its choice of 1, 2, … regions.

    Chosen and measured on the same people: those by effect look better than they are; see `held_out`.
    """
    everything: Mapping[float, Figures]
    """k → stickers on all 14 regions."""
    random: Mapping[tuple[int, float], RandomPlaces]
    """(count, k) → random places, whatever they cover."""
    queries: Mapping[str, int]
    """Recognizer calls for each clip, of one victim at one k: approach → number. `measured here`: all there were."""
