"""Figs. 4 and 5: what is still told right with a sticker on each region, and which region the graph names."""

from collections.abc import Iterable, Sequence

from deadpan.calibration.report.wording import number, percent, ties, words
from deadpan.calibration.tables.layout import MISSING, Cell, Figure, Section, Table
from deadpan.calibration.tables.row import Row
from deadpan.calibration.tables.verdict import counted, panels, size, title
from deadpan.calibration.tables.winners import Winners
from deadpan.stickers.regions import NAMES


def fig_4(rows: Sequence[Row]) -> Section:
    """True positives by sticker and region."""
    k = size(rows)
    tables = []
    for (victim, dataset), panel in panels(rows).items():
        stickers = by_region(panel, k)
        if not stickers:
            continue
        clean = next((row for row in panel if row.placement == "none"), None)
        lines: list[tuple[Cell, ...]] = []
        for name in NAMES:
            cells = (found.get(name) for found in stickers.values())
            lines.append((words(name), *(MISSING if row is None else _counted(row) for row in cells)))
        untouched = "" if clean is None else f" {positives(clean)} without a sticker."
        tables.append(
            Table(
                f"positions/{victim}/{dataset}",
                f"{victim}, {title(dataset)}",
                f"True positives of {counted(panel)}, with one sticker of {number(k)}/10 on each region; 95 % "
                f"intervals over people.{untouched}",
                ("Region", *(words(each) for each in stickers)),
                tuple(lines),
            )
        )
    said = (
        "How many clips are still told right with one sticker on one region: the fewer, the better it hides. The paper "
        "counts the same for MMNet, in a figure without an axis; its attack success with intervals is drawn beside.",
    )
    return Section("Fig. 4: true positives by sticker and position", said, tuple(tables))


def by_region(panel: Iterable[Row], k: float) -> dict[str, dict[str, Row]]:
    """Of each sticker the rows of single regions at size `k`, by region."""
    found: dict[str, dict[str, Row]] = {}
    for row in panel:
        if row.region in NAMES and row.k == k:
            found.setdefault(row.sticker, {})[row.region] = row
    return found


def positives(row: Row) -> str:
    """True positives of all classes."""
    return number(round(row.tp_negative + row.tp_positive + row.tp_surprise, 1))


def _counted(row: Row) -> Figure:
    """True positives, with the ends that the error's interval leaves."""
    low, high = (row.n * (1 - end) for end in (row.error.high, row.error.low))
    return Figure(positives(row), f"{low:.0f} to {high:.0f}")


def fig_5(found: Sequence[Winners]) -> Section:
    """Each data set's graph: out-degrees, and how stable the winner is."""
    tables = []
    for each in found:
        steady, own, graph = each.steady, each.own, each.graph
        lines = [
            (
                f"{at + 1} {words(name)}",
                str(graph.out_degree[name]),
                str(graph.possible_out_degree[name]),
                percent(float(steady.winner[at]), digits=0),
                Figure(f"{steady.out_degree[at]:.1f}", "{:.0f} to {:.0f}".format(*steady.interval[at])),
                MISSING if own is None else percent(float(own.share[at]), digits=0),
            )
            for at, name in enumerate(NAMES)
        ]
        tables.append(
            Table(
                f"winners/{each.dataset}",
                title(each.dataset),
                f"{graph.n} clips of {each.subjects} people. By the paper’s rule: {ties(graph.winners)}. Of "
                f"{steady.resamples} resamples of {steady.drawn} {percent(steady.none, digits=0)} name none."
                f"{'' if own is None else f' A clip’s own graph: {own.note[0].lower()}{own.note[1:]}'}",
                ("Region", "Out", "Possible", "Winner", "Mean out", "Own"),
                tuple(lines),
            )
        )
    said = (
        "The paper names the region with the most outgoing arrows, and shows for how many pictures each region is "
        "that. Out: arrows that leave the region. Possible: the same if every edge whose direction is open left it. "
        "Winner: in what share of resamples of the people the region has the most, ties split: how often others would "
        "have named the same. Mean out: over the resamples, with its 95 % interval. Own: in what share of the clips "
        "the region wins the clip’s own graph, as in the paper’s figure.",
        "A resample has some people twice, which makes its clips look like more than they are: it has more arrows than "
        "the data themselves. So all resamples may name a winner where the data name none; compare regions with each "
        "other, not with the column Out.",
    )
    return Section("Fig. 5: which region wins", said, tuple(tables))
