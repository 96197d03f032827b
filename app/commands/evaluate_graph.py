"""`deadpan evaluate graph`: what discovery makes of data whose causes are known."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from deadpan.app.commands.options import JsonFile, LandmarkerFile, check_json, face_landmarker, write_json
from deadpan.app.commands.progress import progress
from deadpan.app.commands.stopping import stoppable

if TYPE_CHECKING:
    from deadpan.calibration.graph import driver_recovery, known

RUNS = 50
QUICK = 5
"""Graphs and runs of each kind with --quick: whether it works, not what it yields."""
COLUMNS = """\
precision, recall: of the edges without their direction. Winners: the regions of the highest out-degree, however many
tie; none: graphs without any. By chance: how often as many regions drawn blindly would do as well. Possible winners:
those that would win if every edge of open direction left them. Alone: the driver wins without a tie. Its arrows, its
edges: of the driver's four, found with and without the right direction. False edges: between regions that have none."""
"""What the tables' heads mean."""


@stoppable()
def graph(
    pictures: Annotated[int, typer.Option(help="Runs on rendered clips; dear.", min=0, max=200)] = 10,
    clips: Annotated[int, typer.Option(help="Rendered clips a run.", min=50)] = 442,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1)] = 2,
    quick: Annotated[bool, typer.Option("--quick", help="Only a few of each kind.")] = False,
    landmarker: LandmarkerFile = None,
    json: JsonFile = None,
) -> None:
    """Measure causal discovery on random graphs and on synthetic drivers; prints Markdown tables."""
    from deadpan.calibration.graph import driver_recovery, known
    from deadpan.calibration.synthetic import faces

    check_json(json)
    model = face_landmarker(landmarker)
    runs = QUICK if quick else RUNS
    kinds = [
        ("amplitudes", 442, runs),
        ("fields", 442, runs),
        ("pictures", clips, min(pictures, 1 if quick else pictures)),
    ]
    if not quick:
        kinds[2:2] = [("fields", 2000, runs)]
    graphs = [(degree, n) for degree in (2, 4) for n in (442, 5000, 0)]
    with progress() as told:
        count = QUICK if quick else 100
        known_rows = [
            known.measure(degree, n, count, jobs, partial(told, f"random graphs, n = {n or 'infinite'}"))
            for degree, n in graphs
        ]
        stills = [still.framed(driver_recovery.FRAME) for still in faces.load(model)]
        driven = [
            row
            for seen, n, count in kinds
            if count
            for row in driver_recovery.measure(
                seen, n, count, stills, ("strain", "magnitude"), jobs, partial(told, f"drivers as {seen}, n = {n}")
            )
        ]
    record: dict[str, object] = {
        "random_graphs": [row.record() for row in known_rows],
        "drivers": [row.record() for row in driven],
    }
    write_json(json, record)
    print(f"Random graphs over 14 regions, three levels, flat Dirichlet tables:\n\n{random_table(known_rows)}")
    print(f"\nOne region drives four others (`calibration/synthetic/drivers.py`):\n\n{driver_table(driven)}")
    print(f"\n{COLUMNS}")
    if quick:
        print(f"\n--quick: {QUICK} of each kind show that it works; such figures are too few to mean anything.")


def random_table(rows: "list[known.Row]") -> str:
    """As Markdown."""
    heads = [
        "neighbours",
        "n",
        "graphs",
        "precision",
        "recall",
        "true top among winners (by chance)",
        "winners",
        "none",
    ]
    heads += ["among possible winners (by chance)", "possible winners"]
    cells = [
        [
            f"{row.degree:g}",
            str(row.n or "infinite"),
            str(row.graphs),
            f"{row.precision:.2f}",
            f"{row.recall:.2f}",
            f"{row.among:.0%} ({row.chance:.0%})",
            f"{row.winners:.1f}",
            f"{row.none:.0%}",
            f"{row.possibly:.0%} ({row.possible_chance:.0%})",
            f"{row.possible_winners:.1f}",
        ]
        for row in rows
    ]
    return _table(heads, cells)


def driver_table(rows: "list[driver_recovery.Row]") -> str:
    """As Markdown."""
    heads = ["seen as", "feature", "n", "runs", "driver among winners", "alone", "winners", "among possible winners"]
    heads += ["possible winners", "its arrows found", "its edges found", "false edges"]
    cells = [
        [
            row.seen,
            row.feature,
            str(row.n),
            str(row.runs),
            f"{row.among:.0%} [{row.interval[0]:.0%}, {row.interval[1]:.0%}]",
            f"{row.sole:.0%}",
            f"{row.winners:.1f}",
            f"{row.possibly:.0%}",
            f"{row.possible_winners:.1f}",
            f"{row.arrows:.0%}",
            f"{row.adjacent:.0%}",
            f"{row.false:.1f}",
        ]
        for row in rows
    ]
    return _table(heads, cells)


def _table(heads: list[str], cells: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
