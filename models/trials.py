"""What was tried before the recipes were fixed, with what came of it."""

from dataclasses import dataclass

PROTOCOL = (
    "Variants were compared on the *design half* only: 34 of the 68 subjects (half of each data set, drawn once), 183 "
    "maps, six folds grouped by subject. Every comparison is in the table. Trained on half the people, these figures "
    "are lower than leave-one-subject-out; they serve to choose. The subjects of the other half had no say in any "
    "choice."
)


@dataclass(frozen=True)
class Trial:
    """One variant's scores on the design half: means over seeds of single networks, and of their average."""

    what: str
    seeds: int
    uf1: float
    uar: float
    flipped: tuple[float, float]
    """UF1, UAR where a map and its mirror image are judged together."""
    averaged: tuple[float, float]
    """UF1, UAR of the seeds' averaged probabilities, mirror images included."""


TRIALS: dict[str, tuple[Trial, ...]] = {"motion": (), "motion-large": ()}
"""By recipe."""


def table(name: str) -> str:
    """The Markdown section on what was tried for the recipe `name`; empty if nothing is recorded."""
    if not TRIALS.get(name):
        return ""
    lines = [
        f"| {trial.what} | {trial.seeds} | {trial.uf1:.3f} / {trial.uar:.3f} | {_pair(trial.flipped)} "
        f"| {_pair(trial.averaged)} |"
        for trial in TRIALS[name]
    ]
    head = "| variant | seeds | one network | with its mirror image | seeds averaged |\n|---|---|---|---|---|\n"
    return f"## Tried\n\n{PROTOCOL} UF1 / UAR:\n\n{head}" + "\n".join(lines)


def _pair(scores: tuple[float, float]) -> str:
    return f"{scores[0]:.3f} / {scores[1]:.3f}"
