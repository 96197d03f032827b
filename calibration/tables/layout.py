"""What the page and the Markdown lay out: parts with words and tables, as text."""

from dataclasses import dataclass

from deadpan.calibration.effect.tally import Share
from deadpan.calibration.report.wording import decimal, percent, points

MISSING = "not measured"


@dataclass(frozen=True)
class Figure:
    """A figure and its interval, as text."""

    value: str
    interval: str


Cell = str | Figure


@dataclass(frozen=True)
class Table:
    """One table; `key` finds what is drawn beside it."""

    key: str
    title: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    labels: int = 1
    """So many columns, from the left, are words; the others are figures."""


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    title: str
    words: tuple[str, ...]
    tables: tuple[Table, ...]


def share(of: Share | None) -> Cell:
    """A share of clips, percent; None is one that does not exist: nothing is right untouched."""
    return MISSING if of is None else Figure(percent(of.value), f"{percent(of.low)} to {percent(of.high)}")


def gain(of: Share) -> Cell:
    """A difference of shares, points."""
    value, low, high = (points(each, unit=False) for each in (of.value, of.low, of.high))
    return Figure(value, f"{low} to {high}")


def index(of: Share) -> Cell:
    """A figure of 0 to 1 that is no share: UF1, a probability."""
    return Figure(decimal(of.value), f"{decimal(of.low)} to {decimal(of.high)}")


def left(of: Share) -> Share:
    """What is not in it."""
    return Share(1 - of.value, 1 - of.high, 1 - of.low, of.n)
