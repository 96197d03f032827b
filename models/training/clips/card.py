"""The Markdown card of a recognizer of clips: what it is, what it learned from, how well it does, what it cannot do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deadpan.models.clips import Clips
from deadpan.models.maps import LABELS
from deadpan.models.training.clips.folds import Folds
from deadpan.models.training.clips.results import Point, Row

ABOUT = {
    "learnet": "LEARNet (Verma et al. 2020): four chains of convolutions over one dynamic image of the clip, which the "
    "file makes itself, by approximate rank pooling.",
    "stcnn": "MicroExpSTCNN (Reddy et al. 2019): one convolution over pictures, rows and columns, and two linear "
    "layers.",
    "mmnet": "MMNet (Li et al. 2022): continuous attention over what changed from onset to apex, and a transformer "
    "over where the face has what.",
}
LEAKY = (
    "**Leaky: the epoch was chosen on the very clips that judge the network, as in the paper's public code, so these "
    "figures are too good.**"
)
SHOWN = 10
"""Rows of the table of epochs, about."""


@dataclass(frozen=True)
class Training:
    """What a run of `deadpan train` did."""

    folds: Folds
    seeds: Sequence[int]
    rows: Sequence[Row]
    curve: Sequence[Point]
    epochs: int
    """Of the finished network, which learned from everybody."""
    parameters: int
    """Learned numbers in the file."""
    sha256: str
    """Of the ONNX file."""
    size: int
    """Bytes."""
    difference: float
    """Largest difference of a probability between torch and ONNX Runtime, over all clips."""
    command: str
    """What was typed."""
    versions: str
    """Of the libraries that decide the figures."""


def licence(clips: Clips) -> str:
    """Of weights that were made from these clips."""
    return f"research use: trained on {', '.join(sorted(set(clips.dataset.tolist())))}, whose terms bind it"


def write(run: Training) -> str:
    """The card."""
    schedule = run.folds.schedule
    sections = (
        f"# {schedule.name}",
        f"Recognizes the micro-expressions {', '.join(LABELS)} from a clip of a face.\n\n{ABOUT[schedule.name]} "
        "Written anew from the paper and what its public code settles; no public code or weights were used.",
        _file(run),
        _data(run.folds.clips),
        _protocol(run),
        _figures(run),
        _compute(run),
        _limits(run.folds.clips),
        f"## Made by\n\n    {run.command}\n\n{run.versions}. The same command gives the same figures on the same "
        "machine; finished folds are kept in the user's cache.",
    )
    return "\n\n".join(sections) + "\n"


def _file(run: Training) -> str:
    clips, name = run.folds.clips, run.folds.schedule.name
    depth, rows, columns, channels = clips.sample
    what = "onset and apex" if clips.window == "onset-apex" else f"{depth} pictures, evenly from onset to offset"
    colours = "grey" if channels == 1 else "red first"
    return (
        "## File\n\n"
        f"- `{name}.onnx`: {run.size:,} bytes, {run.parameters:,} learned numbers\n"
        f"- sha256 `{run.sha256}`\n"
        f"- in: `levels`, float32 (n, {depth}, {rows}, {columns}, {channels}), 0–255, {colours}: {what}, aligned by "
        "`models/alignment.py`\n"
        f"- out: `probabilities`, float32 (n, {len(LABELS)}), in the order {', '.join(LABELS)}\n"
        f"- ONNX Runtime and torch differ by at most {run.difference:.1g} in a probability, over all {len(clips)} "
        f"clips\n- licence: {licence(clips)}"
    )


def _data(clips: Clips) -> str:
    lines = []
    for name in sorted(set(clips.dataset.tolist())):
        chosen = clips.dataset == name
        counts = " | ".join(str(int((clips.label[chosen] == index).sum())) for index in range(len(LABELS)))
        lines.append(f"| {name} | {len(set(clips.subject[chosen].tolist()))} | {counts} | {int(chosen.sum())} |")
    head = f"| data set | subjects | {' | '.join(LABELS)} | clips |\n|---|---|---|---|---|---|\n"
    return f"## Data\n\nsha256 of pictures, labels and subjects `{clips.sha256[:16]}…`.\n\n{head}" + "\n".join(lines)


def _protocol(run: Training) -> str:
    schedule, count = run.folds.schedule, len(run.folds.folds)
    taken = [each.epochs for seed in run.seeds for each in run.folds.found(seed)]
    how = {
        "groups": f"{count} groups of people, each judged by a network that has learned from others. Of these others a "
        "quarter were held back to choose the epoch by; who judges has no part in that",
        "subjects": f"Leave one subject out, {count} networks",
        "clips": "One random split, four fifths of the clips to learn from and one to judge, whoever is on them",
    }[schedule.split]
    leak = f" {LEAKY}" if schedule.leaky else ""
    changed = [f"mirrored {schedule.flip:g}"] if schedule.flip else []
    changed += [f"rolled by up to {schedule.turn:g}°"] if schedule.turn else []
    changed += [f"shifted by up to {schedule.shift:.1%} of the side"] if schedule.shift else []
    fade = f", × {schedule.fade:g} after each of the first {schedule.fading} epochs" if schedule.fading else ""
    return (
        f"## Protocol\n\n{how}.{leak} Predictions are pooled over folds before any ratio is taken (MEGC 2019). The "
        "finished network is one more training on everybody, by the same schedule, for the median number of epochs; it "
        "has no test figure of its own.\n\n"
        f"- at most {schedule.epochs} epochs, of which {min(taken)} to {max(taken)} were taken, median "
        f"{np.median(taken):g}; the finished network has {run.epochs}\n"
        f"- batches of about {schedule.batch}, {schedule.optimizer}, rate {schedule.rate:g}{fade}, weight decay "
        f"{schedule.decay:g}\n"
        f"- augmentation: {', '.join(changed) or 'none'}"
    )


def _figures(run: Training) -> str:
    lines = [f"| {row.name} | {row.clips} | {row.subjects} | {row.uf1} | {row.uar} |" for row in run.rows]
    return (
        "## Figures\n\n"
        f"Mean ± standard deviation over seeds {', '.join(map(str, run.seeds))}, and in brackets the 95 % bootstrap "
        f"interval over subjects (1000 resamples). Chance is {1 / len(LABELS):.2f} where the classes are as many."
        f"{' ' + LEAKY if run.folds.schedule.leaky else ''}\n\n"
        "| | clips | subjects | UF1 | UAR |\n|---|---|---|---|---|\n" + "\n".join(lines)
    )


def _compute(run: Training) -> str:
    step = max(1, len(run.curve) // SHOWN)
    chosen = [point for point in run.curve if point.epoch % step == 0 or point.epoch in (1, len(run.curve))]
    lines = [f"| {each.epoch} | {each.operations / 1e12:.3g} | {each.uf1} |" for each in chosen]
    who = "the clips that judge" if run.folds.schedule.leaky else "the people who were held back, not those who judge"
    return (
        f"## UF1 against compute\n\nOn {who}; teraFLOP of one fold, three times those of judging what it learned "
        "from.\n\n| epochs | teraFLOP | UF1 |\n|---|---|---|\n" + "\n".join(lines)
    )


def _limits(clips: Clips) -> str:
    made = "synthetic" in clips.dataset
    return (
        "## Limits\n\n"
        + (
            "- It learned from synthetic micro-expressions. Figures on them are not figures on people.\n"
            if made
            else ""
        )
        + "- It names the motion of a clip whose onset and offset somebody knows. It does not find these, and it does "
        'not know "nothing happened": a clip without motion gets one of the labels, too.\n'
        "- Its use in deadpan is to measure whether a protection changes its mind. It must not be used to judge people."
    )
