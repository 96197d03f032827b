"""CASME (Yan 2013): `sub01/EP01_12/EP01_12-73.jpg` and CASME-coded-20190721.xls; 60 fps."""

import re
from pathlib import Path

from deadpan.calibration.sources.classes import MEGC, Classes
from deadpan.calibration.sources.coded_clips import CodedClips, Layout

CASME = Layout(
    name="casme",
    title="CASME",
    fps=60.0,
    columns={
        "subject": ("Subject",),
        "clip": ("Filename",),
        # Its column "Onset" is how long the onset takes, in milliseconds: never that.
        "onset": ("OnsetF", "OnsetFrame"),
        "apex": ("ApexF1", "ApexF", "ApexFrame"),
        "offset": ("OffsetF", "OffsetFrame"),
        "units": ("AU", "AUs", "Action Units"),
        "emotion": ("Emotion", "Estimated Emotion"),
    },
    sheets="CASME-coded-….xls",
    subject_folder=re.compile(r"sub([0-9]+)", re.IGNORECASE),
    clip_folder=re.compile(r"\s*EP[0-9].*", re.IGNORECASE),
    like="sub01/EP01_12/",
    subject="casme-sub{:02d}",
)


def casme(root: Path, classes: Classes = MEGC) -> CodedClips:
    """CASME under `root`; ApexF1, the first frame of the apex phase, is the apex."""
    return CodedClips(CASME, root, classes)
