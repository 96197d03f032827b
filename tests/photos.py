"""Pictures as a data set of stills gives them, without files."""

from dataclasses import dataclass
from pathlib import Path

from deadpan.calibration.sources.source import BadSource
from deadpan.models.frame import Image


@dataclass(frozen=True)
class Photo:
    path: Path
    label: int
    image: Image | None

    def read(self) -> Image:
        if self.image is None:
            raise BadSource(f"{self.path}: not a picture that can be read")
        return self.image
