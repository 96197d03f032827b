"""Everything that a calibration found, for programs: what `--json` writes."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from deadpan.calibration.findings import Calibration
from deadpan.stickers.plan import Plan

LEFT_OUT = {"resampled"}
"""Fields that hold a figure's resamples: its interval says what they say."""
DIGITS = 6


def record(found: Calibration, plan: Plan) -> dict[str, object]:
    """The plan with its evidence, then every figure behind it, under the names of the dataclasses' fields."""
    return {
        "plan": plan.model_dump(mode="json"),
        "settings": plain({**vars(found.settings), "jobs": None}),
        "stability": plain(found.stability),
        "per_sample": plain(found.per_sample),
        "pixels": plain(found.pixels),
        "pixels_control": plain(found.control),
        "effects": plain(found.effects),
        "held_out": plain(found.held_out),
        "pictures": plain(found.pictures),
        "choice": plain(found.choice),
    }


def plain(value: Any) -> Any:
    """`value` as JSON has it; keys (count, k) become "count×k", what is no number becomes null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.name not in LEFT_OUT]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {_key(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return round(value, DIGITS) + 0.0 if np.isfinite(value) else None
    return value


def _key(key: object) -> str:
    if isinstance(key, tuple):
        return "×".join(f"{each:g}" if isinstance(each, float) else str(each) for each in key)
    return f"{key:g}" if isinstance(key, float) else str(key)
