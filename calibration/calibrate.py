"""Calibrate: from labelled motion maps to the regions to hide, how stable that choice is, and what it does."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.choice import choose
from deadpan.calibration.effect import experiment, held_out
from deadpan.calibration.effect.held_out import HeldOut
from deadpan.calibration.effect.rank_correlation import spearman
from deadpan.calibration.effect.tally import FEW_SUBJECTS
from deadpan.calibration.effect.victims import Victim
from deadpan.calibration.findings import Calibration, Data, Settings
from deadpan.calibration.graph import discovery, discretise, features, per_sample, pixels, stability
from deadpan.calibration.graph.discovery import CausalGraph
from deadpan.calibration.graph.features import Features
from deadpan.calibration.graph.stability import Stability
from deadpan.calibration.median_face import CENTRES, SIZE
from deadpan.models.folds import Folds
from deadpan.models.maps import LABELS, Maps
from deadpan.stickers.regions import NAMES

PAPERS = 2.0
"""The paper's size of a sticker, tenths of the face; choices are tested on other people at it, too."""
HALF = 100
"""Resamples of each half of the people, for the ranking there."""
Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""


def calibrate(
    origin: str,
    maps: Maps,
    victims: Sequence[Victim],
    testers: Sequence[Victim],
    settings: Settings,
    progress: Progress = lambda stage, done, total: None,
) -> Calibration:
    """Discover, resample, intervene, test on others, choose. `testers` never judged the choice; without them, no test.

    The same maps, victims and settings give the same calibration. Raises `DeadpanError` where nothing can be counted.
    """
    found = features.of_maps(maps, settings.feature)
    if len(maps.subjects) < FEW_SUBJECTS:  # as for the effects: of so few people, samples are drawn
        found = replace(found, subject=np.arange(len(maps)).astype(str))
    graph, steady = _discovered(found, settings, progress)
    told = _stage(progress, "a graph for each sample")
    each = per_sample.of_maps(maps, settings.feature, settings.alpha, progress=told)
    scores = {"outdegree": _scores(graph.out_degree), "stability": steady.winner}
    seed, jobs, draws = settings.seed, settings.jobs, settings.draws
    told = _stage(progress, "hiding regions")
    measured = experiment.measure(maps, victims, scores, draws=draws, seed=seed, jobs=jobs, progress=told)
    tested: tuple[HeldOut, ...] = ()
    if testers:
        ks = tuple(sorted({PAPERS, settings.k}))
        told = _stage(progress, "testing on other people")
        tested = held_out.held_out(
            maps,
            victims,
            testers,
            _ranked(settings, progress),
            ks=ks,
            draws=draws,
            seed=seed,
            jobs=jobs,
            progress=told,
        )
    ranks = scores | {"possible out-degree": _scores(graph.possible_out_degree)}
    correlated = {name: spearman(rank, measured.singles[settings.k]) for name, rank in ranks.items()}
    told = _stage(progress, "graphs of pixels")
    return Calibration(
        data=_data(origin, maps),
        settings=settings,
        graph=graph,
        stability=steady,
        per_sample=each,
        pixels=pixels.of_maps(maps, settings.alpha, told) if settings.pixels else (),
        control=pixels.control(settings.alpha) if settings.pixels else None,
        effects=measured,
        held_out=tested,
        correlation={name: share for name, share in correlated.items() if share is not None},
        choice=choose(settings.rule, steady, graph, measured, tested, count=settings.count, k=settings.k),
        folds=all(isinstance(each, Folds) for each in victims),
        testers=tuple(testers),
    )


def of_stills(
    name: str,
    found: Features,
    label: tuple[str, ...],
    settings: Settings,
    progress: Progress = lambda stage, done, total: None,
) -> Calibration:
    """The graph over the features of pictures and its stability; there is no motion to silence, so no effect."""
    settings = replace(settings, feature=found.name)
    graph, steady = _discovered(found, settings, progress)
    digest = hashlib.sha256(found.values.astype("<f4").tobytes() + "\0".join(label).encode()).hexdigest()
    places = np.array(CENTRES, np.float32)
    data = Data(name, digest, found.subject, (name,) * len(label), label, places, SIZE)
    return Calibration(
        data=data,
        settings=settings,
        graph=graph,
        stability=steady,
        per_sample=None,
        pixels=(),
        control=None,
        effects=None,
        held_out=(),
        correlation={},
        choice=choose(settings.rule, steady, graph, None, (), count=settings.count, k=settings.k),
        folds=False,
        testers=(),
    )


def _ranked(settings: Settings, progress: Progress) -> Callable[[Maps], dict[str, NDArray[np.float64]]]:
    """How the regions of one half of the people rank, by graphs that know that half only."""

    def rank(half: Maps) -> dict[str, NDArray[np.float64]]:
        found = features.of_maps(half, settings.feature)
        levels = discretise.of(found)
        graph = discovery.graph(stability.fast(levels, settings.alpha), len(levels), settings.alpha)
        told = _stage(progress, "graphs of half the people")
        less, jobs = min(settings.resamples, HALF), settings.jobs
        steady = stability.bootstrap(found, less, seed=settings.seed, alpha=settings.alpha, jobs=jobs, progress=told)
        return {"outdegree": _scores(graph.out_degree), "stability": steady.winner}

    return rank


def _discovered(found: Features, settings: Settings, progress: Progress) -> tuple[CausalGraph, Stability]:
    progress("the graph", 0, 1)
    graph = discovery.discover(discretise.of(found), settings.alpha)
    steady = stability.bootstrap(
        found,
        settings.resamples,
        seed=settings.seed,
        alpha=settings.alpha,
        jobs=settings.jobs,
        progress=_stage(progress, "resampling the graph"),
    )
    return graph, steady


def _stage(progress: Progress, name: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(name, done, total)


def _data(name: str, maps: Maps) -> Data:
    digest = hashlib.sha256(maps.sha256.encode())  # which leaves out where the regions lie
    for array in (maps.roi_center.astype("<f4"), maps.face_size.astype("<f4")):
        digest.update(np.ascontiguousarray(array).tobytes())
    width, height = np.median(maps.face_size, axis=0)
    return Data(
        name,
        digest.hexdigest(),
        maps.subject,
        tuple(maps.dataset.tolist()),
        tuple(LABELS[label] for label in maps.label),
        np.asarray(np.median(maps.roi_center, axis=0), np.float32),
        (float(width), float(height)),
    )


def _scores(degrees: dict[str, int]) -> NDArray[np.float64]:
    return np.array([degrees[name] for name in NAMES], float)
