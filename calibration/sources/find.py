"""Which data set a folder holds."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from deadpan.calibration.sources import folders
from deadpan.calibration.sources.cas_me_squared import CasMeSquared
from deadpan.calibration.sources.casme import casme
from deadpan.calibration.sources.casme2 import casme2
from deadpan.calibration.sources.classes import MEGC, Classes
from deadpan.calibration.sources.images import Images
from deadpan.calibration.sources.samm import samm
from deadpan.calibration.sources.smic import Smic, camera_of
from deadpan.calibration.sources.source import BadSource, Source
from deadpan.calibration.sources.synthetic import TRUTH, Synthetic

LAYOUTS: Mapping[str, tuple[str, Callable[[Path, Classes], Source]]] = {
    "casme": ("sub01/EP01_12/EP01_12-73.jpg and a sheet", casme),
    "casme2": ("sub01/EP02_01f/img46.jpg and a sheet", casme2),
    "casme-squared": ("rawpic/s15/15_0101disgustingteeth/img001.jpg and a sheet", CasMeSquared),
    "samm": ("006/006_1_2/006_05562.jpg and a sheet", samm),
    "smic": ("HS/s1/micro/negative/s1_ne_01/image001.bmp", lambda root, classes: Smic(root, "hs", classes)),
    "smic-vis": ("VIS/s11/micro/…", lambda root, classes: Smic(root, "vis", classes)),
    "smic-nir": ("NIR/s11/micro/…", lambda root, classes: Smic(root, "nir", classes)),
    "synthetic": (f"{TRUTH} and clip.mp4, from `deadpan synth`", lambda root, _: Synthetic(root)),
}
"""By name: what it looks like, and its reader."""


def find(name: str | None, root: Path, classes: Classes = MEGC) -> Source:
    """The reader of a layout; without a name, of the one that the folders and pictures under `root` are laid out like.

    Raises `BadSource` for a name that is none, and for a folder that is like none of them, or like several.
    """
    if name is not None:
        if name not in LAYOUTS:
            raise BadSource(f"layout {name}: expected one of {', '.join(LAYOUTS)}")
        return LAYOUTS[name][1](root, classes)
    likely = guess(root)
    # The high-speed camera is what SMIC stands for; the others are asked for by name.
    if "smic" in likely:
        likely -= {"smic-vis", "smic-nir"}
    if len(likely) == 1:
        return LAYOUTS[likely.pop()][1](root, classes)
    if likely:
        raise BadSource(f"{root}: looks like {' and '.join(sorted(likely))}; say which, or give the folder of one")
    if _stills(root):
        raise BadSource(f"{root}: a folder of stills per class, which hold no motion; expected clips: {_like()}")
    raise BadSource(f"{root}: like no data set; expected {_like()}; found {folders.contents(root)}")


def guess(root: Path) -> set[str]:
    """The layouts that the folders and pictures under `root` are like; raises `BadSource` when it is no folder."""
    likely = set()
    for listing in folders.walk(root):
        path = listing.path
        above = path.parent.name if listing.above else ""
        if TRUTH in listing.files and not listing.above:
            likely.add("synthetic")
        if re.fullmatch(r"s[0-9]+_(ne|po|sur)_[0-9]+", path.name.lower()):
            camera = camera_of(listing, root)
            likely.add("smic" if camera == "hs" else f"smic-{camera}")
        if re.fullmatch(r"[0-9]{3}", above) and re.fullmatch(rf"{above}_[0-9]+_[0-9]+", path.name):
            likely.add("samm")
        if re.fullmatch(r"s[0-9]+", above) and re.fullmatch(r"[0-9]+_[0-9]{4}\D.*", path.name):
            likely.add("casme-squared")
        if re.fullmatch(r"sub[0-9]+", above.lower()) and path.name.upper().startswith("EP"):
            pictures = [file.lower() for file in listing.files if Path(file).suffix.lower() in folders.SUFFIXES]
            if pictures:
                likely.add("casme" if re.match(r"(reg_)?ep", pictures[0]) else "casme2")
    return likely


def _stills(root: Path) -> bool:
    try:
        Images(root)
    except BadSource:
        return False
    return True


def _like() -> str:
    return "; ".join(f"{name}: {like}" for name, (like, _) in LAYOUTS.items())
