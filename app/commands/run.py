"""`deadpan run`: a camera in, a protected virtual camera out."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from deadpan.app.camera import Camera
from deadpan.app.commands.cameras import check_size, is_live, open_camera, portrait
from deadpan.app.commands.options import (
    DEFAULT_PLAN,
    DEFAULT_RECOGNIZER,
    DEFAULT_STICKER,
    Device,
    JsonFile,
    LandmarkerFile,
    MeterSwitch,
    PlanName,
    ProtectionName,
    RecognizerName,
    StickerName,
    Strength,
    Tenths,
    check_json,
    console,
    endings,
    face_landmarker,
    parse_size,
    printable,
    protection,
    refuse_overwriting,
    write_json,
)
from deadpan.app.commands.options import recognizer as open_recognizer
from deadpan.app.commands.status import watching
from deadpan.app.commands.stopping import Stopped
from deadpan.app.commands.summary import summarise, told
from deadpan.app.comparison import Closed, Comparison
from deadpan.app.loop import Controls, Session, Witness
from deadpan.app.loop import run as run_loop
from deadpan.app.meter import Meter
from deadpan.app.outgoing import Sink
from deadpan.app.overlay import Overlaid
from deadpan.app.preview import Preview
from deadpan.app.recording import Recording
from deadpan.app.tally import Tally
from deadpan.app.virtual_camera import VirtualCamera, find
from deadpan.models.errors import DeadpanError
from deadpan.models.tracker import GRACE, SMALLEST, FaceTracker
from deadpan.stickers.protection import Protection


def run(
    camera: Annotated[str, typer.Argument(help="A camera's number or /dev path, a video file, a URL, or demo.")] = "0",
    virtual_camera: Annotated[
        str | None,
        typer.Option(
            help="Where the protected picture goes: auto, a device, or none. "
            "By default auto, but none when a file is only to be recorded.",
            metavar="auto|PATH|none",
            show_default=False,
        ),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(help="Write the protected video to this file (mp4, mov, mkv).", show_default=False),
    ] = None,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Record before | after | difference ×8 instead. Of a video file only."),
    ] = False,
    preview: Annotated[
        bool,
        typer.Option(
            "--preview",
            help="Show what the others see. Keys: space = shutter, q = quit, s = next sticker where any are laid.",
        ),
    ] = False,
    shield: ProtectionName = None,
    strength: Strength = None,
    sticker: StickerName = DEFAULT_STICKER,
    plan: PlanName = DEFAULT_PLAN,
    k: Tenths = None,
    size: Annotated[
        str | None,
        typer.Option(
            help="Picture size: asked of a camera (default 1280x720); what comes in another size is fitted to it.",
            metavar="WxH",
            show_default=False,
        ),
    ] = None,
    fps: Annotated[float, typer.Option(help="Frames a second to ask of a camera.", min=1, max=120)] = 30.0,
    when_empty: Annotated[
        str,
        typer.Option(
            help="With nobody in view: shutter, or show the empty room "
            "(a face that is not found, such as a profile or a far one, would then be aired).",
            metavar="shutter|show",
        ),
    ] = "shutter",
    meter: MeterSwitch = False,
    recognizer: RecognizerName = DEFAULT_RECOGNIZER,
    device: Device = "auto",
    overlay_on_camera: Annotated[
        bool,
        typer.Option(
            "--overlay-on-camera",
            help="Show the panel, with what your clean face was read as, to everybody and in recordings.",
        ),
    ] = False,
    landmarker: LandmarkerFile = None,
    json: JsonFile = None,
) -> None:
    """Protect every face on a camera and send the picture to a virtual camera. Ctrl-C ends it.

    The exit code is then 0, or 130 where a video file was not at its end.
    """
    check_json(json)
    if when_empty not in ("shutter", "show"):
        raise DeadpanError(f"--when-empty {when_empty}: expected shutter or show")
    if overlay_on_camera and not meter:
        raise DeadpanError("--overlay-on-camera: there is nothing to show without --meter")
    asked = _asked(size)
    hiding = protection(sticker, plan, k, shield, strength)
    live = camera == "demo" or is_live(camera)
    virtual_camera = ("auto" if live or record is None else "none") if virtual_camera is None else virtual_camera
    paced = live or virtual_camera != "none" or preview
    refuse_overwriting(Path(camera), {"--record": record, "--json": json})
    if virtual_camera == "none" and record is None and not preview and json is None:
        raise DeadpanError(_nowhere(camera, live=live))
    if compare and (live or record is None):
        raise DeadpanError("--compare: " + _incomparable(live=live))
    if camera == "demo" and virtual_camera == "auto":
        find()  # before the seconds that the portrait takes
    model = face_landmarker(landmarker)
    mind = open_recognizer(recognizer, device) if meter else None
    with contextlib.ExitStack() as opened:
        truth: list[tuple[float, int]] = []
        if camera == "demo":
            source: Camera = portrait(model, mind.labels if mind is not None else (), truth)
        else:
            source = open_camera(camera, asked, fps, paced=paced)
        opened.callback(source.close)
        check_size(source.size, camera)
        # Before the virtual camera: once that is open, its first picture must not wait.
        tracker = FaceTracker(model)
        opened.callback(tracker.close)
        sinks, recording, window = _open_sinks(
            opened,
            source,
            virtual_camera,
            camera if is_live(camera) else "",
            record,
            preview=preview,
            paced=paced,
            compare=compare,
        )
        _announce(source, sinks, hiding, when_empty, told_to_all=overlay_on_camera)
        controls, tally = Controls(), Tally()
        witness = Meter(mind, model, hiding, truth, wait=not paced) if mind is not None else None
        success = witness.success if witness is not None else None
        if witness is not None:
            opened.callback(witness.close)
            shown = sinks if overlay_on_camera else [window]
            sinks = [
                Overlaid(sink, witness.success, tally, private=sink is window) if sink in shown else sink
                for sink in sinks
            ]
        with endings(controls), watching(controls, window, hiding, success) as each:
            run_loop(
                Session(
                    source,
                    tracker,
                    hiding,
                    sinks,
                    show_empty=when_empty == "show",
                    witness=_watched_by(witness, recording if compare else None, source.size),
                    each=each,
                    controls=controls,
                    tally=tally,
                )
            )
        if witness is not None:
            witness.close()
    write_json(json, summarise(tally, source.size, hiding, success))
    print(told(tally, hiding, success))
    if recording is not None:
        print(_recorded(recording, record))
    if controls.stop and not live:
        written = "" if recording is None else "; what was written is whole up to there"
        raise Stopped(f"stopped before the end of {printable(camera)}{written}")


def _nowhere(camera: str, *, live: bool) -> str:
    """Why nothing is done: of two reasons the one that comes first."""
    if not live and not Path(camera).is_file():
        return f"{camera}: no such file or camera"
    return "nowhere to send the picture: give --virtual-camera, --record or --preview"


def _incomparable(*, live: bool) -> str:
    if live:
        return "your unprotected face would be recorded; give a video file instead of a camera"
    return "is for a recording; give --record FILE as well"


def _recorded(recording: Recording, record: Path | None) -> str:
    missing = f"\n{recording.dropped} pictures are missing in {record}: encoding could not keep up"
    return f"recorded, without sound: {record}" + (missing if recording.dropped else "")


def _asked(size: str | None) -> tuple[int, int] | None:
    """The picture's size, where one was asked for."""
    asked = parse_size(size) if size else None
    if asked is not None:
        check_size(asked, "--size")
    return asked


def _watched_by(meter: Meter | None, compared: Recording | None, size: tuple[int, int]) -> Witness | None:
    """Who is offered both pictures: the meter, and a recording of their comparison."""
    return meter if compared is None else Comparison(compared, size, meter)


def _open_sinks(
    opened: contextlib.ExitStack,
    source: Camera,
    virtual_camera: str,
    device_read: str,
    record: Path | None,
    *,
    preview: bool,
    paced: bool,
    compare: bool,
) -> tuple[list[Sink], Recording | None, Preview | None]:
    """Everything that was asked for, closed with `opened`; the recording and the window once more by themselves."""
    sinks: list[Sink] = []
    if virtual_camera != "none":
        sinks.append(VirtualCamera(virtual_camera, source.size, source.fps, device_read))
        opened.callback(sinks[-1].close)
    size = (3 * source.size[0], source.size[1]) if compare else source.size
    recording = Recording(record, size, source.fps, drop=paced) if record is not None else None
    if recording is not None:
        sinks.append(Closed(recording) if compare else recording)
        opened.callback(recording.discard)
    window = Preview() if preview else None
    if window is not None:
        sinks.append(window)
        opened.callback(window.close)
    return sinks, recording, window


def _announce(source: Camera, sinks: list[Sink], hiding: Protection, when_empty: str, *, told_to_all: bool) -> None:
    if told_to_all:
        console.print("[yellow]--overlay-on-camera: everybody sees what your unprotected face was read as.[/]")
    for sink in sinks:
        if isinstance(sink, VirtualCamera):
            console.print(f"Choose the camera [bold]{sink.device}[/] in your call. Ctrl-C ends.", highlight=False)
    # A plan that somebody sent may have chosen it.
    weak = " [yellow](below 1: motion is left that can be read)[/]" if hiding.strength < 1 else ""
    console.print(f"Protection: {hiding.name} at strength {hiding.strength:g}{weak}.", highlight=False)
    smallest = round(SMALLEST * min(source.size) / 720)
    console.print(
        f"{source.size[0]}×{source.size[1]} at {source.fps:.0f} frames/s; protects faces of {smallest} px and more.",
        highlight=False,
    )
    if when_empty == "show":
        console.print(
            f"[yellow]--when-empty show: once no face was found for {GRACE:.0f} s, the raw picture is aired; "
            "a face that is turned away, covered or smaller than that is not found.[/]",
            highlight=False,
        )
