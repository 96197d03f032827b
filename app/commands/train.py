"""`deadpan train`: a recognizer of motion maps or of clips, its honest figures, and its file."""

import hashlib
import importlib.util
import os
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Annotated

import typer

from deadpan.app.commands import train_clips
from deadpan.app.commands.options import Dask, Jobs, LandmarkerFile, console, refuse_unused
from deadpan.app.commands.progress import progress
from deadpan.app.commands.stopping import stoppable
from deadpan.models import fetch, folds
from deadpan.models import maps as motion_maps
from deadpan.models.description import describe
from deadpan.models.errors import DeadpanError
from deadpan.models.training import card, figures, recipes
from deadpan.models.training.clips import schedules
from deadpan.models.workers import cluster

NEEDED = ("torch", "onnx")
"""What only training needs; the extra `train` brings it."""
FINAL_SEED = 0


@stoppable("stopped; finished folds are kept, and the same command goes on from there")
def train(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(help=f"Which: {', '.join((*(each.name for each in recipes.RECIPES), *schedules.NAMES))}."),
    ],
    data: Annotated[
        Path | None,
        typer.Option(help="The motion maps, mer_flow.npz; or, for a recognizer of clips, a data set's folder."),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Which data set the folder holds; by default its layout says.", metavar="LAYOUT")
    ] = None,
    synthetic: Annotated[
        Path | None, typer.Option(help="Clips: a folder that `deadpan synth` wrote, instead of --data.")
    ] = None,
    classes: Annotated[
        str | None, typer.Option(help="Clips: which samples of a data set count.", metavar="megc|paper")
    ] = None,
    protocol: Annotated[
        str, typer.Option(help="Clips: who judges; the published ones leak.", metavar="honest|published")
    ] = "honest",
    groups: Annotated[
        int, typer.Option("--folds", help="Clips: groups of people; as many as people leaves one out.", min=2)
    ] = 3,
    epochs: Annotated[
        int | None, typer.Option(help="Clips: at most, instead of the schedule's.", min=1, show_default=False)
    ] = None,
    depth: Annotated[
        int | None, typer.Option(help="Clips: pictures of each.", min=2, max=256, show_default=False)
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(help="Trainings a fold, with seeds 0, 1, …; 5 for motion, 1 for clips.", min=1, max=100),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder for NAME.onnx, NAME.json and NAME.md; for clips by default your own recognizers'. Of motion, "
            "`deadpan models add` takes what lies there under another name.",
            show_default=False,
        ),
    ] = None,
    folds_only: Annotated[
        bool, typer.Option("--folds-only", help="Fill the cache of fold networks and print the figures; write nothing.")
    ] = False,
    jobs: Jobs = os.cpu_count() or 1,
    dask: Dask = None,
    landmarker: LandmarkerFile = None,
) -> None:
    """Train with people left out, print UF1 and UAR, then train on everybody and write weights and card.

    Finished folds are kept: a second run goes on where the first one stopped. Nothing is random but by its seed.
    """
    if name in schedules.NAMES:
        source = train_clips.Source(data, dataset, synthetic, classes, landmarker)
        source.check(name)
        schedule = train_clips.adapted(schedules.find(name, protocol), epochs, depth)
        _check_needed()
        train_clips.train(schedule, source, groups, seeds or 1, out, folds_only, jobs, dask)
        return
    known = [each.name for each in recipes.RECIPES]
    if name not in known:
        raise DeadpanError(f"{name} cannot be trained; there is: {', '.join((*known, *schedules.NAMES))}")
    recipe = recipes.find(name)
    of_clips = ("dataset", "synthetic", "classes", "protocol", "groups", "epochs", "depth", "landmarker")
    refuse_unused(context, "on a recognizer of motion maps", *of_clips)
    if data is None:
        raise DeadpanError(f"{name} learns from motion maps: got none; expected --data FILE, such as mer_flow.npz")
    maps = motion_maps.load(data)
    seeds = seeds or 5
    if not folds_only:
        if out is None:
            raise DeadpanError(f"{name} comes with deadpan: say with -o FOLDER where yours goes, or take --folds-only")
        train_clips.check_folder(out)
    _check_needed()
    _leave_one_out(name, maps, seeds, jobs, dask)
    predicted = [folds.load(name, maps, seed).probabilities.argmax(axis=1) for seed in range(seeds)]
    rows = figures.measure(maps, predicted)
    for row in rows:
        print(f"{row.name}: UF1 {row.uf1}, UAR {row.uar} ({row.maps} maps, {row.subjects} subjects, {seeds} seeds)")
    if out is None or folds_only:
        return
    command = f"deadpan train {name} --data {data} --seeds {seeds} -o {out}"
    _publish(recipe, maps, range(seeds), rows, command, out)


def _check_needed() -> None:
    missing = [package for package in NEEDED if importlib.util.find_spec(package) is None]
    if missing:
        raise DeadpanError(f"training needs {' and '.join(missing)}; {folds.EXTRA}")


def _leave_one_out(name: str, maps: motion_maps.Maps, seeds: int, jobs: int, dask: str | None) -> None:
    from deadpan.models.training import loso

    done, total = count(1), len(maps.subjects) * seeds
    with progress() as told, cluster(dask, jobs) as at_once:
        trained = loso.train(name, maps, range(seeds), at_once, lambda: told(f"{name}: folds", next(done), total))
    print(f"{name}: {trained} fold networks trained, the others were there, in {folds.folder(name, maps)}")


def _publish(
    recipe: recipes.Recipe,
    maps: motion_maps.Maps,
    seeds: range,
    rows: tuple[figures.Row, ...],
    command: str,
    out: Path,
) -> None:
    """Train on everybody and write NAME.onnx, NAME.json and NAME.md; nothing is written unless ONNX equals torch."""
    from deadpan.models.training import loso
    from deadpan.models.training.export import probabilities, to_onnx
    from deadpan.models.training.fit import fit

    with console.status(f"{recipe.name}: on all {len(maps)} maps"):
        networks = fit(recipe, maps.motion, maps.label, FINAL_SEED)
    content = to_onnx(networks, flip=recipe.flip_average)
    difference = loso.difference(
        folds.run(folds.open_network(content, recipe.name), maps.motion),
        probabilities(networks, maps.motion, flip=recipe.flip_average),
        recipe.name,
    )
    run = card.Training(
        recipe=recipe,
        maps=maps,
        seeds=seeds,
        rows=rows,
        parameters=sum(weight.numel() for network in networks for weight in network.parameters()),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        difference=difference,
        command=command,
        versions=", ".join(f"{package} {version(package)}" for package in (*NEEDED, "numpy")),
    )
    described = describe(
        content, recipe.name, "motion28", motion_maps.LABELS, licence=card.LICENCE, card=f"{recipe.name}.md"
    )
    fetch.store(out / f"{recipe.name}.onnx", content)
    fetch.store(out / f"{recipe.name}.json", described.to_json().encode())
    fetch.store(out / f"{recipe.name}.md", card.write(run).encode())
    print(f"{out / recipe.name}.onnx: {len(content):,} bytes, sha256 {run.sha256}")
    print(f"torch and ONNX Runtime differ by at most {difference:.1g} on {len(maps)} maps")
