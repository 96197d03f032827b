"""What stickers do to recognizers on the pictures themselves, counted as on maps."""

from dataclasses import dataclass

import numpy as np

from deadpan.calibration.effect.effects import Figures
from deadpan.calibration.effect.pixel_intervention import NOBODY, Answers
from deadpan.calibration.effect.tally import RESAMPLES, Share, Tally, share
from deadpan.calibration.effect.victims import Labels


@dataclass(frozen=True, eq=False)
class PixelEffect(Figures):
    """What stickers on `regions` do."""

    regions: tuple[str, ...]
    k: float
    """They are k tenths of the face."""
    nobody: float
    """Share of readings that found no face behind them; counted as another, wrong label."""
    random: float | None
    """Mean ASR of as many stickers in random places; None when none were laid."""
    against_random: Share | None
    """`attack` less `random`, paired; the interval holds the people's and the draws' uncertainty."""


@dataclass(frozen=True, eq=False)
class PixelEffects:
    """Everything that was measured on pictures."""

    none: Figures
    """No sticker."""
    effects: tuple[PixelEffect, ...]
    clips: int
    subjects: int
    unit: str
    """What the intervals resample: subject, or clip where there are fewer than five people."""
    k: float
    sticker: str
    draws: int
    """Random places a clip and number of stickers."""
    readings: int
    """Clips read: one query each of every victim."""


def count(answers: Answers, resamples: int = RESAMPLES, seed: int = 0) -> PixelEffects:
    """The figures of every set of regions in `answers`. Raises `TooFew` when no clip is read correctly untouched."""
    tally = Tally(answers.label, answers.clean, answers.subject, resamples, seed)
    right = int(tally.right.sum())

    def figures(labels: Labels) -> dict[str, Share]:
        return {
            "attack": share(tally.attack(tally.flips(labels)), right),
            "fooling": share(tally.fooling(labels), labels.size),
            "error": share(tally.error(labels), labels.size),
            "uf1": share(tally.uf1(labels), labels.size),
        }

    effects = []
    for regions, labels in answers.behind.items():
        drawn = answers.random.get(len(regions), ())
        random = tally.attack(tally.drawn([tally.flips(each) for each in drawn])) if drawn else None
        attack = tally.attack(tally.flips(labels))
        effects.append(
            PixelEffect(
                **figures(labels),
                regions=regions,
                k=answers.k,
                nobody=float(np.mean(labels == NOBODY)),
                random=None if random is None else float(random[0]),
                against_random=None if random is None else share(attack - random, right),
            )
        )
    return PixelEffects(
        none=Figures(**figures(answers.clean)),
        effects=tuple(effects),
        clips=len(answers.label),
        subjects=len(np.unique(answers.subject)),
        unit=tally.unit,
        k=answers.k,
        sticker=answers.sticker,
        draws=max((len(each) for each in answers.random.values()), default=0),
        readings=answers.readings,
    )
