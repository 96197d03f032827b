"""Across data sets and models: one graph on other clips, AdverFacial's grid, and a recognizer of stills (Fig. 1)."""

from collections.abc import Sequence

from deadpan.calibration.report.wording import number, percent, words
from deadpan.calibration.tables.layout import MISSING, Cell, Section, Table, gain, index, left, share
from deadpan.calibration.tables.row import Row
from deadpan.calibration.tables.shift import Shift
from deadpan.calibration.tables.verdict import CALLED, panels, size, title
from deadpan.calibration.tables.winners import Winners
from deadpan.models.fer2013 import LABELS

UAP = ("uap", "uap-still", "uap-noise")


def transfer(rows: Sequence[Row], winners: Sequence[Winners]) -> Section:
    """What the graph of one data set does on the clips of another."""
    k = size(rows)
    moved = [row for row in rows if row.placement.startswith("causal:") and row.k == k]
    sources = sorted({row.placement.removeprefix("causal:") for row in moved})
    lines: list[tuple[Cell, ...]] = []
    for victim, dataset, sticker in dict.fromkeys((row.victim, row.dataset, row.sticker) for row in moved):
        here = [row for row in rows if (row.victim, row.dataset, row.sticker, row.k) == (victim, dataset, sticker, k)]
        known = {row.placement: row for row in here}
        own, random = known.get("causal"), known.get("random")
        cells = [known.get(f"causal:{each}") for each in sources]
        lines.append(
            (
                victim,
                title(dataset),
                words(sticker),
                str(here[0].n),
                MISSING if random is None else share(random.attack_success),
                MISSING if own is None else share(own.attack_success),
                *(
                    "–" if name == dataset else MISSING if row is None else share(row.attack_success)
                    for name, row in zip(sources, cells, strict=True)
                ),
            )
        )
    heads = ("Victim", "Clips of", "Sticker", "n", "Random places", "Own graph")
    said = (
        "Attack success where the graph is that of another data set. The paper calls its graph independent of the data "
        "set; then a row would hold the same figure throughout, above that of random places.",
    )
    caption = f"Stickers of {number(k)}/10; 95 % intervals over people."
    for each in winners:
        if each.dataset in sources and not each.graph.winners:
            caption += f" The graph of {title(each.dataset)} names no region: there no sticker is laid."
    table = Table("transfer", "", caption, (*heads, *(f"Graph of {title(each)}" for each in sources)), tuple(lines), 3)
    return Section("Transfer: one data set’s graph on the others", said, (table,) if lines else ())


def uap(rows: Sequence[Row]) -> Section:
    """Each model on each data set: untouched, and under a universal perturbation."""
    lines: list[tuple[Cell, ...]] = []
    for (victim, dataset), panel in panels(rows).items():
        for row in panel:
            if row.placement != "none" and row.placement not in UAP:
                continue
            untouched = row.placement == "none"
            lines.append(
                (
                    victim,
                    title(dataset),
                    "none" if untouched else CALLED[row.placement],
                    str(row.n),
                    share(left(row.error)),
                    "–" if untouched else share(row.fooling),
                    "–" if row.fooling_gain is None else gain(row.fooling_gain),
                    "–" if untouched else share(row.attack_success),
                    "–" if row.gain is None else gain(row.gain),
                )
            )
    measured = any(row.placement in UAP for row in rows)
    said = (
        "What each model tells right without any change, and how many labels change (fooling rate) under a universal "
        "adversarial perturbation that was learned on other people. "
        + (
            "Random signs of the same size are the control. Less random: the figure before it, less theirs, in points, "
            "paired over the same people."
            if measured
            else "No such perturbation was measured in this run."
        ),
    )
    figures = ("n", "Right", "Label changed", "Less random", "Attack success", "Less random")
    heads = ("Victim", "Data set", "Perturbation", *figures)
    table = Table("uap", "", "95 % intervals over people.", heads, tuple(lines), 3)
    return Section("AdverFacial’s grid: models and data sets", said, (table,) if lines else ())


def fig_1(shift: Shift | None) -> Section:
    """What a recognizer of stills says without a sticker and with one."""
    if shift is None:
        return Section("", (), ())
    lines: list[tuple[Cell, ...]] = [
        ("face found", *(percent(1 - way.nobody, digits=0) for way in shift.ways)),
        ("label changed", "–", *(share(way.changed) for way in shift.ways[1:])),
        ("what was said clean", *(index(way.kept) for way in shift.ways)),
    ]
    lines += [(label, *(index(way.probabilities[each]) for way in shift.ways)) for each, label in enumerate(LABELS)]
    heads = ("", *(way.name for way in shift.ways))
    draws = max(way.draws for way in shift.ways)
    more = shift.difference
    differs = more.low > 0 or more.high < 0
    said = (
        f"A recognizer of open expressions (fer2013) on {shift.pictures} pictures: mean probabilities without a "
        f"sticker, with one “{words(shift.sticker)}” of {number(shift.k)}/10 at a random place, and on the "
        f"{words(shift.region)} ({shift.why}). The causal place changes "
        f"{shift.ways[-1].changed} of the labels, less random places {more.points}"
        + ("." if differs else ": no difference that these pictures could tell."),
    )
    caption = (
        f"Shares, and mean probabilities of classes; n = {shift.pictures} pictures, {draws} random places each. 95 % "
        "intervals over pictures, for nobody says who is on them."
    )
    table = Table("shift", "", caption, heads, tuple(lines))
    return Section("Fig. 1: how the probabilities of stills shift", said, (table,))
