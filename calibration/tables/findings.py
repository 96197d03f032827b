"""What an evaluation found, all of it: what the page and the Markdown are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from deadpan.calibration.tables.row import Row
from deadpan.calibration.tables.shift import Shift
from deadpan.calibration.tables.winners import Winners


@dataclass(frozen=True, eq=False)
class Experiment:
    """The tidy table, and what is not in it."""

    rows: tuple[Row, ...]
    command: str
    """In full, whatever was left to the defaults, without paths of this machine."""
    versions: Mapping[str, str]
    """Of what the figures depend on, by name."""
    winners: tuple[Winners, ...] = ()
    """One a data set."""
    shift: Shift | None = None
    """On stills; None where no pictures were given."""
    notes: tuple[str, ...] = field(default=())
    """What a reader must know of this run, a sentence each: which graph judged whom, what was left out."""
