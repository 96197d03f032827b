"""What `deadpan evaluate tables` works on: each victim before each data set that the options name."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from deadpan.app.commands import gather
from deadpan.app.commands.options import console, face_landmarker, printable
from deadpan.app.commands.progress import Told
from deadpan.models import folds, recognizers
from deadpan.models import maps as motion_maps
from deadpan.models.alignment import misfit
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import LABELS, Maps
from deadpan.models.recognizer import Recognizer
from deadpan.models.training import recipes
from deadpan.models.training.clips import schedules
from deadpan.stickers import sticker as art

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deadpan.calibration.effect.victims import Victim
    from deadpan.calibration.grid.cell import Case
    from deadpan.calibration.grid.clips import Look, Ready
    from deadpan.calibration.sources.aligning import Aligned
    from deadpan.calibration.targets.target import Target
    from deadpan.models.training.clips.folds import Folds


SEED = 0
"""Of the training that judges: one victim is one network a person, as in the papers."""


@dataclass(frozen=True)
class Asked:
    """What the options say."""

    data: tuple[Path, ...]
    dataset: str | None
    synthetic: Path | None
    classes: str | None
    victims: tuple[str, ...]
    stickers: tuple[str, ...]
    clips: int | None
    seed: int
    landmarker: Path | None

    @property
    def pictured(self) -> bool:
        """Whether there are clips, and not motion maps only."""
        return self.synthetic is not None or any(not _is_file(path) for path in self.data)

    def words(self) -> list[str]:
        """The options again, as they would be typed, but for the folders that data lie in."""
        said: list[tuple[str, object]] = [("--data", each.resolve().name) for each in self.data]
        said += [("--dataset", self.dataset), ("--synthetic", self.synthetic and self.synthetic.resolve().name)]
        said += [("--classes", self.classes)]
        said += [("--victim", each) for each in self.victims]
        said += [("--sticker", Path(each).name if Path(each).suffix else each) for each in self.stickers]
        said += [("--clips", self.clips), ("--seed", self.seed)]
        said += [("--landmarker", self.landmarker and self.landmarker.name)]
        return [str(word) for option, value in said if value is not None for word in (option, value)]


@dataclass(frozen=True, eq=False)
class Held:
    """A data set's motion maps, and in every look its clips, of which a file of maps has none."""

    maps: Maps
    ready: "Ready | None" = None


def cases(asked: Asked, folder: Path, told: Told) -> "tuple[list[Case], dict[str, Maps]]":
    """The cases, victim by victim, and the motion maps of every data set; what is aligned is kept in `folder`."""
    from deadpan.calibration.graph.features import of_maps
    from deadpan.calibration.grid.cell import PATCH, Case
    from deadpan.calibration.sources.spreading import spread

    pictures = {each.name: each for each in map(art.load, asked.stickers)}
    looks = {name: _look(name, asked.pictured) for name in asked.victims}
    told("clips and networks looked for", 0, 0)
    held = _held(asked, [each for each in dict.fromkeys(looks.values()) if each is not None], folder, told)
    maps = {
        str(name): each.maps.only(each.maps.dataset == name) for each in held for name in np.unique(each.maps.dataset)
    }
    features = {name: of_maps(each) for name, each in maps.items()}
    found: list[Case] = []
    for name, look in looks.items():
        before = len(found)
        for each in held:
            for target in _targets(name, look, each):
                kinds = list(zip(target.subject.tolist(), target.label.tolist(), strict=True))
                rows = spread(kinds, asked.clips, asked.seed)
                seen = pictures if target.kind == "clips" else {PATCH: next(iter(pictures.values()))}
                found.append(Case(target, np.array(rows), seen, features, asked.seed))
        if len(found) == before:
            raise DeadpanError(f"--victim {name}: looks at clips; give --data FOLDER or --synthetic FOLDER")
    return found, maps


def _look(name: str, pictured: bool) -> "Look | None":
    """What a victim sees of a clip; None for one that looks at motion maps."""
    if name in [each.name for each in recipes.RECIPES]:
        return None
    if name in schedules.NAMES:
        schedule = schedules.find(name, "honest")
        return schedule.sample, schedule.window
    if name not in (*recognizers.shipped_names(), *recognizers.own_names()):
        raise DeadpanError(f"--victim {name}: no such recognizer; there is: {', '.join(_accepted(pictured))}")
    recognizer = Recognizer.load(name, "cpu")
    wrong = misfit(recognizer.window, recognizer.sample) if recognizer.kind == "clip" else ""
    if recognizer.kind not in ("motion28", "clip") or recognizer.labels != LABELS or wrong:
        raise DeadpanError(
            f"--victim {name}: tells {', '.join(recognizer.labels)} of {recognizer.kind}{wrong and f', a {wrong}'}; "
            f"expected {', '.join(LABELS)} of motion28 or clip"
        )
    return None if recognizer.kind == "motion28" else cast("Look", (recognizer.sample, recognizer.window))


def _accepted(pictured: bool) -> Iterator[str]:
    """The recognizers that may be asked, of motion maps or also of clips."""
    for name in (*recognizers.shipped_names(), *recognizers.own_names()):
        with suppress(DeadpanError):  # of a file that is damaged
            told = recognizers.find(name).description
            if told.labels == LABELS and told.kind in ("motion28", *(("clip",) if pictured else ())):
                yield name
    yield from (f"{name} (once trained)" for name in schedules.NAMES if pictured)


def _is_file(path: Path) -> bool:
    return path.suffix == ".npz" or path.is_file()


def _held(asked: Asked, looks: "Sequence[Look]", folder: Path, told: Told) -> list[Held]:
    from deadpan.calibration.grid.clips import ready

    if not asked.data and asked.synthetic is None:
        raise DeadpanError("give --data FILE, --data FOLDER or --synthetic FOLDER")
    folders = [(path, asked.dataset) for path in asked.data if not _is_file(path)]
    if asked.dataset is not None and len(folders) != 1:
        raise DeadpanError(f"--dataset {asked.dataset}: says what one folder holds; got {len(folders)} of them")
    folders += [(asked.synthetic, "synthetic")] if asked.synthetic is not None else []
    held = [Held(motion_maps.load(path)) for path in asked.data if (path, asked.dataset) not in folders]
    for path, layout in folders:
        with gather.skipping() as skip:
            samples = gather.samples(path, layout, asked.classes, skip)
            if asked.clips is not None and asked.clips < len(samples):
                console.print(
                    f"{asked.clips} of {len(samples)} clips are judged; all are made ready, for networks are known by "
                    "the clips that they learned from, and graphs are of all",
                    highlight=False,
                )
            model = face_landmarker(asked.landmarker)
            found = ready(samples, model, looks, folder, lambda done, of: told("clips aligned", done, of), skip)
        held.append(Held(found.maps, found))
    names = [str(name) for each in held for name in np.unique(each.maps.dataset)]
    if twice := {name for name in names if names.count(name) > 1}:
        raise DeadpanError(f"--data: {', '.join(sorted(twice))} is there twice; give each data set once")
    return held


def _targets(name: str, look: "Look | None", held: Held) -> "list[Target]":
    from deadpan.calibration.targets.on_clips import OnClips
    from deadpan.calibration.targets.on_maps import OnMaps

    maps = held.maps
    if look is None:
        victim = _of_maps(name, maps)
        return [OnMaps(maps.only(maps.dataset == each), victim) for each in np.unique(maps.dataset)]
    if held.ready is None:
        return []
    return [OnClips(held.ready.looks[look], *_of_clips(name, held.ready.looks[look]))]


def _of_maps(name: str, maps: Maps) -> "Victim":
    from deadpan.calibration.targets import judges

    (first,) = gather.victims(name, maps, "--victim", (SEED,))
    return judges.of_maps(name, maps, first.seed) if isinstance(first, folds.Folds) else first


def _of_clips(name: str, aligned: "Aligned") -> "tuple[Victim, Folds | None]":
    """Fold networks for who was learned from; else the finished recognizer, which must not have seen these people."""
    from deadpan.calibration.effect.victims import Final
    from deadpan.calibration.targets import judges

    trained = judges.trained(name, aligned.clips) if name in schedules.NAMES else None
    if trained is not None:
        return judges.of_folds(trained), trained
    try:
        finished = Recognizer.load(name, "cpu")
    except DeadpanError as error:
        option = "--synthetic" if "synthetic" in aligned.clips.dataset else "--data"
        raise DeadpanError(
            f"--victim {name}: has no fold networks for these clips, and is no finished recognizer; run `deadpan train "
            f"{name} {option} FOLDER --folds-only`; that needs {folds.EXTRA}"
        ) from error
    console.print(
        f"{printable(name)} is asked as it is: if it learned from these people, it is harder to fool than on others",
        highlight=False,
        markup=False,
    )
    return Final(finished), None
