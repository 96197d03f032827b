"""Options that several commands share, and what they mean."""

import contextlib
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from deadpan.app.commands.outputs import check_place
from deadpan.app.loop import Controls
from deadpan.models import fetch
from deadpan.models.alignment import misfit
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import LABELS
from deadpan.models.recognizer import Recognizer
from deadpan.models.registry import FACE_LANDMARKER, Entry
from deadpan.stickers import plan as plans
from deadpan.stickers import sticker as stickers
from deadpan.stickers.combination import make
from deadpan.stickers.parts import LAID, parts
from deadpan.stickers.plan import WEAKEST
from deadpan.stickers.protection import Protection

console = Console(stderr=True)
"""What people read while a command runs; results go to stdout."""

StickerName = Annotated[
    str, typer.Option("--sticker", help="A sticker's name, or a PNG with alpha.", metavar="NAME|PNG")
]
PlanName = Annotated[str, typer.Option("--plan", help="A plan's name, or its JSON file.", metavar="NAME|JSON")]
SMALLEST_K = 1
Tenths = Annotated[
    float | None,
    typer.Option(
        "--k",
        min=SMALLEST_K,
        max=4,
        help="Sticker size in tenths of the face, instead of the plan's.",
        show_default=False,
    ),
]
ProtectionName = Annotated[
    str | None,
    typer.Option(
        "--protection",
        help="Lay a sticker on the plan's first region, or stickers on all of them; or bend the skin back to where it "
        "was (freeze), under a small motion of no meaning (still), or that motion alone (decoy). Both at once: "
        "still+stickers. By default the plan's, or still; stickers where a --sticker, --plan or --k is given.",
        metavar="sticker|stickers|freeze|decoy|still|…+…",
        show_default=False,
    ),
]
Strength = Annotated[
    float | None,
    typer.Option(
        "--strength",
        min=WEAKEST,
        max=1,
        help="How much of it: the share of the motion that is taken off or added, or of the plan's sticker size. By "
        "default the plan's, or all. What a lower one leaves can still be read.",
        show_default=False,
    ),
]
LandmarkerFile = Annotated[
    Path | None,
    typer.Option("--landmarker", help="The face landmarker's file, instead of the cached one.", show_default=False),
]
Jobs = Annotated[int, typer.Option("--jobs", help="Processes that work at once.", min=1, max=256)]
Dask = Annotated[
    str | None,
    typer.Option(
        "--dask",
        help="Work on the Dask cluster whose scheduler is at this address instead of in processes here; needs the "
        "extra `cluster`, on its workers deadpan as it is here. What is worked on travels there, faces among it; "
        "tcp:// is not encrypted.",
        metavar="ADDRESS",
        show_default=False,
    ),
]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.", show_default=False)]

MeterSwitch = Annotated[
    bool,
    typer.Option(
        "--meter/--no-meter", help="Let a recognizer watch both pictures and count how often its mind changes."
    ),
]
RecognizerName = Annotated[
    str,
    typer.Option(
        "--recognizer", help="The meter's recognizer, of kind motion28 or clip (`deadpan models list`).", metavar="NAME"
    ),
]
Device = Annotated[str, typer.Option("--device", help="Where the recognizer runs.", metavar="auto|cpu|cuda")]

DEFAULT_RECOGNIZER = "motion"
DEFAULT_PROTECTION = "still"
"""Where neither the command line nor the plan names one, and nothing speaks of stickers."""
DEFAULT_STICKER = "band-aid"
DEFAULT_PLAN = "calibrated"
"""Made by the command that stands in it, from mer_flow.npz."""


def protection(
    sticker: str, plan: str, k: float | None, name: str | None = None, strength: float | None = None
) -> Protection:
    """The protection that the options describe; raises `DeadpanError` when they do not go together.

    What they leave open is the plan's to say: a strength only of the protection that the plan names itself. Whoever
    chooses a sticker, its size, or a plan that names none, wants stickers.
    """
    chosen, art = plans.load(plan), stickers.load(sticker)
    named = name is None and chosen.protection is not None
    spoken_of = k is not None or sticker != DEFAULT_STICKER or plan != DEFAULT_PLAN
    if name is None:
        name = chosen.protection or ("stickers" if spoken_of else DEFAULT_PROTECTION)
    strength = strength or (named and chosen.strength) or 1.0
    try:
        lays = any(part in LAID for part in parts(name))
    except ValueError as error:
        raise DeadpanError(f"--protection {printable(name)[:100]}: {error}") from error
    followed = chosen.protection or (chosen.decoy and name == "decoy")  # though nothing is laid
    if not lays and (k is not None or sticker != DEFAULT_STICKER or (plan != DEFAULT_PLAN and not followed)):
        raise DeadpanError(f"--protection {name}: lays no stickers; leave out --sticker, --plan and --k")
    size = chosen.k if k is None else k
    if lays and round(size * strength, 6) < SMALLEST_K:
        raise DeadpanError(
            f"--strength {strength:g}: of stickers of {size:g} tenths of the face leaves {size * strength:.2g}; "
            f"expected at least {SMALLEST_K}, a strength of {SMALLEST_K / size:.2f}"
        )
    return make(name, chosen.model_copy(update={"k": size}), art, strength)


@contextlib.contextmanager
def fetch_bar(entry: Entry) -> Iterator[fetch.Progress]:
    """A progress bar that appears when there is progress to show."""
    columns = TextColumn("fetching {task.description}"), BarColumn(), DownloadColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(entry.name, total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total or None, visible=True)


def face_landmarker(file: Path | None) -> bytes:
    """The face landmarker's checked bytes; fetched first if they are not in the cache."""
    with fetch_bar(FACE_LANDMARKER) as progress:
        return fetch.load(FACE_LANDMARKER, file, progress)


def recognizer(name: str, device: str) -> Recognizer:
    """The recognizer called `name`, ready for the meter; says in one calm line what differs from what was asked."""
    chosen = Recognizer.load(name, device)
    if chosen.kind not in ("motion28", "clip"):
        raise DeadpanError(
            f"--recognizer {name}: looks at {chosen.kind}; the meter reads motion (kind motion28 or clip)"
        )
    if chosen.kind == "clip" and (why := misfit(chosen.window, chosen.sample)):
        raise DeadpanError(f"--recognizer {name}: a {why}")
    if chosen.note:
        console.print(chosen.note, highlight=False)
    return chosen


def reader(name: str, device: str = "cpu", option: str = "--recognizer") -> Recognizer:
    """The recognizer called `name`, for work on motion maps: of their kind, and telling their labels."""
    chosen = Recognizer.load(name, device)
    if chosen.kind != "motion28" or chosen.labels != LABELS:
        raise DeadpanError(
            f"{option} {name}: tells {', '.join(chosen.labels)} of {chosen.kind}; expected a recognizer that tells "
            f"{', '.join(LABELS)} of motion28"
        )
    if chosen.note:
        console.print(chosen.note, highlight=False)
    return chosen


def refuse_unused(context: typer.Context, where: str, *parameters: str) -> None:
    """Refuse, of a command's `parameters`, those given that would be of no effect `where`, instead of dropping them."""
    options = {str(each.name): max(each.opts, key=len) for each in context.command.params}
    named = {each: options[each] for each in parameters}
    given = [option for each, option in named.items() if _was_given(context, each)]
    if given:
        raise DeadpanError(f"{', '.join(given)}: of no effect {where}; leave it out")


def _was_given(context: typer.Context, parameter: str) -> bool:
    source = context.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"


def parse_size(text: str) -> tuple[int, int]:
    """Width and height in px from "1280x720"."""
    match = re.fullmatch(r"([1-9]\d{1,4})\s*[x×X]\s*([1-9]\d{1,4})", text.strip())
    if match is None:
        raise DeadpanError(f"--size {text}: expected WIDTHxHEIGHT, such as 1280x720")
    return int(match[1]), int(match[2])


def printable(text: str) -> str:
    """`text` without what could drive a terminal: names in somebody else's folders and files may hold anything."""
    return "".join(each if each.isprintable() else "?" for each in text)


def write_json(path: Path | None, content: dict[str, object]) -> None:
    """Write `content` to `path`, or nowhere."""
    if path is None:
        return
    try:
        path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise DeadpanError(f"--json {path}: cannot be written ({error.strerror})") from error


def check_json(path: Path | None) -> None:
    """Refuse a place for --json before the work is done, not after."""
    check_place("--json", path)


def refuse_overwriting(source: Path, outputs: dict[str, Path | None]) -> None:
    """Refuse an output that is the file that is read; `outputs` are files by the option that names them."""
    for option, path in outputs.items():
        if path is not None and source.exists() and path.exists() and path.samefile(source):
            raise DeadpanError(f"{option} {path}: is the file that is read; choose another name")


_ENDINGS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
"""Ctrl-C, a polite kill, and the terminal's window being closed (on Windows, the last)."""


@contextlib.contextmanager
def endings(controls: Controls) -> Iterator[None]:
    """The signals that end a session stop the loop in good order; a second one does not wait."""

    def stop(number: int, _: FrameType | None) -> None:
        if controls.stop:
            raise KeyboardInterrupt
        controls.stop = True

    before = {number: signal.signal(number, stop) for number in _ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
