"""`deadpan evaluate protection`: what an attacker still reads of synthetic micro-expressions on protected pictures."""

import functools
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deadpan.app.commands import evaluate_maps
from deadpan.app.commands.options import (
    DEFAULT_PLAN,
    DEFAULT_STICKER,
    Device,
    JsonFile,
    LandmarkerFile,
    PlanName,
    StickerName,
    check_json,
    face_landmarker,
    printable,
    protection,
    reader,
    refuse_unused,
    write_json,
)
from deadpan.app.commands.progress import progress
from deadpan.app.commands.stopping import stoppable
from deadpan.models.errors import DeadpanError
from deadpan.stickers.plan import WEAKEST

if TYPE_CHECKING:
    from deadpan.calibration.effect.tally import Share
    from deadpan.calibration.trial.attacks import Attack
    from deadpan.calibration.trial.figures import Row

QUICK = 27
"""Clips with --quick: each person shows each class once."""
RATES = (300, 800, 2000)
"""Kbit/s: a poor, a fair and a good call at 640×480."""
NOTE = "Synthetic: figures on these clips are not figures on people."


class Codec(StrEnum):
    """What lies between the person and who reads."""

    NONE = "none"
    H264 = "h264"
    VP8 = "vp8"
    VP9 = "vp9"


class HeadMotion(StrEnum):
    """How the person sits (`calibration/synthetic/head.py`)."""

    STILL = "still"
    QUIET = "quiet"
    SITTING = "sitting"


ENCODERS = {Codec.NONE: "", Codec.H264: "libx264", Codec.VP8: "libvpx", Codec.VP9: "libvpx-vp9"}
CALLED = {"": "un-coded", "libx264": "H.264", "libvpx": "VP8", "libvpx-vp9": "VP9"}


@stoppable()
def protection_command(
    context: typer.Context,
    modes: Annotated[
        list[str] | None,
        typer.Option(
            "--mode",
            help="A protection, called as --protection calls it, or one of its controls; may be given more than once. "
            "By default each by itself, still+stickers and all controls.",
            show_default=False,
        ),
    ] = None,
    codecs: Annotated[list[Codec] | None, typer.Option("--codec", help="May be given more than once.")] = None,
    bitrates: Annotated[
        list[int] | None, typer.Option("--bitrate", help="Kbit/s; may be given more than once.", min=50, max=20_000)
    ] = None,
    heads: Annotated[list[HeadMotion] | None, typer.Option("--head", help="May be given more than once.")] = None,
    clips: Annotated[int | None, typer.Option(help="At most so many, evenly drawn.", min=1)] = None,
    quick: Annotated[bool, typer.Option("--quick", help=f"{QUICK} clips of the sitting head, un-coded.")] = False,
    seed: Annotated[int, typer.Option(help="0 is the benchmark; another makes other clips of its people.")] = 0,
    strength: Annotated[float, typer.Option(help="Of all of them, as `run` takes it.", min=WEAKEST, max=1)] = 1.0,
    sticker: StickerName = DEFAULT_STICKER,
    plan: PlanName = DEFAULT_PLAN,
    recognizers: Annotated[
        list[str] | None,
        typer.Option("--recognizer", help="May be given more than once. By default motion-large and motion."),
    ] = None,
    retrain: Annotated[
        int,
        typer.Option(
            help="Let attackers learn on so many other clips of other people (with --data: from so many protected "
            "versions of every map); needs torch.",
            min=0,
        ),
    ] = 0,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1)] = 2,
    device: Device = "auto",
    landmarker: LandmarkerFile = None,
    json: JsonFile = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Judge on these motion maps (mer_flow.npz) instead, not on pictures.", show_default=False),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(help="With --data: write its maps, protected by the one --mode, here.", show_default=False),
    ] = None,
    remeasure: Annotated[
        int | None,
        typer.Option(
            help="With --data: measure on so many synthetic clips what freezing leaves.", min=1, show_default=False
        ),
    ] = None,
) -> None:
    """Measure what is left to read on protected pictures of synthetic micro-expressions; prints a Markdown table.

    The attacker knows the true onset and apex, finds the face anew on the pictures that arrive, aligns it and takes the
    head's motion off. Beside every protection stand none, no motion at all (the floor), random motion, and stickers in
    random places. A second table gives the UF1 of attackers who adapt: those who average, mask, whiten, and with
    --retrain N those who learn on N clips made afresh, never of the person whom they judge. All cells together take
    about three hours of one core, learning as much again for as many clips; --quick two or three minutes.

    With --data, what is left of the motion maps of real micro-expressions, each read by networks that never saw the
    person: some minutes, and as much again for --retrain.
    """
    if data is not None:
        pictures = ("codecs", "bitrates", "heads", "clips", "quick", "device", "sticker")
        refuse_unused(context, "on motion maps (--data)", *pictures)
        names = tuple(recognizers or ("motion-large", "motion"))
        asked = (tuple(modes or ()), strength, plan, names, seed, jobs, export, retrain, remeasure, landmarker, json)
        evaluate_maps.judge(evaluate_maps.Asked(data, *asked))
        return
    refuse_unused(context, "without motion maps (--data)", "export", "remeasure")
    coding = codecs or ([Codec.NONE] if quick else list(Codec))
    if set(coding) == {Codec.NONE}:
        refuse_unused(context, "without a codec", "bitrates")
    from deadpan.calibration.synthetic import benchmark, faces
    from deadpan.calibration.trial import attacks, figures, retrained, trial
    from deadpan.calibration.trial import clips as choice
    from deadpan.calibration.trial import modes as protections
    from deadpan.calibration.trial.matched import filters
    from deadpan.calibration.trial.passage import Call

    check_json(json)
    opened = [reader(name, device) for name in recognizers or ["motion-large", "motion"]]
    if retrain:
        retrained.check()
    stickers = protection(sticker, plan, None, "stickers")
    known = protections.modes(stickers.plan, stickers.sticker, strength)
    chosen = [known[protections.NONE], known[protections.FLOOR]]
    for name in modes or known:
        try:
            judged_mode = known.get(name) or protections.mode(name, stickers.plan, stickers.sticker, strength)
        except ValueError as error:
            beside = ", ".join(protections.controls(stickers.plan, stickers.sticker))
            raise DeadpanError(f"--mode {printable(name)[:100]}: {error}; or a control: {beside}") from error
        if judged_mode.name not in [each.name for each in chosen]:
            chosen.append(judged_mode)
    calls = [
        Call(ENCODERS[codec], rate * 1000 if codec != Codec.NONE else 0)
        for codec in coding
        for rate in (bitrates or RATES if codec != Codec.NONE else (0,))
    ]
    model = face_landmarker(landmarker)
    motions = heads or ([HeadMotion.SITTING] if quick else list(HeadMotion))
    stills = faces.load(model)
    judged = choice.clips(stills, motions, clips or (QUICK if quick else None), seed)
    others = choice.afresh(stills, motions, retrain, seed)
    with progress() as told:
        judging, learning, attacking = (functools.partial(told, each) for each in ("judging", "learning", "attacking"))
        run = functools.partial(trial.run, modes=chosen, calls=calls, model=model, seed=seed, jobs=jobs)
        cells = run(judged, told=judging, film=bool(retrain))
        learnt = run(others, told=learning, film=True) if others else []
        rows = figures.rows(cells, opened)
        recipes = retrained.RECIPES if retrain else ()
        found = attacks.judge(cells, learnt, opened[0], filters(stills), recipes, seed, attacking)
    record: dict[str, object] = {
        "note": benchmark.NOTE,
        "generator": benchmark.VERSION,
        "seed": seed,
        "strength": strength,
        "heads": [str(each) for each in motions],
        "plan": stickers.plan.name,
        "sticker": stickers.sticker.name,
        "recognizers": {each.name: each.sha256 for each in opened},
        "rows": [row.record() for row in rows],
        "retrain": retrain,
        "attacks": [asdict(each) for each in found],
    }
    write_json(json, record)
    print(f"{table(rows)}\n\n{attacked(found)}")
    print(f"\n{rows[0].clips} clips of {rows[0].people} people; 95 % intervals, drawn by {rows[0].unit}. {NOTE}")
    print("ms: CPU time a frame of the protection alone, on this machine as busy as it was; the ratio says more.")


def table(rows: "list[Row]") -> str:
    """The rows as Markdown; the columns after the recognizers' own are the first one's. In (): UF1 by chance.

    Trembling is in hundredths of the face's width (`Row.trembling`).
    """
    names = [each.recognizer for each in rows[0].told]
    heads = [
        "call",
        "protection",
        *(f"UF1 {name}" for name in names),
        "above no motion",
        "read",
        "its d′, and 8 frames averaged",
    ]
    heads += [
        "matched filter, UF1",
        "no face",
        "ASR",
        "SSIM",
        "> 8 levels",
        "let go",
        "trembling, %",
        "ms",
        "of a landmarker call",
    ]
    lines = [heads, ["---"] * len(heads)]
    for row in rows:
        told = row.told[0]
        call = _called(row.codec, row.bitrate)
        lines.append(
            [
                call,
                row.mode,
                *(_chanced(each.uf1, each.chance) if each.measurable else "not measurable" for each in row.told),
                _figure(told.above_floor, "+") if told.measurable else "not measurable",
                _figure(row.read),
                f"{_bare(row.detected)}, {_bare(row.detected_averaged)}",
                _figure(row.matched),
                f"{row.nobody:.1%}",
                _figure(told.attack) if told.attack else "–",
                f"{row.ssim:.3f}",
                f"{row.changed:.1%}",
                f"{row.let_go:.1%}",
                f"{row.trembling:.2f}",
                f"{row.ms:.1f}",
                f"{row.cost:.2f}",
            ]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def attacked(found: "list[Attack]") -> str:
    """UF1 of every attacker, a line each, on every protection, as Markdown; one table for each call."""
    tables = []
    for call in dict.fromkeys(each.call for each in found):
        of_call = {(each.attacker, each.mode): _chanced(each.uf1, each.chance) for each in found if each.call == call}
        modes = list(dict.fromkeys(mode for _, mode in of_call))
        lines = [[f"{_called(call.codec, call.bitrate)}: UF1 of", *modes], ["---"] * (len(modes) + 1)]
        for attacker in sorted({name for name, _ in of_call}):
            lines.append([attacker, *(of_call.get((attacker, mode), "–") for mode in modes)])
        tables.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
    return "\n\n".join(tables)


def _called(codec: str, bitrate: int) -> str:
    return CALLED[codec] + (f" {bitrate // 1000} kbit/s" if codec else "")


def _figure(figure: "Share", sign: str = "") -> str:
    value, low, high = (_rounded(each, sign) for each in (figure.value, figure.low, figure.high))
    return f"{value} [{low}, {high}]"


def _chanced(uf1: "Share", chance: float) -> str:
    """A UF1, and what the mix of its answers alone is worth."""
    return f"{_figure(uf1)} ({_rounded(chance)})"


def _bare(figure: "Share") -> str:
    return _rounded(figure.value)


def _rounded(value: float, sign: str = "") -> str:
    from deadpan.calibration.effect.tally import signed

    return signed(f"{value:{sign}.2f}")
