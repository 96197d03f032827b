"""The Markdown card of a trained recognizer: what it is, what it learned from, how well it does, what it cannot do."""

from collections.abc import Sequence
from dataclasses import dataclass

from deadpan.models.maps import LABELS, Maps
from deadpan.models.training import trials
from deadpan.models.training.figures import Row
from deadpan.models.training.recipes import Recipe

LICENCE = "research use: trained on maps of CASME II, SAMM and SMIC, whose agreements allow research only"
"""Of the weights. The code is MIT; the data sets' agreements bind what is made from them."""

ABOUT = {
    "motion": (
        "STSTNet (Liong et al. 2019): three shallow streams of 3, 5 and 8 filters over the same map, one fully "
        "connected layer. Written anew from the paper's description; no public code or weights were used."
    ),
    "motion-large": (
        "An ensemble of small convolutional networks of our own that keep where on the face they saw what: two "
        "convolutions bring the map to 7 × 7 regions, each of which is weighed for itself. A map and its mirror "
        "image are judged together, and the members' probabilities are averaged, all inside the one ONNX file."
    ),
}


@dataclass(frozen=True)
class Training:
    """What a run of `deadpan train` did."""

    recipe: Recipe
    maps: Maps
    seeds: Sequence[int]
    rows: Sequence[Row]
    parameters: int
    """Learned numbers in the exported file, all members together."""
    sha256: str
    """Of the ONNX file."""
    size: int
    """Bytes."""
    difference: float
    """Largest difference of a probability between torch and ONNX Runtime, over all maps."""
    command: str
    """What was typed."""
    versions: str
    """Of the libraries that decide the figures."""


def write(run: Training) -> str:
    """The card."""
    recipe = run.recipe
    sections = (
        f"# {recipe.name}",
        f"Recognizes the micro-expressions {', '.join(LABELS)} from one onset→apex motion map.\n\n"
        + ABOUT.get(recipe.name, f"Network `{recipe.network}`."),
        _file(run),
        _data(run.maps),
        _protocol(run),
        _figures(run),
        trials.table(recipe.name),
        _limits(),
        f"## Made by\n\n    {run.command}\n\n{run.versions}. The same command gives the same figures on the same "
        "machine; finished folds are kept in the user's cache.",
    )
    return "\n\n".join(section for section in sections if section) + "\n"


def _file(run: Training) -> str:
    return (
        "## File\n\n"
        f"- `{run.recipe.name}.onnx`: {run.size:,} bytes, {run.parameters:,} learned numbers\n"
        f"- sha256 `{run.sha256}`\n"
        "- in: `levels`, float32 (n, 28, 28, 3), 0–255, channels (strain, v, u), each stretched to 0–255 within its "
        "map; the graph scales them itself\n"
        f"- out: `probabilities`, float32 (n, {len(LABELS)}), in the order {', '.join(LABELS)}\n"
        f"- ONNX Runtime and torch differ by at most {run.difference:.1g} in a probability, over all "
        f"{len(run.maps)} maps\n"
        f"- licence: {LICENCE}"
    )


def _data(maps: Maps) -> str:
    lines = []
    for row in sorted(set(maps.dataset.tolist())):
        chosen = maps.dataset == row
        counts = [int((maps.label[chosen] == index).sum()) for index in range(len(LABELS))]
        people = len(set(maps.subject[chosen].tolist()))
        lines.append(f"| {row} | {people} | {' | '.join(map(str, counts))} | {int(chosen.sum())} |")
    head = f"| data set | subjects | {' | '.join(LABELS)} | maps |\n|---|---|---|---|---|---|\n"
    return (
        "## Data\n\n"
        f"{len(maps)} onset→apex optical-flow maps of {len(maps.subjects)} people: the three-class composite of MEGC "
        f"2019, as publicly posted. Not part of deadpan; sha256 of maps, labels and subjects `{maps.sha256[:16]}…`.\n\n"
        + head
        + "\n".join(lines)
    )


def _protocol(run: Training) -> str:
    recipe, amounts = run.recipe, run.recipe.augment
    return (
        "## Protocol\n\n"
        f"Leave one subject out: {len(run.maps.subjects)} networks a seed, each judging the one person whose maps it "
        "never saw; predictions are pooled over folds before any ratio is taken (MEGC 2019). No early "
        "stopping and no best epoch: a fold never looks at its test subject. The recipe as a whole was revised once "
        "after an outer look (see *Tried*). The published weights are one more training by the same recipe (seed 0) "
        "on all maps, and have no test figure of their own.\n\n"
        f"- {recipe.epochs} epochs, batches of about {recipe.batch}, AdamW, peak rate {recipe.rate:g} (rise over a "
        f"tenth, then a cosine to 0), weight decay {recipe.decay:g}, label smoothing {recipe.smoothing:g}, class "
        f"weights count^−{recipe.balance:g}\n"
        f"- augmentation: mirrored {amounts.flip:g} (u negated), shift {amounts.shift:g} and scale {amounts.scale:g} "
        f"of the side, roll {amounts.turn:g}° with the (u, v) vectors turned, leftover head motion {amounts.head:g}, "
        f"smooth noise up to {amounts.noise:g} of half the range; each channel then stretched again, as live\n"
        f"- {recipe.members} member{'s' if recipe.members > 1 else ''}"
        + (", each judging the map and its mirror image" if recipe.flip_average else "")
    )


def _figures(run: Training) -> str:
    lines = [f"| {row.name} | {row.maps} | {row.subjects} | {row.uf1} | {row.uar} |" for row in run.rows]
    return (
        "## Figures\n\n"
        f"Mean ± standard deviation over {len(run.seeds)} seed{'s' if len(run.seeds) > 1 else ''} "
        f"({', '.join(map(str, run.seeds))}), and in brackets the 95 % bootstrap interval of the mean over subjects "
        "(1000 resamples). The *confirmation half* took no part in the comparison of variants, but did in that outer "
        "look.\n\n"
        "| | maps | subjects | UF1 | UAR |\n|---|---|---|---|---|\n" + "\n".join(lines)
    )


def _limits() -> str:
    return (
        "## Limits\n\n"
        "- It names the motion of a labelled laboratory clip between a known onset and a known apex. It does not find "
        'these moments, and it does not know "nothing happened": a map without motion gets one of the three labels '
        "too, because stretching turns what noise there is into a full range.\n"
        "- The people in the data are few, young and mostly from three laboratories; the classes follow how clips were "
        "elicited as much as what people felt. It says nothing about what a person feels.\n"
        "- Its use in deadpan is to measure whether a protection changes its mind. It must not be used to judge people."
    )
