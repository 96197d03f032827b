"""Places to write to, refused before the work is done, not after."""

import tempfile
from pathlib import Path

from deadpan.models.errors import DeadpanError


def check_place(option: str, path: Path | None) -> None:
    """Refuse a `path` where no file can be written; `option` is what an error calls it. Leaves nothing there.

    Whether a folder takes files is tried out: permissions do not tell it of /proc, nor of what is mounted read-only.
    """
    if path is None or _is_device(path):
        return
    if path.is_dir():
        raise DeadpanError(f"{option} {path}: is a folder; name a file")
    if not path.parent.is_dir():
        raise DeadpanError(f"{option} {path}: there is no folder {path.parent}; make it, or name another place")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise DeadpanError(f"{option} {path}: {path.parent} takes no file ({why}); name another place") from error


def _is_device(path: Path) -> bool:
    """A terminal, a pipe, /dev/null: written to as they are."""
    return path.exists() and not path.is_file() and not path.is_dir()
