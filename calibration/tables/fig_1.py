"""Which pictures Fig. 1 is measured on, and where the graph over them would have the sticker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deadpan.calibration.graph import discovery, discretise
from deadpan.calibration.sources import stills
from deadpan.calibration.sources.images import Images
from deadpan.calibration.sources.source import BadSource, Skipped
from deadpan.calibration.sources.stills import Picture
from deadpan.calibration.synthetic import faces
from deadpan.calibration.tables import shift
from deadpan.calibration.tables.shift import Shift
from deadpan.models.frame import Image
from deadpan.stickers import plan as plans
from deadpan.stickers.plan import Plan, Provenance
from deadpan.stickers.sticker import Sticker

OWN = "faces"
"""What the nine people are called that the synthetic clips animate: pictures that everybody can have."""
DRAWS = 20
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class _Face:
    """One of the nine, who has no label."""

    path: Path
    image: Image
    label: int = 0

    def read(self) -> Image:
        return self.image


def listed(where: str, model: bytes, skip: Callable[[Skipped], None] = lambda skipped: None) -> list[Picture]:
    """The pictures of a folder with a folder per class, or the nine people; `model` is the landmarker's bytes."""
    if where == OWN:
        return [_Face(Path(each.name), each.image) for each in faces.load(model)]
    if not Path(where).is_dir():
        raise BadSource(f"--stills {where}: no such folder; expected one that holds a folder per class, or {OWN}")
    return list(Images(Path(where)).pictures(skip))


def measure(
    where: str,
    model: bytes,
    sticker: Sticker,
    k: float = 2,
    draws: int = DRAWS,
    seed: int = 0,
    told: Progress = lambda done, of: None,
    skip: Callable[[Skipped], None] = lambda skipped: None,
) -> Shift:
    """Fig. 1 on the pictures that `listed` finds, with the sticker where their own graph has it."""
    pictures = listed(where, model, skip)
    plan, why = placed(pictures, model, k, told)
    return shift.measure(pictures, model, sticker, plan, why, draws, seed, told, skip)


def placed(
    pictures: Sequence[Picture], model: bytes, k: float, told: Progress = lambda done, of: None
) -> tuple[Plan, str]:
    """The winner of the graph over `pictures`, the first of a tie, or the paper's region where it names none; and why.

    The graph knows all the pictures, that which is judged among them.
    """
    seen = stills.measure(pictures, model, told)
    winners = discovery.discover(discretise.of(seen.features)).winners
    if not winners:
        return plans.load("paper").model_copy(update={"k": k}), "the paper’s; the graph over these pictures names none"
    tie = f", the first of a tie of {len(winners)}" if len(winners) > 1 else ""
    why = f"the winner of the graph over these pictures{tie}"
    provenance = Provenance(source=why, measured=False)
    return Plan(version=1, name="stills", regions=winners[:1], k=k, provenance=provenance), why
