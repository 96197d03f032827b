"""An evaluation that was made up, of all that a report on one can hold."""

from collections.abc import Iterator

import numpy as np
from planted import Planted

from deadpan.calibration.effect.tally import Share
from deadpan.calibration.graph import features
from deadpan.calibration.tables import winners
from deadpan.calibration.tables.findings import Experiment
from deadpan.calibration.tables.row import Row
from deadpan.calibration.tables.shift import WAYS, Shift, Way
from deadpan.stickers.regions import NAMES

COMMAND = "deadpan evaluate tables --data mer_flow.npz --victim motion -o out"
N = {"casme2": (145, 24), "samm": (133, 28), "synthetic": (81, 9)}


def about(value: float, wide: float = 0.03) -> Share:
    return Share(value, max(value - wide, 0), min(value + wide, 1), 145)


def row(victim: str, dataset: str, placement: str, lost: float, *, k: float = 2.0, sticker: str | None = None) -> Row:
    """A made-up row in which a share `lost` of the right labels is lost."""
    n, subjects = N[dataset]
    kind = "maps" if victim == "motion" else "clips"
    right = 0.7 * n * (1 - lost)
    bare = placement in ("none", "constant") or placement.startswith("uap")
    return Row(
        dataset=dataset,
        victim=victim,
        kind=kind,  # type: ignore[arg-type]
        sticker="none" if bare else sticker or ("patch" if kind == "maps" else "smiley"),
        k=0.0 if bare else k,
        placement=placement,
        draws=20 if placement == "random" else 1,
        n=n,
        subjects=subjects,
        clean_accuracy=0.7,
        error=about(1 - right / n),
        attack_success=about(lost),
        fooling=about(lost * 0.9),
        uf1=about(0.65 * (1 - lost)),
        uar=about(0.66 * (1 - lost)),
        queries={"exhaustive": 14.0, "rhde": 734.4, "rhde-free": 902.0}.get(placement, 0.0),
        queries_right={"exhaustive": 14.0, "rhde": 997.7, "rhde-free": 1237.1}.get(placement, 0.0),
        tp_negative=right * 0.6,
        tp_positive=right * 0.2,
        tp_surprise=right * 0.2,
        gain=None if bare or placement == "random" else Share(lost - 0.023, lost - 0.05, lost + 0.004, n),
        fooling_gain=None,
        seed=0,
    )


def rows() -> Iterator[Row]:
    random = np.random.default_rng(0)
    for victim, dataset in (("motion", "casme2"), ("motion", "samm"), ("learnet", "synthetic")):
        yield row(victim, dataset, "none", 0)
        yield row(victim, dataset, "constant", 0.6)
        stickers = ("patch",) if victim == "motion" else ("smiley", "band-aid")
        for sticker in stickers:
            for name in NAMES:
                yield row(victim, dataset, f"region:{name}", float(random.uniform(0.01, 0.05)), sticker=sticker)
            yield row(victim, dataset, "random", 0.023, sticker=sticker)
            yield row(victim, dataset, "causal", 0.021, sticker=sticker)
        for k in (1.0, 3.0):
            yield row(victim, dataset, "random", 0.012 * k, k=k)
            if k == 3:
                yield row(victim, dataset, "causal", 0.016 * k, k=k)
        yield row(victim, dataset, "exhaustive", 0.16)
        yield row(victim, dataset, "rhde", 0.41)
        yield row(victim, dataset, "rhde-free", 0.33)
    yield row("motion", "casme2", "causal:samm", 0.022)
    for each, lost in (("uap", 0.5), ("uap-still", 0.01), ("uap-noise", 0.02)):
        yield row("learnet", "synthetic", each, lost)


def shifted() -> Shift:
    probabilities = tuple(about(each) for each in (0.1, 0.05, 0.1, 0.4, 0.1, 0.05, 0.2))
    ways = tuple(
        Way(name, 20 if at == 1 else 1, probabilities, about(0.5), about(0.1 * at), 0.0) for at, name in enumerate(WAYS)
    )
    return Shift(9, 1, "smiley", "right_brow_outer", "the paper’s", 2.0, ways, Share(0.1, -0.1, 0.3, 9), 0, "a" * 64)


def experiment(planted: Planted) -> Experiment:
    """All of it, with a graph of maps whose causes are known."""
    maps = planted.maps()
    graphs = (winners.of("casme2", features.of_maps(maps), maps, resamples=10),)
    return Experiment(tuple(rows()), COMMAND, {"deadpan": "0.1.0"}, graphs, shifted(), ("Graphs are of all people.",))
