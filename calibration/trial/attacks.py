"""Attackers who adapt: each asked for its answers on every cell, and what they come to."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.tally import Share, Tally, share
from deadpan.calibration.trial.figures import chance
from deadpan.calibration.trial.linear import Linear
from deadpan.calibration.trial.matched import MatchedFilter, Whitened
from deadpan.calibration.trial.passage import Call
from deadpan.calibration.trial.retrained import Retrained
from deadpan.calibration.trial.trial import AVERAGED, FILLED, FILM, INPAINTED, LONGER, NOBODY, SINGLE, Cell, Outcome
from deadpan.models import recognizers
from deadpan.models.motion import Flow, encode
from deadpan.models.recognizer import Recognizer
from deadpan.models.training.recipes import Recipe

APART = 3
"""People whom a network is judged on at once, having learned from the others: one by one would take thrice as long."""
Answers = NDArray[np.int8]
"""(n,): columns of `LABELS`, or `NOBODY`."""
Learner = Callable[[Sequence[Outcome]], Callable[[Sequence[Outcome]], Answers]]
"""From clips of some people to an attacker on clips of others."""


@dataclass(frozen=True)
class Attack:
    """What one attacker makes of a cell."""

    attacker: str
    mode: str
    call: Call
    uf1: Share
    chance: float
    """As `figures.chance`."""


def judge(
    cells: Sequence[Cell],
    learnt: Sequence[Cell],
    recognizer: Recognizer,
    filters: Mapping[str, MatchedFilter],
    recipes: Sequence[Recipe] = (),
    seed: int = 0,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> list[Attack]:
    """Every attacker on every cell; those that do not apply to one (it shows no stickers) are left out there.

    `learnt` are the same cells of other clips, for attackers who learn: nobody is judged by what was learned on
    himself. Without them only those who know all beforehand are asked. `filters` are the people's.
    """
    found = []
    told(0, len(cells))
    for number, cell in enumerate(cells):
        answers = _untaught(cell, recognizer, filters)
        if learnt:
            for learners, apart in ((_learners(cell, filters), 1), (_networks(recipes, seed), APART)):
                for name, learner in learners.items():
                    says = _taught(cell, learnt[number], learner, apart)
                    if says is not None:
                        answers[name] = says
        label = np.array([each.label for each in cell.outcomes], np.int64)
        tally = Tally(label, label[None].astype(np.int8), np.array([each.subject for each in cell.outcomes]), seed=seed)
        for name, says in answers.items():
            uf1 = share(tally.uf1(says[None]), len(label))
            found.append(Attack(name, cell.mode, cell.call, uf1, chance(label, says)))
        told(number + 1, len(cells))
    return found


def _untaught(cell: Cell, recognizer: Recognizer, filters: Mapping[str, MatchedFilter]) -> dict[str, Answers]:
    """What those say who need no clips of others."""

    def network(way: str) -> Answers:
        return _every(cell, lambda each: int(recognizer.predict(each.measured[way].motion[None]).argmax()))

    def matched(way: str, masked: bool = False) -> Answers:
        return _every(
            cell,
            lambda each: filters[each.subject](each.measured[way].field, each.covered if masked else None),
        )

    said = {}
    for way in (SINGLE, AVERAGED, LONGER, *_film(cell)):
        said[f"{recognizer.name}: {way}"] = network(way)
        said[f"matched filter: {way}"] = matched(way)
    said[f"{recognizer.name}: asked of 5 pairs"] = _every(
        cell, lambda each: int(recognizer.predict(_pairs(each)).mean(axis=0).argmax())
    )
    said[f"{recognizer.name}: others' mean field off"] = _mean_off(cell, recognizer)
    if _shows_stickers(cell):
        for way in (FILLED, INPAINTED):
            said[f"{recognizer.name}: {way}"] = network(way)
        said[f"matched filter: {FILLED}"] = matched(SINGLE, masked=True)
        said[f"matched filter: {INPAINTED}"] = matched(INPAINTED)
    return said


def _mean_off(cell: Cell, recognizer: Recognizer) -> Answers:
    """What a protection does to everybody is taken off: the mean field of other people, who show each class as often.

    The mean is over the very clips that are judged, but for the person's own, so nobody needs to have learned.
    """
    says: Answers = np.full(len(cell.outcomes), NOBODY, np.int8)
    sums: dict[str, Flow] = {}
    counts: Counter[str] = Counter()
    for each in cell.outcomes:
        if each.flow is not None:
            sums[each.subject] = sums.get(each.subject, np.float32(0)) + each.flow.astype(np.float32)
            counts[each.subject] += 1
    whole = np.asarray(sum(sums.values()), np.float32)
    for number, each in enumerate(cell.outcomes):
        if each.flow is not None:
            others = max(1, counts.total() - counts[each.subject])
            mean = (whole - sums[each.subject]) / np.float32(others)
            motion = encode(np.asarray(each.flow - mean, np.float32))
            says[number] = recognizer.predict(motion[None]).argmax()
    return says


def _learners(cell: Cell, filters: Mapping[str, MatchedFilter]) -> dict[str, Learner]:
    learners: dict[str, Learner] = {}
    for way in (SINGLE, LONGER, *_film(cell), *((FILLED,) if _shows_stickers(cell) else ())):
        learners[f"whitened filter: {way}"] = _whitened(way, filters)
        learners[f"linear, learned: {way}"] = _linear(way)
    return learners


def _networks(recipes: Sequence[Recipe], seed: int) -> dict[str, Learner]:
    learners: dict[str, Learner] = {}
    for recipe in recipes:
        learners[f"{recipe.name}, trained anew: asked of 5 pairs"] = _network(recipe, seed)
        if recipe.name in recognizers.shipped_names():
            start = recognizers.find(recipe.name).load()
            learners[f"{recipe.name}, trained further: asked of 5 pairs"] = _network(recipe, seed, start)
    return learners


def _whitened(way: str, filters: Mapping[str, MatchedFilter]) -> Learner:
    def learn(others: Sequence[Outcome]) -> Callable[[Sequence[Outcome]], Answers]:
        true = np.stack([each.true for each in others if each.true is not None])
        whitened = Whitened(filters, _fields(others, way), true, _labels(others), _subjects(others))
        return lambda own: np.concatenate([whitened.predict(_fields([each], way), each.subject) for each in own])

    return learn


def _linear(way: str) -> Learner:
    def learn(others: Sequence[Outcome]) -> Callable[[Sequence[Outcome]], Answers]:
        linear = Linear(_fields(others, way), _labels(others), _subjects(others))
        return lambda own: linear.predict(_fields(own, way))

    return learn


def _network(recipe: Recipe, seed: int, start: bytes | None = None) -> Learner:
    def learn(others: Sequence[Outcome]) -> Callable[[Sequence[Outcome]], Answers]:
        motion = np.concatenate([_pairs(each) for each in others])
        label = np.repeat(_labels(others), [len(_pairs(each)) for each in others])
        network = Retrained(recipe, motion, label, seed, start)
        return lambda own: np.array(
            [network.probabilities(_pairs(each)).mean(axis=0).argmax() for each in own], np.int8
        )

    return learn


def _taught(cell: Cell, learnt: Cell, learner: Learner, apart: int) -> Answers | None:
    """Each person's clips, by what was learned on other people's; `apart` people are left out, and judged, at once.

    Fewer at once where there are few; None where there is nobody to learn from.
    """
    says: Answers = np.full(len(cell.outcomes), NOBODY, np.int8)
    people = sorted({each.subject for each in cell.outcomes})
    apart = max(1, min(apart, len(people) // 3))
    for start in range(0, len(people), apart):
        left_out = people[start : start + apart]
        own = [n for n, each in enumerate(cell.outcomes) if each.subject in left_out and each.measured]
        others = [each for each in learnt.outcomes if each.subject not in left_out and each.measured]
        if len({each.subject for each in others}) < 2:
            return None
        if own:
            says[own] = learner(others)([cell.outcomes[n] for n in own])
    return says


def _every(cell: Cell, says: Callable[[Outcome], int]) -> Answers:
    return np.array([says(each) if each.measured else NOBODY for each in cell.outcomes], np.int8)


def _shows_stickers(cell: Cell) -> bool:
    return any(each.covered is not None for each in cell.outcomes)


def _film(cell: Cell) -> tuple[str, ...]:
    """`FILM` where somebody looked at it."""
    return (FILM,) if any(FILM in each.measured for each in cell.outcomes) else ()


def _fields(outcomes: Sequence[Outcome], way: str) -> NDArray[np.float32]:
    return np.stack([each.measured[way].field for each in outcomes])


def _labels(outcomes: Sequence[Outcome]) -> NDArray[np.int64]:
    return np.array([each.label for each in outcomes], np.int64)


def _subjects(outcomes: Sequence[Outcome]) -> NDArray[np.str_]:
    return np.array([each.subject for each in outcomes])


def _pairs(outcome: Outcome) -> NDArray[np.uint8]:
    assert outcome.pairs is not None
    return outcome.pairs
