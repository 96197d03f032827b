"""What is known of a recognizer: the JSON beside its file, the same for deadpan's own and for the user's."""

import hashlib
import re
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from deadpan.models.errors import RecognizerError

Kind = Literal["motion28", "gray64", "rgb112", "clip"]
"""What a batch holds, as uint8 levels 0–255, channels last:

- `motion28` (n, 28, 28, 3): onset→apex optical flow, (strain, v, u), each channel stretched to 0–255;
- `gray64` (n, 64, 64, 1): a face;
- `rgb112` (n, 112, 112, 3): a face, red first;
- `clip` (n, d, h, w, c): d pictures of a face, of the size that the model's own input has; laid on each other by
  `models.alignment`, which makes squares, grey or red first.
"""
Window = Literal["frame", "onset-apex", "frames"]
"""What of a clip it looks at: one picture, onset and apex or the motion between them, or d pictures, evenly."""

KINDS: tuple[Kind, ...] = get_args(Kind)
WINDOWS: dict[Kind, Window] = {"motion28": "onset-apex", "gray64": "frame", "rgb112": "frame", "clip": "frames"}
"""What each kind looks at unless something else is said."""
SAMPLES: dict[Kind, tuple[int, ...] | None] = {
    "motion28": (28, 28, 3),
    "gray64": (64, 64, 1),
    "rgb112": (112, 112, 3),
    "clip": None,
}
"""The shape of one sample of a kind; of a clip, the model's own input says it."""
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""A recognizer's name is part of a file's name: nothing that leads to another folder, nothing that differs by case."""

Text = Annotated[str, Field(min_length=1, max_length=400)]


class Description(BaseModel):
    """A recognizer: how to tell its file, what it looks at and what it says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    file: str
    """The ONNX file's name, NAME.onnx, in the folder of this JSON; of a rebuilt one, in the user's cache."""
    kind: Kind
    labels: Annotated[tuple[Text, ...], Field(min_length=2, max_length=1000)]
    """What the classes are called, in the order of the model's output."""
    window: Window
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(gt=0)]
    """Bytes."""
    licence: Text
    card: str = ""
    """The Markdown file beside it that says what it was trained on and how well it does; empty if there is none."""
    rebuilt_from: str = ""
    """What deadpan makes the ONNX file from, on this machine, when it is fetched; empty if the file is just there."""

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if NAME.fullmatch(name) is None:
            raise ValueError(f"{name!r} cannot name a model; expected lower-case letters, digits, '.', '_' and '-'")
        return name

    @field_validator("labels")
    @classmethod
    def _different(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(labels)) < len(labels):
            raise ValueError("a label occurs twice")
        return labels

    @model_validator(mode="after")
    def _beside(self) -> Self:
        if self.file != f"{self.name}.onnx":
            raise ValueError(f"file {self.file!r}, expected {self.name}.onnx")
        if self.card not in ("", f"{self.name}.md"):
            raise ValueError(f"card {self.card!r}, expected {self.name}.md")
        return self

    def to_json(self) -> str:
        """The text of NAME.json."""
        return self.model_dump_json(indent=2) + "\n"


def describe(
    content: bytes,
    name: str,
    kind: str,
    labels: tuple[str, ...],
    window: str | None = None,
    licence: str = "not stated",
    card: str = "",
) -> Description:
    """The description of the ONNX model whose bytes are `content`; raises `RecognizerError` in one line."""
    known: Window | str | None = window or next((WINDOWS[each] for each in KINDS if each == kind), None)
    fields = {
        "name": name,
        "file": f"{name}.onnx",
        "kind": kind,
        "labels": labels,
        "window": known,
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "licence": licence,
        "card": card,
    }
    try:
        return Description.model_validate(fields)
    except ValidationError as error:
        raise RecognizerError(_first(error, name)) from error


def read(path: Path) -> Description:
    """The description in the file `path`, NAME.json; raises `RecognizerError` in one line."""
    try:
        description = Description.model_validate_json(path.read_bytes(), strict=True)
    except ValidationError as error:
        raise RecognizerError(_first(error, str(path))) from error
    except OSError as error:
        raise RecognizerError(f"{path}: cannot be read ({error.strerror}); expected a model's JSON") from error
    if path.name != f"{description.name}.json":
        raise RecognizerError(f"{path}: describes {description.name!r}; expected {path.stem!r}")
    return description


def _first(error: ValidationError, origin: str) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    what = "is not a key of a model's JSON" if first["type"] == "extra_forbidden" else first["msg"]
    what = " ".join(what.removeprefix("Value error, ").split())
    return f"{origin}: {where}: {what}" if where else f"{origin}: {what}"
