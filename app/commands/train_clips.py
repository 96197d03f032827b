"""The part of `deadpan train` for the recognizers of clips: LEARNet, STCNN and MMNet."""

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import count
from pathlib import Path

import numpy as np

from deadpan.app.commands.gather import samples, skipping
from deadpan.app.commands.options import console, face_landmarker
from deadpan.app.commands.progress import progress
from deadpan.models import fetch, recognizers
from deadpan.models.clips import Clips
from deadpan.models.description import describe
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import LABELS
from deadpan.models.recognizer import Recognizer
from deadpan.models.training.clips import card, folds, results, schedules, splits
from deadpan.models.training.clips.schedules import Schedule
from deadpan.models.workers import cluster

FINAL_SEED = 0


@dataclass(frozen=True)
class Source:
    """Where the clips come from, as the options say."""

    data: Path | None
    dataset: str | None
    synthetic: Path | None
    classes: str | None
    landmarker: Path | None

    def words(self) -> list[str]:
        """The options again, as they would be typed."""
        said = {
            "--data": self.data,
            "--dataset": self.dataset,
            "--synthetic": self.synthetic,
            "--classes": self.classes,
        }
        return [word for option, value in said.items() if value is not None for word in (option, str(value))]

    def check(self, name: str) -> None:
        """Raise `DeadpanError` unless one place is named that the recognizer can learn from."""
        if (self.data is None) == (self.synthetic is None):
            got = "neither" if self.data is None else "both"
            raise DeadpanError(f"{name} learns from --data FOLDER or from --synthetic FOLDER; got {got}")
        if self.synthetic is not None and self.dataset is not None:
            raise DeadpanError(f"--dataset {self.dataset}: says what --data holds; leave it out with --synthetic")


def adapted(schedule: Schedule, epochs: int | None, depth: int | None) -> Schedule:
    """The schedule with what the options change of it; raises `DeadpanError` for what cannot be."""
    if depth is not None:
        least = 17 if schedule.network == "stcnn" else 2
        if schedule.window != "frames" or depth < least:
            can = f"expected {least} at least" if schedule.window == "frames" else "it takes onset and apex"
            raise DeadpanError(f"--depth {depth}: not for {schedule.name}; {can}")
        schedule = replace(schedule, sample=(depth, *schedule.sample[1:]))
    return schedule if epochs is None else replace(schedule, epochs=epochs)


def train(
    schedule: Schedule,
    source: Source,
    groups: int,
    seeds: int,
    out: Path | None,
    folds_only: bool,
    jobs: int,
    dask: str | None,
) -> None:
    """Train the folds that are missing, print what they say, and unless `folds_only` write weights and card."""
    from deadpan.models.training.clips import fit

    if out is not None and not folds_only:
        check_folder(out)
    clips = _clips(schedule, source)
    these = folds.Folds(schedule, clips, splits.split(clips, schedule.split, groups))
    done, total = count(1), len(these.folds) * seeds * schedule.epochs
    with progress() as told, cluster(dask, jobs, [these]) as at_once:
        step = f"{schedule.name}: epochs"
        trained, of = folds.train(these, range(seeds), at_once, lambda: told(step, next(done), total))
    there = "" if trained == of else ", the others were there"
    print(f"{schedule.name}: {trained} of {of} fold networks trained{there}, in {these.folder}")
    rows = results.measure(these, range(seeds))
    leaky = "leaky, by the published protocol: " if schedule.leaky else ""
    for row in rows:
        found = f"UF1 {row.uf1}, UAR {row.uar} ({row.clips} clips, {row.subjects} subjects, {seeds} seeds)"
        print(f"{leaky}{row.name}: {found}")
    if folds_only:
        return
    words = ["deadpan", "train", schedule.name, *source.words(), "--seeds", str(seeds)]
    words += ["--protocol", "published"] if schedule.leaky else ["--folds", str(groups)]
    usual = schedules.find(schedule.name, "published" if schedule.leaky else "honest")
    words += ["--epochs", str(schedule.epochs)] if schedule.epochs != usual.epochs else []
    words += ["--depth", str(schedule.sample[0])] if schedule.sample != usual.sample else []
    words += [] if out is None else ["-o", str(out)]
    curve = results.curve(these, range(seeds), fit.cost(schedule))
    _publish(these, range(seeds), rows, curve, shlex.join(words), out or recognizers.own_folder())


def check_folder(out: Path) -> None:
    """Refuse a place to write to before the work is done, not after."""
    if not out.is_dir():
        raise DeadpanError(f"{out}: no such folder; make it, or name another with -o")
    if not os.access(out, os.W_OK):
        raise DeadpanError(f"{out}: cannot be written to; permit it, or name another with -o")


def _clips(schedule: Schedule, source: Source) -> Clips:
    from deadpan.calibration.sources.aligning import align

    layout = source.dataset if source.synthetic is None else "synthetic"
    with skipping() as skip:
        usable = samples(source.data or source.synthetic or Path(), layout, source.classes, skip)
        model = face_landmarker(source.landmarker)
        with progress() as told:
            return align(
                *(usable, model, schedule.sample, schedule.window),
                told=lambda done, of: told("aligning the clips", done, of),
                skip=skip,
            ).clips


def _publish(
    these: folds.Folds,
    seeds: Sequence[int],
    rows: Sequence[results.Row],
    curve: Sequence[results.Point],
    command: str,
    out: Path,
) -> None:
    from deadpan.models.training.clips import export, fit

    schedule, clips = these.schedule, these.clips
    epochs = int(np.median([each.epochs for seed in seeds for each in these.found(seed)]))
    with console.status(f"{schedule.name}: on all {len(clips)} clips, {epochs} epochs"):
        network = fit.fit(replace(schedule, epochs=epochs), clips, FINAL_SEED).network
    content = export.to_onnx(network, clips.sample)
    said = fit.probabilities(network, clips.pictures)
    difference = folds.difference(content, clips.pictures, said, schedule.name)
    name = schedule.name
    described = describe(content, name, "clip", LABELS, clips.window, licence=card.licence(clips), card=f"{name}.md")
    Recognizer(described, content, "cpu")  # it is what it says, or nothing is written
    run = card.Training(
        folds=these,
        seeds=seeds,
        rows=rows,
        curve=curve,
        epochs=epochs,
        parameters=sum(weight.numel() for weight in network.parameters()),
        sha256=described.sha256,
        size=len(content),
        difference=difference,
        command=command,
        versions=", ".join(f"{package} {version(package)}" for package in ("torch", "onnx", "numpy")),
    )
    fetch.store(out / f"{name}.onnx", content)
    fetch.store(out / f"{name}.md", card.write(run).encode())
    fetch.store(out / f"{name}.json", described.to_json().encode())
    print(f"{out / name}.onnx: {len(content):,} bytes, sha256 {described.sha256}")
    print(f"torch and ONNX Runtime differ by at most {difference:.1g} on {len(clips)} clips")
