"""`deadpan evaluate protection --data`: what protections leave of the motion maps of real micro-expressions."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deadpan.app.commands import gather
from deadpan.app.commands.options import face_landmarker, printable, reader, refuse_overwriting, write_json
from deadpan.app.commands.outputs import check_place
from deadpan.app.commands.progress import Told, progress
from deadpan.models import folds
from deadpan.models import maps as motion_maps
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import Maps
from deadpan.models.training import recipes
from deadpan.stickers import plan as plans
from deadpan.stickers.parts import LAID, SKIN
from deadpan.stickers.plan import Plan

if TYPE_CHECKING:
    from deadpan.calibration.effect.tally import Share
    from deadpan.calibration.effect.victims import Victim
    from deadpan.calibration.on_maps.check import Checked
    from deadpan.calibration.on_maps.judged import Point, Row
    from deadpan.calibration.on_maps.protected import Mode, Protecting
    from deadpan.calibration.on_maps.retrained import Retrained
    from deadpan.calibration.on_maps.transfer import Transfer

PARTS = {*LAID, *SKIN}
CHOOSER = "motion"
"""Chooses stickers on half the people for the other half."""
SEEDS = (0, 1)
"""Trainings that judge, where they are there."""
MODEL = (
    "A model: stickers are interventions on the maps; freeze, decoy and still are what the live code was measured to "
    "do to flow on synthetic clips, done to these maps under an assumed amplitude. Letting go and codecs are not in "
    "it, and what attackers learn from freezing's own faults is guessed: of them the pictures' table is the judge."
)


@dataclass(frozen=True)
class Asked:
    """What the options say."""

    data: Path
    modes: tuple[str, ...]
    strength: float
    plan: str
    recognizers: tuple[str, ...]
    seed: int
    jobs: int
    export: Path | None
    retrain: int
    """Protected versions of each map to learn from; 0 for no learning."""
    remeasure: int | None
    landmarker: Path | None
    json: Path | None


def judge(asked: Asked) -> None:
    """Export, or judge and print Markdown tables."""
    from deadpan.calibration.on_maps import judged, protected
    from deadpan.calibration.on_maps.transfer import MEASURED
    from deadpan.calibration.trial.retrained import check

    for option, path in (("--json", asked.json), ("--export", asked.export)):
        check_place(option, path)
    refuse_overwriting(asked.data, {"--export": asked.export, "--json": asked.json})
    if asked.retrain:
        check()
    maps, plan = motion_maps.load(asked.data), plans.load(asked.plan)
    chosen = _modes(asked, plan)
    with progress() as told:
        transfer = _measured(asked, told) if asked.remeasure else MEASURED

    def protecting(amplitude: float) -> "Protecting":
        return protected.Protecting(maps, plan, amplitude, transfer)

    usual = protecting(protected.USUAL)
    if asked.export is not None:
        _export(asked, usual, chosen)
        return
    groups = gather.groups([(name, "--recognizer") for name in asked.recognizers], maps, _victims)
    with progress() as told:
        judges = judged.Judges(maps, groups, asked.jobs, asked.seed)
        rows = judges.rows(usual, chosen, asked.strength, told)
        if not asked.modes or judged.ELSEWHERE in asked.modes:
            told(judged.ELSEWHERE, len(rows), len(rows) + 1)
            rows.append(
                judges.chosen_on_others(_victims(CHOOSER, maps, "--recognizer"), len(plan.regions), plan.k, asked.jobs)
            )
        curves = [mode for mode in chosen if mode.freeze and not mode.stickers]
        points = judges.curve(protecting, curves, told=told)
        again = _learned(asked, usual, chosen, told)
    record: dict[str, object] = {
        "note": MODEL,
        "maps": maps.sha256,
        "clips": len(maps),
        "people": len(maps.subjects),
        "plan": plan.name,
        "seed": asked.seed,
        "strength": asked.strength,
        "amplitude": protected.USUAL,
        "transfer": asdict(transfer),
        "recognizers": {group[0].name: group[0].identity for group in groups},
        "rows": [row.record() for row in rows],
        "curves": [asdict(point) for point in points],
        "learned": [each.record() for each in again],
    }
    write_json(asked.json, record)
    print(table(rows))
    if points:
        print(f"\n{curve(points)}")
    print(f"\n{learned(again)}")
    print(f"\n{len(maps)} clips of {len(maps.subjects)} people, each judged by networks that never saw them; 95 %")
    print(f"intervals, drawn by {judges.unit}. {MODEL}")


def table(rows: "list[Row]") -> str:
    """The rows as Markdown; ASR counts from the maps themselves."""
    heads = ["protection"]
    for told in rows[0].told:
        heads += [f"UF1 {told.recognizer}", "by chance", "above no motion", "ASR", "error rate"]
    made = []
    for row in rows:
        cells = [row.mode]
        for told in row.told:
            cells += [
                _figure(told.uf1),
                f"{told.chance:.2f}",
                _figure(told.above_floor, "+"),
                _figure(told.attack),
                _bare(told.error),
            ]
        made.append(cells)
    return _lines(heads, made)


def curve(points: "list[Point]") -> str:
    """UF1 of the first recognizer: a row for each mode and amplitude, a column for each strength."""
    strengths = sorted({point.strength for point in points})
    by_row: dict[tuple[str, float], list[Point]] = {}
    for point in points:
        by_row.setdefault((point.mode, point.amplitude), []).append(point)
    heads = ["UF1", "clips move by, % of the face's width", *(f"strength {each:g}" for each in strengths)]
    made = [
        [mode, f"{amplitude:g}", *(_figure(point.uf1) for point in several)]
        for (mode, amplitude), several in by_row.items()
    ]
    return _lines(heads, made)


def learned(again: "list[Retrained]") -> str:
    """What attackers make of it who learned from other people's maps, protected in the same way."""
    heads = ["protection", "attacker, learned on protected maps", "UF1", "by chance", "above no motion"]
    return _lines(
        heads,
        [
            [each.mode, each.attacker, _figure(each.uf1), f"{each.chance:.2f}", _figure(each.above_floor, "+")]
            for each in again
        ],
    )


def _lines(heads: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows))


def _figure(figure: "Share", sign: str = "") -> str:
    from deadpan.calibration.effect.tally import signed

    value, low, high = (signed(f"{each:{sign}.2f}") for each in (figure.value, figure.low, figure.high))
    return f"{value} [{low}, {high}]"


def _bare(figure: "Share") -> str:
    return f"{figure.value:.2f}"


def said(checked: "Checked") -> str:
    """How far the model tells what pictures show, in one line."""
    return (
        f"{checked.recognizer} on these clips: UF1 {_figure(checked.plain)} unprotected, {_figure(checked.frozen)} on "
        f"frozen pictures, {_figure(checked.modelled)} by the model of freezing."
    )


def _victims(name: str, maps: Maps, option: str) -> "list[Victim]":
    """All trainings of a recognizer whose folds are there; else as for a calibration."""
    found: list[Victim] = []
    if name in [each.name for each in recipes.RECIPES]:
        for seed in SEEDS:
            try:
                found.append(folds.load(name, maps, seed))
            except folds.FoldsMissing:
                continue
    return found or gather.victims(name, maps, option)


def _modes(asked: Asked, plan: Plan) -> "list[Mode]":
    """What is judged or exported."""
    from deadpan.calibration.on_maps import judged, protected

    known = protected.modes(plan)
    chosen: list[Mode] = []
    for name in asked.modes or known:
        if name == judged.ELSEWHERE:
            continue
        try:
            mode = known.get(name) or protected.mode(name, plan)
        except ValueError as error:
            beside = ", ".join([each.name for each in known.values() if not set(each.name.split("+")) & PARTS])
            raise DeadpanError(
                f"--mode {printable(name)[:100]}: {error}; or a control: {beside}, {judged.ELSEWHERE}"
            ) from error
        if mode.name not in [each.name for each in chosen]:
            chosen.append(mode)
    return chosen


def _export(asked: Asked, protecting: "Protecting", chosen: "list[Mode]") -> None:
    from deadpan.calibration.on_maps.export import export

    assert asked.export is not None
    if len(asked.modes) != 1 or len(chosen) != 1:
        raise DeadpanError("--export: expected one --mode that says how the maps are protected")
    export(protecting(chosen[0], asked.strength, asked.seed), asked.data, asked.export)
    print(f"{asked.export}: {len(protecting.maps)} maps under {chosen[0].name}, seed {asked.seed}. {MODEL}")


def _measured(asked: Asked, told: Told) -> "Transfer":
    from deadpan.calibration.on_maps import transfer
    from deadpan.calibration.on_maps.check import check
    from deadpan.calibration.synthetic import faces
    from deadpan.calibration.trial.clips import clips
    from deadpan.stickers import sticker as art
    from deadpan.stickers.still import freeze

    plan, sticker = plans.load(asked.plan), art.load("band-aid")
    model = face_landmarker(asked.landmarker)
    opened = [reader(name) for name in asked.recognizers]
    judged = clips(faces.load(model), ["sitting"], asked.remeasure, transfer.SEED)
    found = transfer.measure(
        judged, lambda: freeze(plan, sticker), model, lambda done, of: told("measuring on clips", done, of)
    )
    print(f"measured on {len(found.label)} synthetic clips: {found.transfer}")
    for recognizer in opened:
        print(said(check(found, recognizer, asked.seed)))
    print()
    return found.transfer


def _learned(asked: Asked, protecting: "Protecting", chosen: "list[Mode]", told: Told) -> "list[Retrained]":
    from deadpan.calibration.on_maps import protected, retrained
    from deadpan.calibration.trial.modes import FLOOR

    floor = protected.modes(protecting.plan)[FLOOR]
    modes = [floor, *(mode for mode in chosen if mode.name != FLOOR)]
    found = retrained.linear(
        protecting, modes, asked.strength, asked.seed, lambda done, of: told("learning linearly", done, of)
    )
    if not asked.retrain:
        return found
    return found + retrained.retrained(
        protecting,
        modes,
        recipes.find(CHOOSER),
        asked.retrain,
        asked.strength,
        asked.seed,
        asked.jobs,
        lambda done, of: told("training anew", done, of),
    )
