"""What `deadpan calibrate` works on: maps from a file, a folder or the camera, or stills; and who judges them."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deadpan.app.commands.options import console, face_landmarker, printable, reader
from deadpan.models import folds
from deadpan.models import maps as motion_maps
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import Maps
from deadpan.models.training import recipes

if TYPE_CHECKING:
    from deadpan.calibration.effect.victims import Victim
    from deadpan.calibration.graph.features import Features
    from deadpan.calibration.sources.source import Sample, Skipped

Told = Callable[[str, int, int], None]
LEARNED_FROM = {"casme2", "samm", "smic", "smic-vis", "smic-nir"}
"""Data sets whose people the finished recognizers have learned from, seen by whatever camera: only a fold without them
may judge them."""
SAME = "{}: would choose and test, and a test takes another; name one with --test-recognizer, or none"
SEEDS = (0, 1)
"""Trainings that judge together, so that one network's whim decides nothing."""
SHOWN = 12
"""Reasons why samples cannot be used, the rarest first: hundreds of one class that is left out hide no damaged file."""


@dataclass(frozen=True, eq=False)
class Gathered:
    """Motion maps, and the clips that they were measured on."""

    maps: Maps
    clips: "tuple[Sample, ...]" = ()
    """Those of a folder, in the maps' order; none where there are maps only."""


def maps(
    data: Path | None,
    layout: str | None,
    classes: str | None,
    camera: str | None,
    seconds: float,
    landmarker: Path | None,
    output: Path,
    told: Told,
) -> Gathered:
    """The maps that the options mean; what was measured here is kept beside `output`, so that it need not be again."""
    if data is not None and (data.is_file() or data.suffix == ".npz"):
        if layout is not None:
            raise DeadpanError(f"--layout {layout}: {data} is a file of motion maps, which has no layout")
        return Gathered(motion_maps.load(data))
    from deadpan.calibration.sources.measuring import store

    if camera is not None:
        found = Gathered(_of_camera(camera, seconds, landmarker, told))
    else:
        assert data is not None
        found = _of_folder(data, layout, classes, landmarker, told)
    kept = output.with_suffix(".maps.npz")
    store(found.maps, kept)
    console.print(
        f"{len(found.maps)} motion maps, no pictures, are kept in {kept}: --data takes them, too", highlight=False
    )
    return found


def is_clips(data: Path | None, still: bool) -> bool:
    """Whether `data` can only be a folder of clips."""
    return data is not None and data.is_dir() and not still


def is_stills(data: Path | None, layout: str | None) -> bool:
    """Whether `data` is a folder of pictures per class, which hold no motion."""
    from deadpan.calibration.sources.find import guess
    from deadpan.calibration.sources.images import Images
    from deadpan.calibration.sources.source import BadSource

    if data is None or not data.is_dir():
        return False
    if layout is not None:
        return layout == Images.name
    try:
        return not guess(data) and bool(Images(data).classes)
    except BadSource:
        return False  # and `maps` says what is wrong with it


def stills(folder: Path, landmarker: Path | None, told: Told) -> "tuple[Features, tuple[str, ...]]":
    """What a recognizer of open expressions sees in each region of each picture, and what each picture shows."""
    from deadpan.calibration.sources.images import Images
    from deadpan.calibration.sources.stills import measure

    source = Images(folder)
    model = face_landmarker(landmarker)
    with skipping() as skip:
        seen = measure(source.pictures(skip), model, lambda done, of: told("looking at the pictures", done, of), skip)
    return seen.features, tuple(source.classes[label] for label in seen.label)


def victims(name: str, these: Maps, option: str, seeds: tuple[int, ...] = SEEDS) -> "list[Victim]":
    """The trainings of the recognizer `name`, one a seed, that may judge `these` maps.

    For people whom it has learned from, its fold networks, or `FoldsMissing`; for others the finished recognizer.
    """
    from deadpan.calibration.effect.victims import Final

    known = name in [each.name for each in recipes.RECIPES]
    if known:
        try:
            return [folds.load(name, these, seed) for seed in seeds]
        except folds.FoldsMissing:
            if LEARNED_FROM & set(these.dataset.tolist()):
                raise
    finished = reader(name, option=option)
    if not known:
        console.print(
            f"{name} is asked as it is: if it learned from these people, it is harder to fool than on others",
            highlight=False,
            markup=False,
        )
    return [Final(finished)]


def panels(recognizer: str, test_recognizer: str, these: Maps) -> "tuple[list[Victim], list[Victim]]":
    """Who chooses and who tests."""
    wanted = {"--recognizer": recognizer, "--test-recognizer": test_recognizer}
    asked = {option: name for option, name in wanted.items() if (option, name) != ("--test-recognizer", "none")}
    found = dict(zip(asked, groups([(name, option) for option, name in asked.items()], these), strict=True))
    choosing, testing = found["--recognizer"], found.get("--test-recognizer", [])
    if {each.identity for each in choosing} & {each.identity for each in testing}:
        raise DeadpanError(SAME.format(test_recognizer))
    return choosing, testing


def groups(
    wanted: Sequence[tuple[str, str]], these: Maps, find: "Callable[[str, Maps, str], list[Victim]]" = victims
) -> "list[list[Victim]]":
    """The victims of each name and option; fold networks that are missing are told all at once, for they take long."""
    found: list[list[Victim]] = []
    missing: dict[str, str] = {}
    for name, option in wanted:
        try:
            found.append(find(name, these, option))
        except folds.FoldsMissing as error:
            missing[name] = error.lack
    if missing:
        raise folds.FoldsMissing(next(iter(missing.values())), *missing, seeds=len(SEEDS))
    return found


@contextlib.contextmanager
def skipping() -> "Iterator[Callable[[Skipped], None]]":
    """Collects what cannot be used, and in the end says so: how many for each reason, the rarest first, one by name."""
    skipped: list[Skipped] = []
    try:
        yield skipped.append
    finally:
        reasons: dict[str, list[str]] = {}
        for each in skipped:
            reasons.setdefault(each.why, []).append(each.where)
        for why, where in sorted(reasons.items(), key=lambda reason: len(reason[1]))[:SHOWN]:
            said = f"{where[0]}: {why}" if len(where) == 1 else f"{len(where)}, such as {where[0]}: {why}"
            console.print(f"skipped: {printable(said)}", highlight=False, markup=False)
        if len(skipped) > 1:
            console.print(f"skipped: {len(skipped)} in all", highlight=False)


def samples(folder: Path, layout: str | None, classes: str | None, skip: "Callable[[Skipped], None]") -> "list[Sample]":
    """The usable samples of a data set's folder; says how many there are of each class."""
    from deadpan.calibration.sources.classes import BY_NAME, MEGC, summary
    from deadpan.calibration.sources.find import find

    if classes is not None and classes not in BY_NAME:
        raise DeadpanError(f"--classes {classes}: expected one of {', '.join(BY_NAME)}")
    chosen = MEGC if classes is None else BY_NAME[classes]
    maps_here = sorted(folder.glob("*.npz"))
    try:
        source = find(layout, folder, chosen)
    except DeadpanError as error:
        if layout is None and maps_here:
            raise DeadpanError(f"{folder}: no data set; its motion maps are taken by --data {maps_here[0]}") from error
        raise
    found = list(source.samples(skip))
    for line in summary(found, chosen):
        console.print(printable(line), highlight=False, markup=False)
    return found


def _of_folder(folder: Path, layout: str | None, classes: str | None, landmarker: Path | None, told: Told) -> Gathered:
    from deadpan.calibration.sources.measuring import measure

    with skipping() as skip:
        usable = samples(folder, layout, classes, skip)
        model = face_landmarker(landmarker)
        found = measure(usable, model, lambda done, of: told("measuring the clips", done, of), skip)
    measured = set(zip(found.dataset.tolist(), found.clip.tolist(), strict=True))
    return Gathered(found, tuple(each for each in usable if (each.dataset, each.name) in measured))


def _of_camera(name: str, seconds: float, landmarker: Path | None, told: Told) -> Maps:
    from deadpan.app.commands.cameras import open_camera
    from deadpan.calibration.sources.own_face import TOO_FEW, OwnFace

    model = face_landmarker(landmarker)
    with contextlib.ExitStack() as opened:
        camera = open_camera(name, None, 30.0, paced=True)
        opened.callback(camera.close)
        own = opened.enter_context(OwnFace(model, seconds))
        for frame in camera:
            moment = own.step(frame)
            note = f"{moment.note}; " if moment.note else ""
            told(f"{moment.text}  ({note}{moment.usable} usable)", round(1000 * moment.share), 1000)
            if moment.done:
                break
        if own.usable < TOO_FEW:
            console.print(f"[yellow]only {own.usable} movements were usable: too few to tell much[/]", highlight=False)
        return own.maps()
