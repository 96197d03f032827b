"""`deadpan calibrate`: from data to a plan, the report on it, and a plain verdict."""

import functools
import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from deadpan.app.commands import calibrate_decoy, calibrate_leftover, gather
from deadpan.app.commands.options import (
    Dask,
    Jobs,
    JsonFile,
    LandmarkerFile,
    StickerName,
    console,
    face_landmarker,
    refuse_unused,
    write_json,
)
from deadpan.app.commands.outputs import check_place
from deadpan.app.commands.progress import progress
from deadpan.app.commands.stopping import stoppable
from deadpan.models.errors import DeadpanError
from deadpan.models.workers import cluster
from deadpan.stickers import sticker as stickers
from deadpan.stickers.sticker import Sticker

if TYPE_CHECKING:
    from deadpan.calibration.effect.victims import Victim
    from deadpan.calibration.findings import Calibration, Settings
    from deadpan.calibration.sources.source import Sample

RULES = ("causal+effect", "effect", "stability", "outdegree")  # as calibration has them, which loads only when called
DEFAULT_OUTPUT = Path("plan.json")

app = typer.Typer(no_args_is_help=False)
app.command("decoy")(calibrate_decoy.decoy)
app.command("leftover")(calibrate_leftover.leftover)


@app.callback(invoke_without_command=True)
@stoppable()
def calibrate(
    context: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Motion maps (mer_flow.npz), or a data set's folder: CASME, CASME II, CAS(ME)², SAMM, SMIC, "
            "what `deadpan synth` wrote, or pictures in a folder per class.",
            metavar="FILE|FOLDER",
            show_default=False,
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(help="How the folder is laid out, where that cannot be seen from it.", show_default=False),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            help="Which samples of a data set count: those of the MEGC 2019 composite, or the paper's, which keep "
            "fear and sadness.",
            metavar="megc|paper",
            show_default="megc",
        ),
    ] = None,
    camera: Annotated[
        str | None,
        typer.Option(
            help="Instead of data: your own face, before this camera. No picture is kept.", show_default=False
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long --camera looks at you.", min=14, max=600)] = 60.0,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the plan.")] = DEFAULT_OUTPUT,
    report: Annotated[
        Path | None, typer.Option(help="Write a report for people to this file (HTML).", show_default=False)
    ] = None,
    json: JsonFile = None,
    choose: Annotated[
        str | None,
        typer.Option(
            help="What decides: the measured effect, with the graph where effects cannot be told apart; effect alone; "
            "how stable a region's rank in the graph is; or the paper's out-degree.",
            metavar="|".join(RULES),
            show_default="causal+effect; stability for stills",
        ),
    ] = None,
    count: Annotated[int, typer.Option(help="Stickers that the plan may use.", min=1, max=5)] = 5,
    k: Annotated[float, typer.Option(help="A sticker's size in tenths of the face: 1, 2, 3 or 4.", min=1, max=4)] = 3.0,
    pixels: Annotated[
        bool,
        typer.Option(
            "--pixels",
            help="Tell what the paper's public code says, too, beside its control; chooses nothing.",
        ),
    ] = False,
    feature: Annotated[
        str, typer.Option(help="What of the motion the graph is about.", metavar="strain|magnitude|direction")
    ] = "strain",
    resamples: Annotated[
        int, typer.Option(help="Of the data, to see how stable the graph is.", min=10, max=10000)
    ] = 500,
    recognizer: Annotated[str, typer.Option(help="Whose answers decide.", metavar="NAME")] = "motion",
    test_recognizer: Annotated[
        str, typer.Option(help="Who judges the choice on people that had no part in it.", metavar="NAME|none")
    ] = "motion-large",
    seed: Annotated[int, typer.Option(help="Of all that is drawn at random.", min=0)] = 0,
    clips: Annotated[
        int,
        typer.Option(
            help="Of a folder of clips, how many to try the choice on with real stickers on their pictures, beside "
            "the paper's region and random places: about 3 seconds a clip. 0: none.",
            min=0,
        ),
    ] = 0,
    sticker: StickerName = "smiley",
    landmarker: LandmarkerFile = None,
    jobs: Jobs = os.cpu_count() or 1,
    dask: Dask = None,
) -> None:
    """Decide what to hide: the causal graph over the face's regions, how stable it is, and what hiding them does."""
    if context.invoked_subcommand is not None:
        if data is not None or camera is not None:
            raise DeadpanError(f"options of {context.invoked_subcommand} stand behind it")
        return
    from deadpan.calibration import calibrate as calibrating
    from deadpan.calibration import findings
    from deadpan.calibration.graph.features import FEATURES

    # What a plan says of where it comes from: neither paths of this machine, nor a URL, which may hold a password, nor
    # a device by its serial number.
    origin = data.resolve().name if data is not None else f"camera {camera if str(camera).isdigit() else 'DEVICE'}"
    if (data is None) == (camera is None):
        raise DeadpanError("give --data FILE or --data FOLDER, or --camera 0 for your own face; one of them")
    still = gather.is_stills(data, layout)
    _check_unused(context, data, still, clips)
    if recognizer == test_recognizer:
        raise DeadpanError(gather.SAME.format(test_recognizer))
    choose = choose or ("stability" if still else RULES[0])
    _one_of("--choose", choose, RULES)
    if still and "effect" in choose:
        raise DeadpanError(
            f"--choose {choose}: {data} holds stills, and hiding changes no motion there; take stability"
        )
    _one_of("--feature", feature, FEATURES)
    folder = gather.is_clips(data, still)
    for option, given in (("--clips", clips), ("--classes", classes)):
        if given and not folder:
            raise DeadpanError(f"{option} {given}: is for a folder of clips; {origin} is none")
    art = stickers.load(sticker)
    if k != int(k):
        raise DeadpanError(f"--k {k:g}: stickers are measured at 1, 2, 3 and 4 tenths; choose one of these")
    _check_outputs(data, {"-o": output, "--report": report, "--json": json})
    settings = findings.Settings(
        feature,
        resamples=resamples,
        seed=seed,
        jobs=jobs,
        rule=choose,
        count=count,
        k=k,
        pixels=pixels,
    )
    command = written(origin, layout, seconds if camera else None, settings, recognizer, test_recognizer)
    command += f" --classes {classes}" if classes else ""
    command += f" --clips {clips} --sticker {shlex.quote(art.name)}" if clips else ""
    with progress() as told, cluster(dask, jobs):
        if still:
            assert data is not None
            features, labels = gather.stills(data, landmarker, told)
            found = calibrating.of_stills(origin, features, labels, settings, told)
        else:
            gathered = gather.maps(data, layout, classes, camera, seconds, landmarker, output, told)
            victims, testers = gather.panels(recognizer, test_recognizer, gathered.maps)
            found = calibrating.calibrate(origin, gathered.maps, victims, testers, settings, told)
            if clips:
                laying = functools.partial(told, "stickers on the pictures")
                found = _on_pictures(found, gathered.clips, landmarker, victims, art, clips, laying)
    # A plan that is called plan.json is named for what it was made of: "plan" says nothing.
    name = output.stem if output.stem != DEFAULT_OUTPUT.stem else Path(origin).stem
    _write(found, name, command, output, report, json)


def written(origin: str, layout: str | None, seconds: float | None, settings: "Settings", *judges: str) -> str:
    """The command in full, whatever was left to the defaults, on data called `origin`."""
    words = ["deadpan", "calibrate"]
    if seconds is not None:
        words += ["--camera", origin.removeprefix("camera "), "--seconds", f"{seconds:g}"]
    else:
        words += ["--data", origin]
    words += ["--layout", layout] if layout else []
    words += ["--choose", settings.rule, "--count", str(settings.count), "--k", f"{settings.k:g}"]
    words += ["--pixels"] if settings.pixels else []
    words += ["--feature", settings.feature, "--resamples", str(settings.resamples)]
    words += ["--recognizer", judges[0], "--test-recognizer", judges[1], "--seed", str(settings.seed)]
    return shlex.join(words)


def _on_pictures(
    found: "Calibration",
    samples: "Sequence[Sample]",
    landmarker: Path | None,
    victims: "Sequence[Victim]",
    art: Sticker,
    most: int,
    told: Callable[[int, int], None],
) -> "Calibration":
    """`found` with what stickers do on the pictures, or as it was, and why: by then much work lies behind it."""
    from deadpan.calibration.on_pictures import on_pictures

    try:
        with gather.skipping() as skip:
            return on_pictures(found, samples, face_landmarker(landmarker), victims, art, most, told=told, skip=skip)
    except DeadpanError as error:
        console.print(f"[yellow]nothing was measured on the pictures:[/] {escape(str(error))}", highlight=False)
        return found


def _one_of(option: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise DeadpanError(f"{option} {word}: expected one of {', '.join(known)}")


def _check_unused(context: typer.Context, data: Path | None, still: bool, clips: int) -> None:
    if data is None:
        refuse_unused(context, "before a camera", "layout")
    else:
        refuse_unused(context, "without --camera", "seconds")
    if still:
        refuse_unused(context, "on stills", "pixels", "feature", "recognizer", "test_recognizer")
    if not clips:
        refuse_unused(context, "without --clips", "sticker")


def _check_outputs(data: Path | None, outputs: dict[str, Path | None]) -> None:
    """Refuse places to write to before the long work, not after."""
    given = [(option, path) for option, path in outputs.items() if path is not None]
    for option, path in given:
        check_place(option, path)
        if path.exists() and not path.is_file():  # a plan is moved to its place, and would put an end to a device
            raise DeadpanError(f"{option} {path}: is no file; name another place")
        if data is not None and path.exists() and data.exists() and path.samefile(data):
            raise DeadpanError(f"{option} {path}: is the data that is read; choose another name")
    if len({path.resolve() for _, path in given}) < len(given):
        raise DeadpanError(f"{', '.join(option for option, _ in given)}: two of them are the same file")


def _write(found: "Calibration", name: str, command: str, output: Path, report: Path | None, json: Path | None) -> None:
    from deadpan.calibration import planning, record
    from deadpan.calibration.report import page as reports
    from deadpan.calibration.report import wording
    from deadpan.models import fetch

    made = planning.plan(found, name[:100], command)
    fetch.store(output, (made.model_dump_json(indent=1) + "\n").encode())
    if report is not None:
        fetch.store(report, reports.render(found, made).encode())
    write_json(json, record.record(found, made))
    print("\n".join(wording.verdict(found)))
    print(f"plan: {output}" + (f"; report: {report}" if report is not None else ""))
    print(f"use it: deadpan run --plan {shlex.quote(str(output))}")
