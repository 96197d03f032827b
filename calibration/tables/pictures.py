"""What is drawn beside the tables, by their keys. Every drawing is an SVG text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deadpan.calibration.effect.tally import Share
from deadpan.calibration.median_face import CENTRES
from deadpan.calibration.report import charts, drawings
from deadpan.calibration.report.charts import Curve
from deadpan.calibration.report.wording import number, words
from deadpan.calibration.tables.findings import Experiment
from deadpan.calibration.tables.regions import by_region
from deadpan.calibration.tables.row import CONTROLS, Row
from deadpan.calibration.tables.shift import Shift
from deadpan.calibration.tables.verdict import CALLED, PLACED, panels, size, title
from deadpan.calibration.tables.winners import Winners
from deadpan.models.fer2013 import LABELS
from deadpan.stickers.regions import NAMES

PLACES = np.array(CENTRES)
LOST = "right labels lost (attack success)"


@dataclass(frozen=True)
class Drawing:
    """A picture, what it shows in words, and what stands under it."""

    svg: str
    alt: str
    caption: str


def of(found: Experiment) -> dict[str, list[Drawing]]:
    """Everything that is drawn, by the key of the table that it stands beside."""
    drawn: dict[str, list[Drawing]] = {"size": _sizes(found.rows), "shift": _shift(found.shift)}
    k = size(found.rows)
    for (victim, dataset), panel in panels(found.rows).items():
        drawn[f"placement/{victim}/{dataset}"] = _placements(panel, k)
        drawn[f"positions/{victim}/{dataset}"] = _positions(panel, k)
    return drawn | {f"winners/{each.dataset}": [_winner(each)] for each in found.winners}


def _placements(panel: Sequence[Row], k: float) -> list[Drawing]:
    """Attack success by placement, of the sticker with the most placements."""
    placed = [row for row in panel if row.placement in PLACED and row.placement not in CONTROLS and row.k == k]
    known = [(row, row.attack_success) for row in placed if row.attack_success is not None]
    stickers = [row.sticker for row, _ in known]
    most = max(dict.fromkeys(stickers), key=stickers.count, default="")
    shown = [(row, share) for row, share in known if row.sticker == most]
    lines = [(CALLED[row.placement], *_ends(share)) for row, share in shown if row.placement != "random"]
    if not lines:
        return []
    svg = charts.intervals(lines, LOST, _band(panel, most, k))
    caption = f"Attack success of “{words(most)}” at {number(k)}/10 by placement, with 95 % intervals over people."
    return [Drawing(svg, f"Dots with lines: {caption} The figures are in the table.", caption)]


def _positions(panel: Sequence[Row], k: float) -> list[Drawing]:
    """Where a sticker takes most: on the face, with intervals, and by sticker."""
    stickers = by_region(panel, k)
    clean = next((row for row in panel if row.placement == "none"), None)
    whole = {name: found for name, found in stickers.items() if len(found) == len(NAMES)}
    drawn = []
    if whole and clean is not None:
        lost = np.array([np.mean([_right(clean) - _right(each[name]) for each in whole.values()]) for name in NAMES])
        what = f"mean of {len(whole)} stickers" if len(whole) > 1 else f"“{words(next(iter(whole)))}”"
        caption = (
            f"True positives lost to one sticker of {number(k)}/10 on each region, of {number(_right(clean))} without "
            f"({what}); the darker, the more. A minus: more clips are told right than without."
        )
        form = "+.1f" if len(whole) > 1 else "+.0f"  # a mean, or a count; two places more would not fit the mark
        svg = drawings.heat(PLACES, lost, (k / 10, k / 10), form=form, pale=0)
        drawn.append(Drawing(svg, f"The face with each region’s true positives lost. {caption}", caption))
    for sticker in list(whole)[:1]:
        shares = [(name, row.attack_success) for name, row in whole[sticker].items()]
        lines = [(name, *_ends(share)) for name, share in shares if share is not None]
        if lines:
            svg = charts.intervals(lines, LOST, _band(panel, sticker, k))
            caption = (
                f"Attack success of “{words(sticker)}” at {number(k)}/10 by region, with 95 % intervals over people."
            )
            drawn.append(Drawing(svg, f"Dots with lines: {caption}", caption))
    if len(stickers) > 1:
        counts = np.array(
            [[_right(found[name]) if name in found else np.nan for found in stickers.values()] for name in NAMES]
        )
        svg = charts.matrix(counts, NAMES, list(stickers))
        caption = "True positives by sticker and region, as in the table; the darker, the fewer are left."
        drawn.append(Drawing(svg, f"A grid: {caption}", caption))
    return drawn


def _sizes(rows: Sequence[Row]) -> list[Drawing]:
    """Attack success by size, a drawing for each victim and data set."""
    drawn = []
    for (victim, dataset), panel in panels(rows).items():
        lines = []
        for placement in ("causal", "random"):
            by_sticker: dict[str, list[tuple[float, Share]]] = {}
            for row in panel:
                if row.placement == placement and row.attack_success is not None:
                    by_sticker.setdefault(row.sticker, []).append((row.k, row.attack_success))
            sticker, found = max(by_sticker.items(), key=lambda each: len(each[1]), default=("", []))
            found.sort(key=lambda each: each[0])
            if len(found) > 1:
                y, low, high = np.array([_ends(share) for _, share in found]).T.tolist()
                label = f"{CALLED[placement]}, {words(sticker)}"
                lines.append(Curve(label, [k for k, _ in found], y, low, high, control=placement == "random"))
        if lines:
            svg = charts.curves(lines, "size of a sticker, tenths of the face", "right labels lost")
            caption = f"{victim}, {title(dataset)}: attack success by size; the bands are 95 % intervals over people."
            drawn.append(Drawing(svg, f"Curves. {caption} The figures are in the table.", caption))
    return drawn


def _winner(each: Winners) -> Drawing:
    at = {name: number for number, name in enumerate(NAMES)}
    arrows = [(at[i], at[j], float(each.steady.edges[at[i], at[j]])) for i, j in each.graph.directed.edges]
    lines = [(at[i], at[j], float(each.steady.adjacent[at[i], at[j]])) for i, j in each.graph.undirected.edges]
    degree = np.array([each.graph.out_degree[name] for name in NAMES], float)
    svg = drawings.graph(each.places, arrows, lines, degree, [at[name] for name in each.graph.winners])
    caption = (
        "The number is the region’s, in the table’s order; the darker, the more arrows leave it; an orange ring marks "
        "the winner. Arrows run from cause to effect, dashed lines have no direction; the thicker, the more resamples "
        "have them."
    )
    return Drawing(svg, f"The causal graph of {title(each.dataset)} over a face. {caption}", caption)


def _shift(shift: Shift | None) -> list[Drawing]:
    if shift is None:
        return []
    lines = [
        (f"{label}, {way.name}", *_ends(way.probabilities[number]))
        for number, label in enumerate(LABELS)
        for way in shift.ways
    ]
    causal = range(2, len(lines), len(shift.ways))
    svg = charts.intervals(lines, "mean probability", unit="%", marked=list(causal))
    caption = "Mean probability of each class by where the sticker lies, with 95 % intervals over pictures."
    return [Drawing(svg, f"Dots with lines: {caption} The figures are in the table.", caption)]


def _band(panel: Sequence[Row], sticker: str, k: float) -> charts.Row | None:
    """Random places of the same sticker and size."""
    for row in panel:
        if (row.placement, row.sticker, row.k) == ("random", sticker, k) and row.attack_success is not None:
            return (f"random places: mean of {row.draws} and its 95 %", *_ends(row.attack_success))
    return None


def _ends(share: Share) -> tuple[float, float, float]:
    return share.value, share.low, share.high


def _right(row: Row) -> float:
    return row.tp_negative + row.tp_positive + row.tp_surprise
