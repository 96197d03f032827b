"""The user's own recognizers: taken in once they keep the contract, and given up again."""

from pathlib import Path

from deadpan.models import recognizers
from deadpan.models.description import describe
from deadpan.models.errors import DeadpanError, ModelUnavailable, RecognizerError
from deadpan.models.fetch import store
from deadpan.models.recognizer import Recognizer
from deadpan.models.recognizers import RecognizerEntry
from deadpan.models.registry import ENTRIES

LARGEST = 1 << 30
"""Bytes of a model that is taken in: protobuf itself ends at twice that."""


def add(
    file: Path,
    kind: str,
    labels: tuple[str, ...],
    name: str | None = None,
    licence: str = "not stated",
    window: str | None = None,
) -> tuple[RecognizerEntry, bool]:
    """Copy `file` to the user's models once it answers as it should; also says whether it replaced another.

    `name` is the file's own unless given. Raises a `DeadpanError` in one line and changes nothing when the file is no
    recognizer of that `kind` with those `labels`, or the name is taken by one of deadpan's own.
    """
    content = _read(file)
    name = file.stem.lower() if name is None else name
    described = describe(content, name, kind, labels, window, licence)
    if name in (*(entry.name for entry in ENTRIES), *recognizers.shipped_names()):
        raise DeadpanError(f"{name} is the name of one of deadpan's own models; choose another with --name")
    Recognizer(described, content, "cpu")
    folder = recognizers.own_folder()
    replaced = name in recognizers.own_names()
    entry = recognizers.entry(described, folder, own=True)
    # The JSON last: should this end half-way, the file is not there yet, or not the one that the JSON names.
    store(entry.path, content)
    store(folder / f"{name}.json", described.to_json().encode())
    return entry, replaced


def remove(name: str) -> None:
    """Give up the user's own recognizer called `name`, its JSON, its file and its card, even if they are spoilt."""
    if name in recognizers.shipped_names():
        raise DeadpanError(f"{name} comes with deadpan and cannot be removed")
    if name not in recognizers.own_names():
        raise DeadpanError(f"no recognizer of your own called {name!r}; there is: {_listed()}")
    folder = recognizers.own_folder()
    try:
        for suffix in (".json", ".onnx", ".md"):
            (folder / f"{name}{suffix}").unlink(missing_ok=True)
    except OSError as error:
        raise ModelUnavailable(f"{error.filename}: cannot be removed ({error.strerror})") from error


def _listed() -> str:
    return ", ".join(recognizers.own_names()) or "none"


def _read(file: Path) -> bytes:
    if file.is_dir():
        raise RecognizerError(f"{file}: a directory; expected an ONNX model")
    if file.exists() and not file.is_file():  # reading a pipe or a device need not end
        raise RecognizerError(f"{file}: not a regular file; expected an ONNX model")
    try:
        size = file.stat().st_size
        if size > LARGEST:
            raise RecognizerError(f"{file}: {size:,} bytes; expected an ONNX model of at most {LARGEST:,}")
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise RecognizerError(f"{file}: no such file; expected an ONNX model") from error
    except OSError as error:
        raise RecognizerError(f"{file}: cannot be read ({error.strerror}); expected an ONNX model") from error
    if not content:
        raise RecognizerError(f"{file}: empty; expected an ONNX model")
    return content
