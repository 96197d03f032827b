"""Choosing on some people with one recognizer, testing on the others with another: what a choice is worth elsewhere."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect import paths
from deadpan.calibration.effect.paths import EFFECT, MOST, PAIRS, Path, Scores
from deadpan.calibration.effect.random_places import DRAWS, Control
from deadpan.calibration.effect.tally import RESAMPLES, Share, Tally, share
from deadpan.calibration.effect.victims import Answers, Victim
from deadpan.models.maps import Maps
from deadpan.stickers.regions import NAMES

KS = (2.0, 3.0)
SPLITS = 5
"""Ways to cut the people in two; each half of each is chosen on once and tested on once."""
FEWEST = 10
"""People below which halves of them say nothing."""
REGION, PAIR = "region", "pair"
CHOOSING = 300
"""Resamples by which a half judges what it can tell apart; the final interval takes more."""


@dataclass(frozen=True)
class HeldOut:
    """How a rule's choice does on people and recognizers that had no part in it."""

    rule: str
    """`region` (best single), `pair` (best symmetric pair), `effect` (greedy), `causal+effect`, or a ranking's name."""
    count: int
    k: float
    attack: Share
    """ASR of the choice on the people it was not made on; n counts each correct clip once for every victim."""
    random: float
    """Mean ASR there of as many stickers in random places that cover the same area."""
    against_random: Share
    """The difference, paired; the interval holds the people's and the draws' uncertainty, and averages the splits."""
    area: float
    random_area: float
    chosen: tuple[tuple[tuple[str, ...], int], ...]
    """Which sets were chosen, in how many of the 2 × splits halves; most often first."""

    @property
    def beats_random(self) -> bool:
        """The 95 % interval of the difference lies above zero."""
        return self.against_random.low > 0

    @property
    def words(self) -> str:
        """The finding as a sentence."""
        what = "one sticker" if self.count == 1 else f"{self.count} stickers"
        where = {REGION: "on the best region", PAIR: "on the best pair"}.get(self.rule, f"chosen by {self.rule}")
        gain = self.against_random
        end = "place does not matter on this data"
        if self.beats_random:
            end = "place matters"
        elif gain.high < 0:
            end = "random places do better"
        take = "takes" if self.count == 1 else "take"
        return (
            f"Tested on people and a recognizer that had no part in the choice, {what} of {self.k:g}/10 {where} "
            f"{take} {self.attack} of the right labels, as many random places of the same area {self.random:.1%}: "
            f"{gain.points}, {end}."
        )


def held_out(
    maps: Maps,
    choosers: Sequence[Victim],
    testers: Sequence[Victim],
    rankings_of: Callable[[Maps], Mapping[str, Scores]] | None = None,
    *,
    ks: Sequence[float] = KS,
    most: int = MOST,
    splits: int = SPLITS,
    draws: int = DRAWS,
    resamples: int = RESAMPLES,
    seed: int = 0,
    jobs: int = 2,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[HeldOut, ...]:
    """Choose on half the people with `choosers`, test on the other half with `testers`; both ways, for several splits.

    Halves are drawn within each data set. `rankings_of` gives rankings for the maps of one half, such as the
    out-degrees of a graph discovered there, whose ties are drawn anew for each half; `paths.CAUSAL` serves
    `causal+effect`. Empty when there are fewer than ten people. `progress` as in `experiment.measure`.
    """
    if len(maps.subjects) < FEWEST:
        return ()
    # Greedy paths share their beginnings; of random places each rule and count wants its own area, many the same.
    total = len(ks) * (2 * most * draws + 2 * splits * most * len(NAMES) // 2)
    done = 0

    def told(_: int) -> None:
        nonlocal done
        done += 1
        progress(done, max(done, total))

    asking, tested = Answers(maps, choosers, jobs, told), Answers(maps, testers, jobs, told)
    tally = Tally(maps.label, tested.clean, maps.subject, resamples, seed)
    control = Control(tested, draws, seed)
    cut = [half for split in range(splits) for half in halves(maps, np.random.default_rng([seed, split]))]
    rankings = [dict(rankings_of(maps.only(half))) if rankings_of else {} for half in cut]
    found = []
    for k in ks:
        choices = [
            _choices(asking, half, k, most, each, [seed, number])
            for number, (half, each) in enumerate(zip(cut, rankings, strict=True))
        ]
        for rule, count in choices[0]:
            chosen = [each[rule, count] for each in choices]
            found.append(_tested(rule, k, chosen, [~half for half in cut], tally, tested, control))
    progress(done, done)
    return tuple(found)


def halves(maps: Maps, generator: np.random.Generator) -> Iterator[NDArray[np.bool_]]:
    """Two masks (n,) that share no person: half the people of each data set, and the rest."""
    chosen: list[str] = []
    for number, name in enumerate(np.unique(maps.dataset)):
        people = generator.permutation(np.unique(maps.subject[maps.dataset == name]))
        # Odd ones out alternate, or the second half would gain one person of each data set.
        chosen += people[: (len(people) + number % 2) // 2].tolist()
    half = np.isin(maps.subject, chosen)
    yield half
    yield ~half


def _choices(
    answers: Answers,
    half: NDArray[np.bool_],
    k: float,
    most: int,
    rankings: Mapping[str, Scores],
    seed: list[int],
) -> dict[tuple[str, int], Path]:
    """What each rule chooses, knowing the people of `half` only: (rule, count) → columns."""
    rows = np.flatnonzero(half)
    maps = answers.maps
    tally = Tally(maps.label[rows], answers.clean[:, rows], maps.subject[rows], CHOOSING, seed[0])
    single = paths.best(answers, tally, rows, k, [(column,) for column in range(len(NAMES))])
    choices = {(REGION, 1): single, (PAIR, 2): paths.best(answers, tally, rows, k, PAIRS)}
    by_rule = paths.chosen(answers, tally, rows, k, most, rankings, np.random.default_rng(seed))
    for rule, sets in by_rule.items():
        # Greedy begins with the best single region, which is told already.
        choices |= {(rule, len(each)): each for each in sets if (rule, len(each)) != (EFFECT, 1)}
    return choices


def _tested(
    rule: str,
    k: float,
    chosen: Sequence[Path],
    rows: Sequence[NDArray[np.bool_]],
    tally: Tally,
    answers: Answers,
    control: Control,
) -> HeldOut:
    """Each choice on its own `rows`, all of them together; every clip was tested once in each split."""
    splits, count = len(chosen) // 2, len(chosen[0])
    areas = {regions: float(answers.covered(regions, k).mean()) for regions in chosen}
    area = float(np.mean([areas[regions] for regions in chosen]))
    # Of the choices' mean area: what stickers do by chance is close to linear in what they cover, and a control for
    # each choice would ask five times as much.
    drawn = control.like(count, k, area)
    flips = [tally.flips(answers.silenced(each, k), tested) for each, tested in zip(chosen, rows, strict=True)]
    attack = tally.attack(np.sum(flips, axis=0) / splits)
    by_chance = tally.attack(tally.drawn([tally.flips(labels) for labels, _ in drawn]))
    n = int(tally.right.sum())
    names = Counter(tuple(NAMES[column] for column in regions) for regions in chosen)
    return HeldOut(
        rule=rule,
        count=count,
        k=k,
        attack=share(attack, n),
        random=float(by_chance[0]),
        against_random=share(attack - by_chance, n),
        area=area,
        random_area=float(np.mean([covered for _, covered in drawn])),
        chosen=tuple(names.most_common()),
    )
