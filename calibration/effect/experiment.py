"""The experiment: intervene on every region, pair and path of regions, and on as many random places."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from deadpan.calibration.effect import intervention, paths
from deadpan.calibration.effect.effects import Effect, Effects, Figures, Panel, RandomPlaces
from deadpan.calibration.effect.paths import MOST, PAIRS, Path, Scores
from deadpan.calibration.effect.random_places import DRAWS, Control
from deadpan.calibration.effect.tally import RESAMPLES, Resampled, Share, Tally, share
from deadpan.calibration.effect.victims import Answers, Labels, Victim
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import Maps
from deadpan.stickers.regions import NAMES

KS = (1.0, 2.0, 3.0, 4.0)
NOISES = 5
"""Times that pure noise is judged, for a control that is no accident."""


def measure(
    maps: Maps,
    victims: Sequence[Victim],
    rankings: Mapping[str, Scores] | None = None,
    *,
    ks: Sequence[float] = KS,
    most: int = MOST,
    draws: int = DRAWS,
    resamples: int = RESAMPLES,
    seed: int = 0,
    jobs: int = 2,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Effects:
    """Intervene on every region, symmetric pair and path of regions at each size k, tenths of the face.

    `victims` are one recognizer's trainings, counted together. `rankings` names (14,) scores, higher first, whose
    prefixes are measured too; `paths.CAUSAL` breaks what effects cannot tell apart. `progress` is told how
    many interventions are done, of how many; the second number may grow. Raises `TooFew`.
    """
    # 14 regions, then 13, 12, … to add, five pairs, all 14; random places as they fall, and of two areas, by count.
    total = len(ks) * (sum(len(NAMES) - i for i in range(most)) + len(PAIRS) + 1 + 3 * most * draws)
    answers = Answers(maps, victims, jobs, lambda done: progress(done, max(done, total)))
    tally = Tally(maps.label, answers.clean, maps.subject, resamples, seed)
    experiment = _Experiment(answers, tally, Control(answers, draws, seed))
    chosen = {k: paths.chosen(answers, tally, np.arange(len(maps)), k, most, dict(rankings or {})) for k in ks}
    rules = list(chosen[ks[0]])
    effects = Effects(
        panel=_panel(maps, victims, tally, draws, seed),
        none=experiment.figures(answers.clean),
        constant=experiment.figures(answers.to(intervention.constant(len(maps)))),
        noise=experiment.figures(*(answers.to(intervention.noise(len(maps), seed + i)) for i in range(NOISES))),
        singles={k: tuple(experiment.effect((column,), k) for column in range(len(NAMES))) for k in ks},
        pairs={k: tuple(experiment.effect(pair, k) for pair in PAIRS) for k in ks},
        paths={
            rule: {k: tuple(experiment.effect(regions, k) for regions in chosen[k][rule]) for k in ks} for rule in rules
        },
        everything={k: experiment.figures(answers.silenced(range(len(NAMES)), k)) for k in ks},
        random={(count, k): experiment.random(count, k) for count in range(1, most + 1) for k in ks},
        queries=_queries(most, draws, answers.queries),
    )
    progress(answers.queries, answers.queries)
    return effects


class _Experiment:
    """Measures sets of regions, each once."""

    def __init__(self, answers: Answers, tally: Tally, control: Control) -> None:
        self.answers, self.tally, self.control = answers, tally, control
        self._effects: dict[tuple[Path, float], Effect] = {}

    def figures(self, *attacked: Labels) -> Figures:
        """Of one treatment; of several draws of it, their mean."""
        tally, right, n = self.tally, int(self.tally.right.sum()), self.answers.clean.size

        def mean(figure: Callable[[Labels], Resampled], of: int) -> Share:
            return share(np.mean([figure(labels) for labels in attacked], axis=0), of)

        attack = mean(lambda labels: tally.attack(tally.flips(labels)), right)
        return Figures(attack, mean(tally.fooling, n), mean(tally.error, n), mean(tally.uf1, n))

    def effect(self, regions: Path, k: float) -> Effect:
        """Of stickers of k tenths on `regions`, columns."""
        if (regions, k) not in self._effects:
            self._effects[regions, k] = self._effect(regions, k)
        return self._effects[regions, k]

    def _effect(self, regions: Path, k: float) -> Effect:
        attacked = self.answers.silenced(regions, k)
        area = float(self.answers.covered(regions, k).mean())
        drawn = self.control.like(len(regions), k, area)
        attack = self.tally.attack(self.tally.flips(attacked))
        random = self.tally.attack(self.tally.drawn([self.tally.flips(labels) for labels, _ in drawn]))
        return Effect(
            **vars(self.figures(attacked)),
            regions=tuple(NAMES[column] for column in regions),
            k=k,
            area=area,
            random=float(random[0]),
            random_area=float(np.mean([covered for _, covered in drawn])),
            against_random=share(attack - random, int(self.tally.right.sum())),
            resampled=attack,
        )

    def random(self, count: int, k: float) -> RandomPlaces:
        """Of `count` stickers of k tenths wherever they fall."""
        drawn = self.control.even(count, k)
        flips = [self.tally.flips(labels) for labels, _ in drawn]
        each = [float(flip.sum()) / int(self.tally.right.sum()) for flip in flips]
        mean = share(self.tally.attack(self.tally.drawn(flips)), 0)
        area = float(np.mean([covered for _, covered in drawn]))
        return RandomPlaces(count, k, mean.value, float(np.std(each, ddof=1)), mean.low, mean.high, len(drawn), area)


def _panel(maps: Maps, victims: Sequence[Victim], tally: Tally, draws: int, seed: int) -> Panel:
    names = {victim.name for victim in victims}
    if len(names) > 1:
        raise DeadpanError(f"victims {', '.join(sorted(names))} counted together; expected trainings of one recognizer")
    return Panel(
        recognizer=victims[0].name,
        seeds=tuple(victim.seed for victim in victims),
        identity=victims[0].identity,
        maps_sha256=maps.sha256,
        clips=len(maps),
        subjects=len(maps.subjects),
        unit=tally.unit,
        resamples=tally.resamples,
        draws=draws,
        seed=seed,
    )


def _queries(most: int, draws: int, asked: int) -> dict[str, int]:
    regions = len(NAMES)
    return {
        "the paper (one look, then the graph)": 1,
        "random place": 1,
        "every symmetric pair": len(PAIRS),
        "every region": regions,
        f"greedy, {most} regions": sum(regions - i for i in range(most)),
        "random control of one set": draws,
        "measured here": asked,
    }
