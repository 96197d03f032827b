"""Which clips a protection is judged on."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import numpy as np

from deadpan.calibration.synthetic.action_units import EXPRESSIONS
from deadpan.calibration.synthetic.benchmark import AMPLITUDES, ONSETS, benchmark
from deadpan.calibration.synthetic.still import Still
from deadpan.calibration.synthetic.synthesis import Clip, event

LEARN = 1001
"""What is added to a trial's seed to make the clips that attackers learn on: no judged clip is among them."""


def clips(stills: Sequence[Still], heads: Collection[str], most: int | None = None, seed: int = 0) -> list[Clip]:
    """The benchmark's clips with these head motions, one event each; of them the first `most`, evenly drawn.

    Evenly is: the classes take turns, and each person shows a class once before anybody shows it twice. With a `seed`
    other than 0 the same people do something else: other action units of the same class, any amplitude between the
    benchmark's least and largest, other moments, other noise and another path of the head.
    """
    wanted = [clip for clip in benchmark(stills) if clip.head.name in heads]
    if seed:
        wanted = [_afresh(clip, seed, number) for number, clip in enumerate(wanted)]
    by_person = _in_turns(wanted, lambda clip: (clip.subject, clip.events[0].label))
    return _in_turns(by_person, lambda clip: (clip.events[0].label,))[:most]


def afresh(stills: Sequence[Still], heads: Collection[str], count: int, seed: int = 0) -> list[Clip]:
    """Clips of the same people for those who learn, `count` of them, none of which `clips` gives for `seed`."""
    made: list[Clip] = []
    while len(made) < count:
        made += clips(stills, heads, count - len(made), seed + LEARN + len(made))
    return made


def without_event(clip: Clip) -> Clip:
    """The same head before the same camera's noise, with a face on which nothing moves."""
    return replace(clip, events=tuple(replace(each, amplitude=0.0) for each in clip.events))


def _afresh(clip: Clip, seed: int, number: int) -> Clip:
    random = np.random.default_rng([seed, number])
    expressions = EXPRESSIONS[clip.events[0].label]
    units = expressions[int(random.integers(len(expressions)))]
    amplitude = float(random.uniform(min(AMPLITUDES), max(AMPLITUDES)))
    shown = event(int(random.integers(*ONSETS)), units, amplitude, random, clip.fps)
    return replace(clip, name=f"{clip.name}-afresh-{seed}", events=(shown,), seed=int(random.integers(2**31)))


def _in_turns(given: Sequence[Clip], kind: Callable[[Clip], tuple[str, ...]]) -> list[Clip]:
    """The first of every kind, then the second of every kind, and so on."""
    seen: Counter[tuple[str, ...]] = Counter()
    turns = []
    for clip in given:
        turns.append(seen[kind(clip)])
        seen[kind(clip)] += 1
    return [given[n] for n in np.argsort(turns, kind="stable")]
