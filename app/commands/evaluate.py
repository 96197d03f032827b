"""`deadpan evaluate`: measurements with known truth, each a table with its command."""

from itertools import count
from typing import Annotated, cast

import typer

from deadpan.app.commands.evaluate_graph import graph
from deadpan.app.commands.evaluate_protection import protection_command
from deadpan.app.commands.evaluate_tables import tables
from deadpan.app.commands.options import (
    Device,
    JsonFile,
    LandmarkerFile,
    check_json,
    face_landmarker,
    protection,
    reader,
    write_json,
)
from deadpan.app.commands.progress import progress
from deadpan.app.commands.stopping import stoppable

app = typer.Typer(help="Measure against known truth.", no_args_is_help=True)
app.command()(graph)
app.command("protection")(protection_command)
app.command("tables")(tables)


@app.callback()
def _evaluate() -> None:
    """Measure against known truth."""


@app.command()
@stoppable()
def events(
    recognizers: Annotated[
        list[str] | None,
        typer.Option("--recognizer", help="A recognizer of motion; may be given more than once. By default motion."),
    ] = None,
    faces: Annotated[int, typer.Option(help="People to watch, of nine.", min=1, max=9)] = 9,
    quick: Annotated[bool, typer.Option("--quick", help="Only the sitting head at 2 %, and the clip without.")] = False,
    device: Device = "auto",
    landmarker: LandmarkerFile = None,
    json: JsonFile = None,
) -> None:
    """Measure how well the meter notices, times and reads synthetic micro-expressions; prints a Markdown table."""
    from deadpan.calibration import events as calibrating
    from deadpan.calibration.synthetic import faces as people
    from deadpan.stickers.protection import StickerProtection

    check_json(json)
    opened = [reader(name, device) for name in recognizers or ["motion"]]
    model = face_landmarker(landmarker)
    hiding = protection("band-aid", "paper", None, "sticker")
    cells = [each for each in calibrating.CELLS if not quick or (each.head == "sitting" and not each.bitrate)]
    cells = [each for each in cells if not quick or each.amplitude in (0, 0.02)]
    rows = []
    done = count(1)
    with progress() as told:
        watched = calibrating.measure(
            people.load(model)[:faces],
            cells,
            model,
            opened,
            StickerProtection(hiding.plan, hiding.sticker, regions=()),
            lambda: told("watching", next(done), len(cells) * faces),
        )
        names = [each.name for each in opened]
        rows = [calibrating.row(result, names) for result in watched]
    write_json(json, {"recognizers": {each.name: each.sha256 for each in opened}, "rows": rows})
    print(table(rows, names))
    print("\nSynthetic: figures on these events are not figures on people.")


def table(rows: list[dict[str, object]], names: list[str]) -> str:
    """The rows as Markdown."""
    heads = ["head", "amplitude", "H.264", "events", "found", "apex off, median", "apex within 3"]
    heads += [part for name in names for part in (f"UF1 {name}, of the found", "no sticker: label changed")] + [
        "false a minute"
    ]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in rows:
        bitrate = row["bitrate"]
        cells = [
            str(row["head"]),
            f"{row['amplitude']:.1%}" if row["amplitude"] else "none",
            f"{int(str(bitrate)) // 1000} kbit/s" if bitrate else "–",
            f"{row['events']} ({row['faces']} faces)" if row["events"] else "0",
            _share(row, "found", percent=True),
            f"{row['apex_median']:.0f}" if "apex_median" in row else "–",
            f"{row['apex_within']:.0%}" if "apex_within" in row else "–",
        ]
        for name in names:
            control = row.get(f"control_{name}")
            cells += [_share(row, f"uf1_{name}"), "–" if control is None else f"{control:.0%}"]
        low, high = cast(tuple[float, float], row["false_interval"])
        cells.append(f"{row['false_per_minute']:.1f} [{low:.1f}, {high:.1f}]")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _share(row: dict[str, object], key: str, *, percent: bool = False) -> str:
    value, interval = row.get(key), row.get(f"{key}_interval")
    if not isinstance(value, float) or not isinstance(interval, tuple):
        return "–"
    low, high = interval
    return f"{value:.0%} [{low:.0%}, {high:.0%}]" if percent else f"{value:.2f} [{low:.2f}, {high:.2f}]"
