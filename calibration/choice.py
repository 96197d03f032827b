"""The choice: which regions the plan hides, and what can honestly be said for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from deadpan.calibration.effect import paths
from deadpan.calibration.effect.effects import Effect, Effects
from deadpan.calibration.effect.held_out import REGION, HeldOut
from deadpan.calibration.effect.paths import CAUSAL_EFFECT, EFFECT, Scores
from deadpan.calibration.graph.discovery import CausalGraph
from deadpan.calibration.graph.stability import Stability
from deadpan.models.errors import DeadpanError
from deadpan.stickers.regions import NAMES

Rule = Literal["outdegree", "stability", "effect", "causal+effect"]
RULES: tuple[Rule, ...] = get_args(Rule)
MEANS = {
    "outdegree": "the regions that most arrows of the causal graph leave, the paper's rule",
    "stability": "those that most often win when other people are drawn",
    EFFECT: "region after region, the one whose hiding takes most right labels",
    CAUSAL_EFFECT: "by measured effect, and where that tells no difference, by how often a region wins in the graph",
}
"""What a rule's name stands for."""
COUNT, K = 5, 3.0
"""What a plan hides unless somebody says otherwise. The paper's 1 region of 2/10 flips about as many labels as a random
place does; on the public maps choices begin to beat random places of their area with several larger stickers."""


class NoChoice(DeadpanError):
    """The rule names no regions on these data."""


@dataclass(frozen=True)
class Choice:
    """What the plan hides."""

    regions: tuple[str, ...]
    """First what the rule puts first."""
    k: float
    """A sticker is k tenths of the face's width and height."""
    rule: str
    verdict: tuple[str, ...]
    """What holds, in plain sentences."""
    beats_random: bool | None
    """Whether it does more than random places of the same number and area at 95 %; None where nobody has tested it.

    Rules that look at the effect are judged on people and recognizers that had no part in the choice.
    """
    tied: tuple[str, ...]
    """Regions that the rule cannot tell from the one it puts first; more than one name is a tie."""


def choose(
    rule: str,
    stability: Stability,
    graph: CausalGraph,
    effects: Effects | None,
    held_out: Sequence[HeldOut] = (),
    *,
    count: int = COUNT,
    k: float = K,
) -> Choice:
    """The first `count` regions by `rule`, with what was measured of them at size k.

    `outdegree` is the paper's rule; `stability` goes by how often a region wins over the resamples; `effect` takes
    region after region by attack success; `causal+effect` starts from that and lets stability put others in their
    place, as long as the effects tell no difference. Without `effects` (stills hold no motion to silence) only the
    first two can choose. Raises `NoChoice`.
    """
    if rule not in RULES:
        raise NoChoice(f"rule {rule!r}; expected one of: {', '.join(RULES)}")
    if effects is None:
        if rule in (EFFECT, CAUSAL_EFFECT):
            raise NoChoice(
                f"--choose {rule} needs measured effects, and these data hold none; use outdegree or stability"
            )
        regions = _ranked(rule, stability, graph)[:count]
        tied = _tied(rule, stability, graph, None)
        unmeasured = "What hiding them does was not measured: nothing moves in these data."
        return Choice(regions, k, rule, (_sentence(regions, rule), unmeasured, *_tie(rule, tied)), None, tied)
    if k not in effects.singles:
        raise NoChoice(
            f"k = {k:g} was not measured; expected one of: {', '.join(f'{each:g}' for each in effects.singles)}"
        )
    if rule not in (EFFECT, CAUSAL_EFFECT):
        _ranked(rule, stability, graph)
    path = effects.paths.get(rule, {}).get(k, ())
    if not 1 <= count <= len(path):
        raise NoChoice(f"{count} regions by {rule} were not measured; expected 1 to {len(path)}")
    effect = path[count - 1]
    tied = _tied(rule, stability, graph, effects.singles[k])
    tested = _held_out(rule, count, k, held_out)
    # First what was tested on others: what was measured on the people of the choice flatters it.
    said = (_sentence(effect.regions, rule), *_judged(rule, effect, tested), _effect(effect, effects, rule))
    return Choice(effect.regions, k, rule, (*said, *_tie(rule, tied)), _beats(rule, effect, tested), tied)


def _scores(rule: str, stability: Stability, graph: CausalGraph) -> Scores:
    if rule == "stability":
        return np.asarray(stability.winner)
    return np.array([graph.out_degree[name] for name in NAMES], float)


def _ranked(rule: str, stability: Stability, graph: CausalGraph) -> tuple[str, ...]:
    scores = _scores(rule, stability, graph)
    if not scores.any():
        raise NoChoice(f"{rule} names no region: the graph has no arrow; use --choose effect, or more data")
    return tuple(NAMES[column] for column in paths.ranked(scores, len(NAMES)))


def _tied(rule: str, stability: Stability, graph: CausalGraph, singles: Sequence[Effect] | None) -> tuple[str, ...]:
    if rule in (EFFECT, CAUSAL_EFFECT) and singles is not None:
        return tuple(NAMES[i] for i in paths.not_told_from_best([each.resampled for each in singles]))
    scores = _scores(rule, stability, graph)
    return tuple(name for name, score in zip(NAMES, scores, strict=True) if score == scores.max())


def _held_out(rule: str, count: int, k: float, held_out: Sequence[HeldOut]) -> HeldOut | None:
    # The best single region is the first of the greedy path.
    wanted = REGION if (rule, count) == (EFFECT, 1) else rule
    return next((each for each in held_out if (each.rule, each.count, each.k) == (wanted, count, k)), None)


def _beats(rule: str, effect: Effect, tested: HeldOut | None) -> bool | None:
    if tested is not None:
        return tested.beats_random
    # A rule that has not looked at the effect is not flattered by it.
    return None if rule in (EFFECT, CAUSAL_EFFECT) else effect.against_random.low > 0


def _sentence(regions: Sequence[str], rule: str) -> str:
    return f"Hide {_listed(regions)}, chosen by {rule}: {MEANS[rule]}."


def _tie(rule: str, tied: Sequence[str]) -> tuple[str, ...]:
    if len(tied) < 2:
        return ()
    if rule in (EFFECT, CAUSAL_EFFECT):
        return (f"As single stickers, {len(tied)} regions cannot be told from the best one: {_listed(tied)}.",)
    return (f"Its first place is a tie of {len(tied)}: {_listed(tied)}.",)


def _effect(effect: Effect, effects: Effects, rule: str) -> str:
    everything = effects.everything[effect.k].attack
    flattered = ", which flatters it" if rule in (EFFECT, CAUSAL_EFFECT) else ""
    return (
        f"On the people it was chosen on{flattered}, it takes {effect.attack} of what {effects.panel.recognizer} gets "
        f"right, random places of the same area {effect.random:.1%}, stickers on all {len(NAMES)} regions "
        f"{everything.value:.1%}, noise instead of motion {effects.noise.attack.value:.1%} (a sticker of "
        f"{effect.k:g}/10 is {effect.k / 10:.0%} as wide and as high as the face; these cover {effect.area:.0%} of the "
        "crop)."
    )


def _judged(rule: str, effect: Effect, tested: HeldOut | None) -> tuple[str, ...]:
    if tested is not None:
        return (tested.words,)
    if rule in (EFFECT, CAUSAL_EFFECT):
        return ("Whether it beats random places was not tested on other people.",)
    gain = effect.against_random
    end = "place matters" if gain.low > 0 else "place does not matter on this data"
    return (f"Against random places of the same number and area: {gain.points}: {end}.",)


def _listed(names: Sequence[str]) -> str:
    plain = [name.replace("_", " ") for name in names]
    return plain[0] if len(plain) == 1 else f"{', '.join(plain[:-1])} and {plain[-1]}"
