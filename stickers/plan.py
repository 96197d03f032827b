"""The plan: which regions to hide, in which order, with what. Calibration writes it, the live app follows it."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from deadpan.models.errors import DeadpanError
from deadpan.stickers.basis import Basis
from deadpan.stickers.evidence import Evidence, Regions, Sentences, Strict, Tenths, Word
from deadpan.stickers.parts import parts
from deadpan.stickers.regions import BY_NAME, Region

VERSION = 1
WEAKEST = 0.1
"""The least strength of a protection: what bends less can hardly be told from a raw picture, and is not let out."""
LARGEST = 1_000_000
"""Bytes; a plan with all its evidence has some 20,000."""


class PlanError(DeadpanError):
    """A plan cannot be read or says something that this version does not know."""


class Provenance(Strict):
    """Where a plan's choice comes from, and whether anyone has measured that it helps."""

    source: Annotated[Sentences, Field(min_length=1)]
    """The paper, data set or command that the choice comes from."""
    measured: bool
    """The effect of hiding these regions was measured by intervention."""
    note: Sentences = ""


class Plan(Strict):
    """What to hide on a face."""

    version: Literal[1]
    name: Word
    regions: Annotated[Regions, Field(min_length=1)]
    """Names of regions, the one that matters most first."""
    k: Tenths = 2
    """A sticker is k tenths of the face's width and height."""
    protection: Word | None = None
    """How to hide them (see `parts`), where nobody asks for another protection."""
    strength: Annotated[float, Field(ge=WEAKEST, le=1)] | None = None
    """Of that protection."""
    provenance: Provenance
    calibration: Evidence | None = None
    """What the choice rests on, where `deadpan calibrate` made it."""
    decoy: Basis | None = None
    """What decoy and still mix their motion of, where `deadpan calibrate decoy` learned it."""

    @field_validator("regions")
    @classmethod
    def _once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names):
            raise ValueError("a region is named twice")
        return names

    @field_validator("protection")
    @classmethod
    def _called(cls, name: str | None) -> str | None:
        if name is not None:
            parts(name)
        return name

    @model_validator(mode="after")
    def _strength_of_something(self) -> "Plan":
        if self.strength is not None and self.protection is None:
            raise ValueError("strength: of no protection; name one, too")
        return self

    @property
    def targets(self) -> tuple[Region, ...]:
        """The regions themselves, in order."""
        return tuple(BY_NAME[name] for name in self.regions)


def built_in() -> dict[str, str]:
    """The plans that come with deadpan: name → JSON text."""
    folder = files("deadpan.stickers") / "plans"
    return {Path(file.name).stem: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".json")}


def load(name: str) -> Plan:
    """The plan called `name`, or the one in the file `name`; raises `PlanError` in one line."""
    plans = built_in()
    if name in plans:
        return parse(plans[name], name)
    path = Path(name)
    if not path.is_file():
        raise PlanError(f"no plan called {name!r} and no such file; there is: {', '.join(sorted(plans))}")
    try:
        if path.stat().st_size > LARGEST:
            raise PlanError(f"{name}: not a plan: {path.stat().st_size:,} bytes, expected at most {LARGEST:,}")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"{name}: not a plan: cannot be read as text ({error})") from error
    return parse(text, name)


def parse(text: str, origin: str) -> Plan:
    """Check a plan's JSON `text`; `origin` is what an error calls it."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError(f"{origin}: not a plan: not JSON ({error})") from error
    if isinstance(content, dict) and "version" not in content:
        raise PlanError(f"{origin}: not a plan: says no version; expected {VERSION}")
    if isinstance(content, dict) and repr(content["version"]) != repr(VERSION):
        got = repr(content["version"])[:40]
        raise PlanError(f"{origin}: plan version {got}, expected {VERSION}; make it anew with this deadpan")
    try:
        return Plan.model_validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        # Keys come from the file: whatever they are, the line stays short and moves no cursor.
        where = ".".join(str(part) for part in first["loc"])[:100] or "plan"
        where = "".join(letter if letter.isprintable() else "?" for letter in where)
        raise PlanError(f"{origin}: {where}: {_what(first)}") from error


def _what(error: ErrorDetails) -> str:
    """What is wrong, in deadpan's words rather than pydantic's."""
    own = {
        "extra_forbidden": "is not a key of a plan",
        "missing": "is missing",
        "string_pattern_mismatch": "holds characters that a terminal would obey",
        "too_short": "is empty",
        "string_too_short": "is empty",
        "finite_number": "is not a number",
    }
    if error["type"] in own:
        return own[error["type"]]
    return error["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
