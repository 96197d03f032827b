"""Sources: where labelled micro-expressions come from, whatever the layout."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Image


class BadSource(DeadpanError):
    """A folder or a sheet is not what a data set of that name looks like: what was looked for, and what was found."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One labelled micro-expression; its pictures are read when they are asked for."""

    name: str
    """The clip's name within its data set."""
    subject: str
    """A name that belongs to one person over all data sets; in CASME II, SAMM and SMIC that of the MEGC maps."""
    dataset: str
    """casme, casme2, casme-squared, samm, smic, synthetic, …"""
    label: int
    """An index into `deadpan.models.maps.LABELS`."""
    emotion: str
    """The word of the data set itself."""
    action_units: str
    """As the data set writes them; empty where it says none."""
    fps: float
    onset: int
    """Which picture, from 0; so with apex and offset, and 0 <= onset < apex <= offset < length."""
    apex: int
    offset: int
    length: int
    """Pictures in the clip."""
    apex_coded: bool
    """Somebody saw the apex; otherwise it is the middle between onset and offset, by convention."""
    load: Callable[[int, int], list[Image]]
    """The pictures from the first to the last number, both included; raises `BadSource` naming the file."""


@dataclass(frozen=True)
class Skipped:
    """A row, clip or picture that could not be used."""

    where: str
    """File and row."""
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


class Source(Protocol):
    """Labelled micro-expressions in one layout."""

    name: str
    """Of the layout, as the command line calls it."""

    def samples(self, skip: Callable[[Skipped], None]) -> Iterator[Sample]:
        """Every usable sample, in a fixed order; `skip` is told of each that is not. Raises `BadSource`."""
        ...
