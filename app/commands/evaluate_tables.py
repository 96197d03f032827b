"""`deadpan evaluate tables`: the papers' experiments, victims × data sets × stickers × sizes × placements."""

import json
import os
import platform
import shlex
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from deadpan.app.commands import gather
from deadpan.app.commands.cases import Asked, cases
from deadpan.app.commands.options import Dask, Jobs, LandmarkerFile, face_landmarker
from deadpan.app.commands.outputs import check_place
from deadpan.app.commands.progress import Told, progress
from deadpan.app.commands.stopping import stoppable
from deadpan.models import fetch
from deadpan.models.errors import DeadpanError
from deadpan.models.workers import cluster
from deadpan.stickers.sticker import load

if TYPE_CHECKING:
    from deadpan.calibration.grid.cell import Case
    from deadpan.calibration.grid.run import Ran
    from deadpan.calibration.tables.shift import Shift
    from deadpan.calibration.targets.on_clips import OnClips
    from deadpan.calibration.targets.on_maps import OnMaps

KEPT = "stopped; what is finished is kept, and the same command goes on from there"


@stoppable(KEPT)
def tables(
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="Motion maps (mer_flow.npz), or a data set's folder; may be given more than once.",
            metavar="FILE|FOLDER",
            show_default=False,
        ),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Which data set the folder holds; by default its layout says.", metavar="LAYOUT")
    ] = None,
    synthetic: Annotated[
        Path | None, typer.Option(help="A folder that `deadpan synth` wrote, beside or instead of --data.")
    ] = None,
    classes: Annotated[
        str | None, typer.Option(help="Which samples of a data set count.", metavar="megc|paper")
    ] = None,
    victims: Annotated[
        list[str] | None,
        typer.Option(
            "--victim",
            help="A recognizer of motion or of clips; may be given more than once. By default motion-large and motion.",
            metavar="NAME",
        ),
    ] = None,
    stickers: Annotated[
        list[str] | None,
        typer.Option(
            "--sticker", help="A sticker's name, or a PNG with alpha; may be given more than once.", metavar="NAME|PNG"
        ),
    ] = None,
    ks: Annotated[
        list[float] | None,
        typer.Option("--k", help="A sticker's size in tenths of the face; may be given more than once.", min=1, max=4),
    ] = None,
    placements: Annotated[
        list[str] | None,
        typer.Option(
            "--placement",
            help="region (each of the 14), region:NAME, random, causal, causal:DATASET (another's graph), exhaustive; "
            "by default these. rhde, rhde-free (keeps off brows, eyes, mouth and nose) ask thousands of times about "
            "every clip: with the first sticker, at the first size. uap, uap-still, uap-noise: perturbations learned "
            "on other people, of clips by fold networks only. May be given more than once.",
        ),
    ] = None,
    clips: Annotated[
        int | None,
        typer.Option(help="Judge so many of each data set, spread over people and classes.", min=1, show_default="all"),
    ] = None,
    stills: Annotated[
        str | None,
        typer.Option(
            help="Also tell how a sticker shifts what fer2013 says of pictures in a folder per class; faces: of nine "
            "people whose pictures everybody can have.",
            metavar="FOLDER|faces",
            show_default=False,
        ),
    ] = None,
    draws: Annotated[int, typer.Option(help="Random places for each clip.", min=1, max=1000)] = 20,
    seed: Annotated[int, typer.Option(help="Of all that is drawn at random.", min=0)] = 0,
    jobs: Jobs = os.cpu_count() or 1,
    dask: Dask = None,
    landmarker: LandmarkerFile = None,
    out: Annotated[
        Path,
        typer.Option(
            "-o", "--out", help="Folder for table.csv, report.html, report.md and what is kept for the next run."
        ),
    ] = Path("tables"),
) -> None:
    """Lay stickers on clips in every way that is compared, and count what becomes of the victims' answers.

    People from whom deadpan's recognizers learned are judged by networks that never saw them; a recognizer of your own
    is asked as it is, and the report says so. In OUT are kept: each finished cell, so that a run that was ended goes on
    where it stopped; and a folder's clips, each as soon as it is aligned, which show faces (for LEARNet, STCNN and
    MMNet .75 MB and about a second of work a clip). Several processes share them in memory, where a run that is killed
    (Ctrl-C is not) leaves them, readable by you alone, until the next run or the machine's end; a Dask cluster's
    workers hold them until they end. The same seed gives the same table, whoever works on it.
    """
    from deadpan.calibration.graph.features import of_maps
    from deadpan.calibration.grid import asking, run, table
    from deadpan.calibration.tables import markdown, page, verdict, winners
    from deadpan.calibration.tables.findings import Experiment
    from deadpan.calibration.tables.row import write

    sizes, chosen = tuple(dict.fromkeys(ks or (2.0,))), tuple(dict.fromkeys(placements or asking.USUAL))
    given = Asked(
        *(tuple(data or ()), dataset, synthetic, classes, tuple(dict.fromkeys(victims or ("motion-large", "motion")))),
        *(tuple(dict.fromkeys(stickers or ("smiley",))), clips, seed, landmarker),
    )
    asking.check(chosen)
    _check_folder(out)
    with progress() as told:
        shift = None if stills is None else _shift(stills, given, verdict.at_length(sizes), draws, told)
        these, maps = cases(given, out / "clips", told)
        asked = [(case, asking.cells(case, sizes, chosen, draws)) for case in these]
        with cluster(dask, jobs, these) as at_once:
            ran = run.run(asked, out / "cells", at_once, told)
            winning = [
                winners.of(name, of_maps(each), each, seed=seed, jobs=at_once, told=told) for name, each in maps.items()
            ]
        told("intervals over people", 0, 0)
        rows = [row for case, cells in asked for row in table.rows(case, run.found(case, cells, out / "cells"), chosen)]
        words = [word for each in sizes for word in ("--k", f"{each:g}")]
        words += [word for each in chosen for word in ("--placement", each)]
        words += [] if stills is None else ["--stills", Path(stills).resolve().name]
        words += ["--draws", str(draws), "-o", out.resolve().name]
        found = Experiment(
            rows=tuple(rows),
            command=shlex.join(["deadpan", "evaluate", "tables", *given.words(), *words]),
            versions={"deadpan": version("deadpan"), "NumPy": version("numpy"), "Python": platform.python_version()},
            winners=tuple(winning),
            shift=shift,
            notes=(*_judged(these), *(learned := tuple(_learned(these, chosen)))),
        )
        told("drawing the report", 0, 0)
        for name, content in (("csv", write(rows)), ("html", page.render(found)), ("md", markdown.render(found))):
            fetch.store(out / f"{'table' if name == 'csv' else 'report'}.{name}", content.encode())
    for note in learned:
        print(note)
    _tell(ran, at_once, out)


def _judged(these: "Sequence[Case]") -> Iterator[str]:
    """Of each victim, whether it had learned from the people whom it judges."""
    from deadpan.calibration.targets.judges import Judges

    for name in dict.fromkeys(case.target.name for case in these):
        judges = [cast("OnMaps | OnClips", case.target).victim for case in these if case.target.name == name]
        if all(isinstance(each, Judges) for each in judges):
            yield f"{name}: each person is judged by a network that never saw them."
        else:
            yield f"{name} is asked as it is: had it learned from these people, it would be harder to fool on others’."


def _learned(these: "Sequence[Case]", placements: Sequence[str]) -> Iterator[str]:
    """How universal perturbations were learned; where they could not be, that they are left out."""
    from deadpan.calibration.grid.asking import has_folds
    from deadpan.calibration.grid.cell import UNIVERSAL

    for placement in [each for each in UNIVERSAL if each in placements]:
        without = {case.target.name for case in these if not has_folds(case)}
        if without:
            yield f"{placement} is left out for {', '.join(sorted(without))}: only fold networks of clips can teach it."
        for case in these if placement != "uap-noise" else ():
            if has_folds(case):
                from deadpan.calibration.universal.outcome import sentence

                yield sentence(cast("OnClips", case.target), placement, case.seed)


def _shift(stills: str, given: Asked, k: float, draws: int, told: Told) -> "Shift":
    """Fig. 1, with the first of the stickers, at the size at which the other figures are."""
    from deadpan.calibration.tables import fig_1

    def looking(done: int, of: int) -> None:
        told("looking at the pictures", done, of)

    model, art = face_landmarker(given.landmarker), load(given.stickers[0])
    with gather.skipping() as skip:
        return fig_1.measure(stills, model, art, k, draws, given.seed, looking, skip)


def _check_folder(out: Path) -> None:
    """Refuse a place to write to before the work is done, not after."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DeadpanError(f"-o {out}: no folder can be made there ({error.strerror}); name another place") from error
    check_place("-o", out / "table.csv")


def _tell(ran: "Ran", jobs: int, out: Path) -> None:
    """How long it took: beside the table, never in it, for the table must be the same whoever made it."""
    spent, path = ran.spent, out / "run.json"
    record: dict[str, object] = {
        "cells": ran.cells,
        "asked": ran.asked,
        "jobs": jobs,
        "seconds": round(ran.seconds, 2),
        "answers": spent.answers,
        "answers_per_second": round(spent.answers / ran.seconds, 1) if ran.seconds else None,
        "recognizer_share": round(spent.network / spent.seconds, 3) if spent.seconds else None,
    }
    if ran.asked:  # beside what earlier runs took, each for the cells that it asked itself
        fetch.store(path, (json.dumps({"runs": [*_runs(path), record]}, indent=2) + "\n").encode())
    print(f"{out / 'table.csv'}, report.html, report.md: {ran.cells} cells, {ran.asked} of them new")
    if spent.seconds:
        speed = f"{spent.answers / ran.seconds:.0f} a second with {jobs} {'jobs' if jobs > 1 else 'job'}"
        share = f"{spent.network / spent.seconds:.0%} of the work was the recognizers'"
        print(f"{spent.answers} answers, one for each clip in each cell, in {ran.seconds:.0f} s: {speed}; {share}")


def _runs(path: Path) -> list[object]:
    try:
        runs = json.loads(path.read_bytes())["runs"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return runs if isinstance(runs, list) else []
