"""`deadpan synth`: clips of micro-expressions with known truth."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from deadpan.app.clip import read_video
from deadpan.app.commands.options import LandmarkerFile, face_landmarker
from deadpan.app.commands.progress import progress
from deadpan.app.commands.stopping import stoppable
from deadpan.models.errors import DeadpanError

app = typer.Typer(help="Synthetic micro-expressions with known truth: make, benchmark.", no_args_is_help=True)

Folder = Annotated[Path, typer.Option("-o", "--output", help="The folder to write to.")]


@app.command()
@stoppable("stopped; what is in the folder is not whole")
def make(
    base: Annotated[
        Path, typer.Argument(help="A picture of a person, or a quiet clip of one.", metavar="PICTURE|CLIP")
    ],
    output: Folder = Path("synth"),
    au: Annotated[
        list[str] | None,
        typer.Option(help="What to show, such as 6+12; may be given again. Without it, all three classes in turn."),
    ] = None,
    amplitude: Annotated[
        float, typer.Option(help="How far the skin moves, % of the face's width.", min=0.1, max=4)
    ] = 2.0,
    events: Annotated[float, typer.Option(help="Micro-expressions a minute; 0 makes a control.", min=0, max=30)] = 20.0,
    head: Annotated[
        str | None,
        typer.Option(
            help="Head motion that is added: by default sitting to a picture, still to a clip.",
            metavar="still|quiet|sitting",
            show_default=False,
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Length; a clip may end it earlier.", min=1, max=600)] = 8.0,
    blinks: Annotated[bool, typer.Option(help="Whether the eyes blink (only added to a picture).")] = True,
    noise: Annotated[float, typer.Option(help="Camera noise, sigma in grey levels.", min=0, max=20)] = 2.0,
    seed: Annotated[int, typer.Option(help="Another number, another clip.", min=0)] = 0,
    bitrate: Annotated[
        int | None,
        typer.Option(
            help="Of the H.264 file, kbit/s, as in a call; by default nothing of the coding shows.",
            min=50,
            max=50000,
            show_default=False,
        ),
    ] = None,
    landmarker: LandmarkerFile = None,
) -> None:
    """Make one clip in which a person shows micro-expressions, and truth.json, which says when and which."""
    from deadpan.calibration.synthetic import action_units, synthesis
    from deadpan.calibration.synthetic.base import open_base
    from deadpan.calibration.synthetic.benchmark import build

    expressions = [action_units.parse(each) for each in au] if au else None
    if head is not None:
        synthesis.head_named(head)
    if not base.exists():
        raise DeadpanError(f"{base}: no such file; expected a picture of a person, or a quiet clip of one")
    _check_folder(output)
    model = face_landmarker(landmarker)
    with progress() as told:
        told("finding the face", 0, 0)
        person = open_base(base, seconds, model, read_video)
        still = len(person.stills) == 1
        clip = synthesis.session(
            person.stills,
            seconds,
            events_per_minute=events,
            head=head or ("sitting" if still else "still"),
            amplitude=amplitude / 100,
            seed=seed,
            expressions=expressions,
            blinks=blinks and still,
            size=person.size,
            fps=person.fps,
            noise=noise,
        )
        told("making the clip", 0, 0)
        build([clip], output, bitrate=bitrate * 1000 if bitrate else None)
    for event in clip.events:
        units = "+".join(map(str, event.action_units))
        at = f"{event.onset} to {event.apex} to {event.offset}"
        print(f"frames {at}: {event.label}, AU {units}")
    print(f"{len(clip.events)} synthetic events in {clip.length / clip.fps:.1f} s: {output}")


@app.command()
@stoppable("stopped; what is in the folder is not whole")
def benchmark(
    output: Folder = Path("synthetic-benchmark"),
    limit: Annotated[
        int | None, typer.Option(help="Only the first clips, to try it.", min=1, show_default=False)
    ] = None,
    landmarker: LandmarkerFile = None,
) -> None:
    """Build the fixed benchmark: 243 clips of nine people, whose pictures are fetched; needs no licence."""
    from deadpan.calibration.synthetic import faces
    from deadpan.calibration.synthetic.benchmark import NOTE, build
    from deadpan.calibration.synthetic.benchmark import benchmark as listed

    _check_folder(output)
    model = face_landmarker(landmarker)
    with progress() as told:
        stills = faces.load(model, partial(told, "finding the faces"))
        clips = listed(stills)[:limit]
        truth = build(clips, output, partial(told, "making the clips"))
    print(f"{len(clips)} clips of {len({clip.subject for clip in clips})} people: {output}")
    print(f"sha256 {truth['sha256']}")
    print(NOTE)


def _check_folder(folder: Path) -> None:
    """Refuse a place to write to before the work is done, not after."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DeadpanError(f"{folder}: not a folder that can be made ({error.strerror}); choose another") from error
