"""From a calibration to the plan that the live app follows, with all that its choice rests on."""

import importlib.metadata
import platform
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.effects import Effect, Figures, RandomPlaces
from deadpan.calibration.effect.held_out import HeldOut
from deadpan.calibration.effect.tally import Share
from deadpan.calibration.findings import Calibration
from deadpan.models.folds import Folds
from deadpan.stickers import evidence
from deadpan.stickers.plan import Plan, Provenance

PACKAGES = ("deadpan", "numpy", "scipy", "causal-learn", "onnxruntime")
"""What the figures may depend on."""
MOST_WORDS = 100
"""Data sets or classes that a plan lists; it is refused by readers when there are more."""
DIGITS = 6
"""Decimals that a plan keeps: more than any figure means, and the same however a machine sums."""


def plan(found: Calibration, name: str, command: str) -> Plan:
    """The plan called `name`; holds no time and no path, so that the same data and settings give the same file."""
    chosen = found.choice
    return Plan(
        version=1,
        name=_word(name),
        regions=chosen.regions,
        k=chosen.k,
        provenance=Provenance(
            source=_plain(command),
            measured=found.chosen is not None,
            note=" ".join(chosen.verdict),
        ),
        calibration=evidence_of(found, command),
    )


def evidence_of(found: Calibration, command: str) -> evidence.Evidence:
    """What the choice rests on, in the plan's own terms."""
    chosen, effects = found.choice, found.effects
    random = None if effects is None else effects.random.get((len(chosen.regions), chosen.k))
    return evidence.Evidence(
        rule=chosen.rule,
        verdict=" ".join(chosen.verdict),
        beats_random=chosen.beats_random,
        data=_data(found),
        graph=_graph(found),
        stability=_stability(found),
        effect=None if found.chosen is None else effect(found.chosen),
        singles=() if effects is None else tuple(effect(each) for each in effects.singles.get(chosen.k, ())),
        controls={}
        if effects is None
        else {
            "no sticker": figures(effects.none),
            "a constant map": figures(effects.constant),
            "noise instead of motion": figures(effects.noise),
        },
        random=None if random is None else _random(random),
        held_out=tuple(_held_out(each) for each in found.held_out if each.k == chosen.k),
        correlation={name: measured(share) for name, share in found.correlation.items()},
        queries={} if effects is None else dict(effects.queries),
        judges=_judges(found),
        seed=found.settings.seed,
        versions=versions(),
        command=_plain(command),
    )


def measured(share: Share) -> evidence.Measured:
    """A share as the plan writes it."""
    return evidence.Measured(value=_round(share.value), low=_round(share.low), high=_round(share.high), n=share.n)


def figures(of: Figures) -> evidence.Figures:
    """The four figures of one treatment."""
    return evidence.Figures(
        attack=measured(of.attack), fooling=measured(of.fooling), error=measured(of.error), uf1=measured(of.uf1)
    )


def effect(of: Effect) -> evidence.Effect:
    """The four figures of some regions, beside random places."""
    return evidence.Effect(
        **dict(figures(of)),
        regions=of.regions,
        k=of.k,
        area=_round(of.area),
        random=_round(of.random),
        against_random=measured(of.against_random),
    )


def versions() -> dict[str, str]:
    """Of Python and of the packages that the figures may depend on, where they are installed under that name."""
    found = {"python": platform.python_version()}
    for package in (*PACKAGES, "onnxruntime-gpu"):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _random(of: RandomPlaces) -> evidence.RandomPlaces:
    attack = evidence.Measured(value=_round(of.mean), low=_round(of.low), high=_round(of.high), n=of.draws)
    return evidence.RandomPlaces(count=of.count, k=of.k, draws=of.draws, attack=attack, sd=_round(of.sd))


def _held_out(of: HeldOut) -> evidence.HeldOut:
    return evidence.HeldOut(
        rule=of.rule,
        count=of.count,
        k=of.k,
        attack=measured(of.attack),
        random=_round(of.random),
        against_random=measured(of.against_random),
    )


def _data(found: Calibration) -> evidence.Data:
    data = found.data
    return evidence.Data(
        name=_word(data.name),
        sha256=data.sha256,
        samples=len(data),
        subjects=len(np.unique(data.subject)),
        datasets=_counts(data.dataset),
        labels=_counts(data.label),
    )


def _graph(found: Calibration) -> evidence.Graph:
    graph = found.graph
    return evidence.Graph(
        method="chi-square",
        feature=found.settings.feature,
        alpha=graph.alpha,
        directed=tuple(graph.directed.edges),
        undirected=tuple(graph.undirected.edges),
        out_degree=graph.out_degree,
        possible_out_degree=graph.possible_out_degree,
        winners=graph.winners,
        note=graph.note,
    )


def _stability(found: Calibration) -> evidence.Stability:
    steady = found.stability
    columns: Mapping[str, NDArray[np.floating[Any]]] = {
        "winner": steady.winner,
        "sole": steady.sole,
        "out_degree": steady.out_degree,
        "low": steady.interval[:, 0],
        "high": steady.interval[:, 1],
    }
    return evidence.Stability(
        resamples=steady.resamples,
        seed=steady.seed,
        drawn=steady.drawn,
        regions={
            name: evidence.Stable(**{key: _round(values[row]) for key, values in columns.items()})
            for row, name in enumerate(steady.names)
        },
        none=_round(steady.none),
    )


def _judges(found: Calibration) -> tuple[evidence.Judge, ...]:
    if found.effects is None:
        return ()
    panel = found.effects.panel
    judges = [("chooses", panel.recognizer, panel.seeds, panel.identity, found.folds)]
    if found.held_out:
        tester, folds = found.testers[0], all(isinstance(each, Folds) for each in found.testers)
        judges.append(("tests", tester.name, tuple(each.seed for each in found.testers), tester.identity, folds))
    return tuple(
        evidence.Judge(name=_word(name), role=role, seeds=seeds, identity=identity, folds=folds)
        for role, name, seeds, identity, folds in judges
    )


def _counts(words: Iterable[str]) -> dict[str, int]:
    counts = Counter(map(_word, words)).most_common()
    kept, rest = counts[: MOST_WORDS - 1], sum(count for _, count in counts[MOST_WORDS - 1 :])
    return dict(sorted(kept)) | ({"others": rest} if rest else {})


def _plain(text: str) -> str:
    """`text` in letters that a plan takes; names come from files, and who named them is not known here."""
    return re.sub(evidence.PLAIN.replace("^[^", "[").removesuffix("*$"), "?", text.encode("utf-8", "replace").decode())


def _word(text: str) -> str:
    return _plain(text)[:100] or "?"


def _round(value: float) -> float:
    # Adding 0 turns −0 into 0.
    return round(float(value), DIGITS) + 0.0
