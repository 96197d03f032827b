"""What `deadpan calibrate` works on: motion maps from a file, a folder or the camera, and recognizers to judge them."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from deadpan.app.commands.options import console, face_landmarker
from deadpan.models import folds
from deadpan.models import maps as motion_maps
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import Maps
from deadpan.models.recognizer import Recognizer
from deadpan.models.training import recipes

if TYPE_CHECKING:
    from deadpan.calibration.sources.source import Skipped
    from deadpan.calibration.victims import Victim

Told = Callable[[str, int, int], None]
LEARNED_FROM = {"casme2", "samm", "smic"}
"""Data sets whose people the finished recognizers have learned from: only a fold without them may judge them."""
SEEDS = (0, 1)
"""Trainings that judge together, so that one network's whim decides nothing."""
SHOWN = 5
"""Lines about samples that cannot be used; the rest is counted."""


def maps(
    data: Path | None,
    layout: str | None,
    camera: str | None,
    seconds: float,
    landmarker: Path | None,
    output: Path,
    told: Told,
) -> Maps:
    """The maps that the options mean; what was measured here is kept beside `output`, so that it need not be again."""
    if data is not None and (data.is_file() or data.suffix == ".npz"):
        if layout is not None:
            raise DeadpanError(f"--layout {layout}: {data} is a file of motion maps, which has no layout")
        return motion_maps.load(data)
    from deadpan.calibration.measuring import store

    if camera is not None:
        found = _of_camera(camera, seconds, landmarker, told)
    else:
        assert data is not None
        found = _of_folder(data, layout, landmarker, told)
    kept = output.with_suffix(".maps.npz")
    store(found, kept)
    console.print(f"{len(found)} motion maps, no pictures, are kept in {kept}: --data takes them, too", highlight=False)
    return found


def victims(name: str, these: Maps, option: str) -> "list[Victim]":
    """The trainings of the recognizer `name` that may judge `these` maps.

    For people whom it has learned from, its fold networks, or `FoldsMissing`; for others the finished recognizer.
    """
    from deadpan.calibration.victims import Final

    known = name in [each.name for each in recipes.RECIPES]
    if known:
        try:
            return [folds.load(name, these, seed) for seed in SEEDS]
        except folds.FoldsMissing:
            if LEARNED_FROM & set(these.dataset.tolist()):
                raise
    finished = Recognizer.load(name, "cpu")
    if finished.kind != "motion28" or finished.labels != motion_maps.LABELS:
        raise DeadpanError(
            f"{option} {name}: tells {', '.join(finished.labels)} of {finished.kind}; expected a recognizer that tells "
            f"{', '.join(motion_maps.LABELS)} of motion28"
        )
    return [Final(finished)]


def _of_folder(folder: Path, layout: str | None, landmarker: Path | None, told: Told) -> Maps:
    from deadpan.calibration.measuring import measure
    from deadpan.calibration.sources.find import find

    source = find(layout, folder)
    skipped: list[Skipped] = []
    samples = list(source.samples(skipped.append))
    model = face_landmarker(landmarker)
    try:
        return measure(samples, model, lambda done, of: told("measuring the clips", done, of), skipped.append)
    finally:
        for each in skipped[:SHOWN]:
            console.print(f"skipped: {each}", highlight=False, markup=False)
        if len(skipped) > SHOWN:
            console.print(f"skipped: {len(skipped)} in all", highlight=False)


def _of_camera(name: str, seconds: float, landmarker: Path | None, told: Told) -> Maps:
    from deadpan.app.commands.run import open_camera
    from deadpan.calibration.own_face import TOO_FEW, OwnFace

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
