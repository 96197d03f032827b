"""CASME II (Yan 2014): `sub01/EP02_01f/img46.jpg` (cropped: `reg_img46.jpg`) and CASME2-coding-….xlsx; 200 fps."""

import re
from pathlib import Path

from deadpan.calibration.sources.classes import MEGC, Classes
from deadpan.calibration.sources.coded_clips import CodedClips, Layout

CASME2 = Layout(
    name="casme2",
    title="CASME II",
    fps=200.0,
    columns={
        "subject": ("Subject",),
        "clip": ("Filename",),
        "onset": ("OnsetFrame", "OnsetF", "Onset"),
        "apex": ("ApexFrame", "ApexF", "Apex"),
        "offset": ("OffsetFrame", "OffsetF", "Offset"),
        "units": ("Action Units", "AU", "AUs"),
        "emotion": ("Estimated Emotion", "Emotion"),
    },
    sheets="CASME2-coding-….xlsx",
    subject_folder=re.compile(r"sub([0-9]+)", re.IGNORECASE),
    clip_folder=re.compile(r"\s*EP[0-9].*", re.IGNORECASE),
    like="sub01/EP02_01f/",
    subject="sub{:02d}",
)


def casme2(root: Path, classes: Classes = MEGC) -> CodedClips:
    """CASME II under `root`, raw or cropped."""
    return CodedClips(CASME2, root, classes)
