"""SAMM (Davison 2018): `006/006_1_2/006_05562.jpg`, grey, and SAMM_Micro_FACS_Codes_v2.xlsx; 200 fps."""

import re
from pathlib import Path

from deadpan.calibration.sources.classes import MEGC, Classes
from deadpan.calibration.sources.coded_clips import CodedClips, Layout

SAMM = Layout(
    name="samm",
    title="SAMM",
    fps=200.0,
    columns={
        "subject": ("Subject",),
        "clip": ("Filename",),
        "onset": ("Onset Frame", "Onset"),
        "apex": ("Apex Frame", "Apex"),
        "offset": ("Offset Frame", "Offset"),
        "units": ("Action Units", "AU", "AUs"),
        "emotion": ("Estimated Emotion", "Emotion"),
    },
    sheets="SAMM_Micro_FACS_Codes_v2.xlsx",
    subject_folder=re.compile(r"([0-9]{3})"),
    clip_folder=re.compile(r"[0-9]{3}_[0-9]+_[0-9]+"),
    like="006/006_1_2/",
    subject="{:03d}",
)


def samm(root: Path, classes: Classes = MEGC) -> CodedClips:
    """SAMM under `root`, whose sheet has its header below notes; the frame numbers are those of the long recordings."""
    return CodedClips(SAMM, root, classes)
