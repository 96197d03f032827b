"""One line of the tidy table: what one victim says of one data set under one placement, its draws pooled."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal, get_args

from deadpan.calibration.effect.tally import Share

Kind = Literal["maps", "clips"]
CONTROLS = ("none", "constant")
"""Placements that lay no sticker: the clips as they are, and an input without information."""


@dataclass(frozen=True)
class Row:
    """A group of cells that differ in their draw only; intervals are 95 % ones over people."""

    dataset: str
    victim: str
    kind: Kind
    """What the victim looks at: motion maps, on which a sticker is a rigid patch, or clips of pictures."""
    sticker: str
    """The art's name; `patch` on maps, `none` where nothing is laid."""
    k: float
    """A sticker's size, tenths of the face; 0 where nothing is laid."""
    placement: str
    """`none`, `constant`, `region:NAME`, `random`, `causal`, `causal:DATASET`, `exhaustive`, `rhde`, `rhde-free`, or
    `uap`, `uap-still`, `uap-noise`."""
    draws: int
    n: int
    """Clips, each counted once however many draws there are."""
    subjects: int
    clean_accuracy: float
    error: Share
    """Of all clips, wrong ones without a sticker included: what the paper's Table II calls ASR."""
    attack_success: Share | None
    """Of the clips that are right untouched; None where none is."""
    fooling: Share
    """Of all clips, those whose label changes, right or wrong."""
    uf1: Share
    uar: Share
    queries: float
    """Answers asked for to find the place, a clip."""
    queries_right: float | None
    """The same of the clips that are right untouched; None where none is. RHDE has done with the others at once."""
    tp_negative: float
    tp_positive: float
    tp_surprise: float
    """True positives a draw."""
    gain: Share | None
    """Attack success less that of random places for the same victim, clips, sticker and size, of `uap` and `uap-still`
    less that of `uap-noise`; paired over people; None where they were not measured."""
    fooling_gain: Share | None
    """The same of the clips whose label changes, right or wrong."""
    seed: int

    @property
    def region(self) -> str | None:
        """The region's name, of a placement on one."""
        return self.placement.removeprefix("region:") if self.placement.startswith("region:") else None


def write(rows: Sequence[Row]) -> str:
    """As CSV; a figure and the ends of its interval are three columns, what was not measured is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_columns())
    for row in rows:
        cells: list[object] = []
        for field in fields(Row):
            value = getattr(row, field.name)
            cells += _three(value) if _is_share(field.type) else [_number(value)]
        writer.writerow(cells)
    return text.getvalue()


def _columns() -> tuple[str, ...]:
    """The table's head."""
    names: list[str] = []
    for field in fields(Row):
        names += [field.name, f"{field.name}_low", f"{field.name}_high"] if _is_share(field.type) else [field.name]
    return tuple(names)


def _is_share(kind: object) -> bool:
    return kind is Share or Share in get_args(kind)


def _three(share: Share | None) -> list[object]:
    return ["", "", ""] if share is None else [_number(share.value), _number(share.low), _number(share.high)]


def _number(value: object) -> object:
    """Six digits: the same bytes wherever sums were taken in another order."""
    return f"{value:.6g}" if isinstance(value, float) else value
