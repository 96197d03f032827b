"""The choice on the clips' own pictures: real stickers instead of still patches on maps."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from deadpan.calibration.effect import pixel_effects, pixel_intervention
from deadpan.calibration.effect.victims import Victim
from deadpan.calibration.findings import Calibration
from deadpan.calibration.sources.source import Sample, Skipped
from deadpan.stickers.sticker import Sticker

DRAWS = 5
"""Random places a clip and number of stickers: a reading of a clip costs about a quarter of a second."""


def on_pictures(
    found: Calibration,
    samples: Sequence[Sample],
    model: bytes,
    victims: Sequence[Victim],
    sticker: Sticker,
    most: int,
    *,
    draws: int = DRAWS,
    told: Callable[[int, int], None] = lambda done, of: None,
    skip: Callable[[Skipped], None] = lambda skipped: None,
) -> Calibration:
    """`found`, and what stickers on its choice and on the paper's winner do on at most `most` of the samples.

    Of a tie of winners the first is tried. `model` is the landmarker's bytes. Raises `BadSource` when no sample can be
    read, `TooFew` when none is read correctly without stickers.
    """
    sets = dict.fromkeys([found.choice.regions, *((name,) for name in found.graph.winners[:1])])
    k, seed = found.choice.k, found.settings.seed
    answers = pixel_intervention.answers(
        samples, model, victims, list(sets), sticker, k, draws=draws, most=most, seed=seed, told=told, skip=skip
    )
    return replace(found, pictures=pixel_effects.count(answers, seed=seed))
