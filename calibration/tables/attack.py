"""Tables I to III: queries, causal placement beside what it is compared with, and size; beside the paper's figures."""

from collections.abc import Sequence

from deadpan.calibration.report.wording import number, points, words
from deadpan.calibration.tables import paper
from deadpan.calibration.tables.layout import MISSING, Cell, Figure, Section, Table, gain, index, share
from deadpan.calibration.tables.row import CONTROLS, Row
from deadpan.calibration.tables.verdict import (
    CALLED,
    INTERVALS,
    PLACED,
    called,
    counted,
    panels,
    queries,
    shown,
    size,
    title,
)


def table_1(rows: Sequence[Row]) -> Section:
    """Answers asked for, a clip."""
    asked: dict[str, list[Row]] = {}
    for row in rows:
        name = row.placement.split(":")[0]
        if name not in CONTROLS and name != "region":
            asked.setdefault(name, []).append(row)
    lines = [
        (
            CALLED[name],
            queries(sum(row.queries * row.n for row in asked[name]) / sum(row.n for row in asked[name])),
            _right(asked[name]),
            f"{queries(min(row.queries for row in asked[name]))} to {queries(max(row.queries for row in asked[name]))}",
            str(len(asked[name])),
            str(sum(row.n for row in asked[name])),
        )
        for name in CALLED
        if name in asked
    ]
    said: tuple[str, ...] = (
        "Answers of the recognizer that were asked for to find where a sticker goes, counted while it was looked for. "
        "The paper counts one a picture for itself, and iterations times population for the others; a causal place "
        "asks for none, but the graph needs the motion of other people. RHDE as published may ask for 9,510.",
    )
    if {"rhde", "rhde-free"} & set(asked):
        said += (
            "A clip that is wrong untouched needs no sticker: RHDE finds that out with its first 120 questions. Such "
            "clips are in the mean over all; attack success is counted without them: it belongs to the mean beside it.",
        )
    caption = (
        "Mean over clips, and over those that are right untouched; least and most over the rows of the table: victim, "
        "data set, sticker and size. A clip counts once in each of these rows."
    )
    heads = ("Placement", "Queries a clip", "Right untouched", "Least to most", "Rows", "Clips in them")
    return Section("Table I: queries", said, (Table("queries", "", caption, heads, tuple(lines)),) if lines else ())


def _right(rows: Sequence[Row]) -> str:
    """Queries of a clip that is right untouched, mean over rows by how many there are."""
    known = [(row.queries_right, row.clean_accuracy * row.n) for row in rows if row.queries_right is not None]
    return queries(sum(each * n for each, n in known) / sum(n for _, n in known)) if known else MISSING


def table_2(rows: Sequence[Row]) -> Section:
    """Each way to place a sticker, for every victim and data set, and what the paper printed."""
    k = size(rows)
    heads = ("Sticker", "Placement", "Draws", "Attack success", "Less random, points", "Error", "Label changed")
    tables = []
    for (victim, dataset), panel in panels(rows).items():
        laid = [row for row in panel if row.placement in PLACED and (shown(row, k) or row.placement in CONTROLS)]
        if not any(row.placement not in CONTROLS for row in laid):
            continue
        lines = [
            (
                "–" if row.placement in CONTROLS else words(row.sticker),
                called(row, k),
                str(row.draws),
                "–" if row.placement == "none" else share(row.attack_success),
                "–" if row.gain is None else gain(row.gain),
                share(row.error),
                "–" if row.placement == "none" else share(row.fooling),
                index(row.uf1),
                index(row.uar),
            )
            for row in sorted(laid, key=lambda row: (row.placement not in CONTROLS, row.sticker))
        ]
        tables.append(
            Table(
                f"placement/{victim}/{dataset}",
                f"{victim}, {title(dataset)}",
                f"{counted(laid)}; stickers of {number(k)}/10.",
                (*heads, "UF1", "UAR"),
                tuple(lines),
                2,
            )
        )
    printed, patches = _printed({row.dataset for row in rows}), any(row.sticker == "patch" for row in rows)
    said = (
        "Attack success is counted over the clips that are right untouched. Error is counted over all clips, wrong "
        "ones without any sticker included: that is what the paper’s Table II calls ASR. Less random: attack success "
        f"less that of random places, paired over the same people. {INTERVALS}",
        "Causal: the region with the most outgoing arrows in the graph of the other people’s motion, the same for all "
        "clips of a person. Where that graph has no arrow no sticker is laid, and the clip counts as not attacked.",
        "Constant input: the victim is shown nothing of any clip, a motion map or pictures of one level all over; what "
        "is right then owes nothing to a face."
        + (" Patch: on a motion map nothing moves under a sticker, whatever its art." if patches else ""),
        "The best of 14 regions and RHDE ask the very recognizer that judges, and know the right label: they bound "
        "what a place can do, and protect nobody whose reader is not at hand.",
    )
    return Section("Table II: causal placement and what it is compared with", said, (*tables, *printed))


def _printed(datasets: set[str]) -> tuple[Table, ...]:
    """The paper's own figures, of data sets that are ours, too."""
    theirs = paper.load()
    lines: list[tuple[Cell, ...]] = []
    for dataset in sorted(datasets & set(theirs.clips)):
        for victim in theirs.claimed:
            cells = [each for each in theirs.of(dataset) if each.victim == victim]
            random, causal = ([getattr(each, name) for each in cells] for name in ("random", "causal"))
            lines.append(
                (
                    title(dataset),
                    victim,
                    str(theirs.clips[dataset]),
                    Figure(f"{paper.mean(random):.1f}%", f"{min(random):.1f} to {max(random):.1f}"),
                    Figure(f"{paper.mean(causal):.1f}%", f"{min(causal):.1f} to {max(causal):.1f}"),
                    points((paper.mean(causal) - paper.mean(random)) / 100, unit=False),
                )
            )
    gains = " and ".join(f"{points(theirs.gain(name) / 100)} ({name})" for name in theirs.claimed)
    claims = " and ".join(f"{each:.2f}%" for each in theirs.claimed.values())
    caption = (
        f"{theirs.source}. Error over all its clips: mean of its eight stickers, least and most; compare with the "
        "column Error above, on other clips of the data set and by other trainings. Over all its cells causal "
        f"placement gains {gains}, not {claims} as the text says; {theirs.worse} of {len(theirs.placement)} cells are "
        f"worse than random places, {theirs.ties} the same; {theirs.impossible} of {2 * len(theirs.placement)} "
        "figures are no share of any count of the clips."
    )
    heads = ("Data set", "Victim", "Clips", "Random places", "Causal", "Gain, points")
    return (Table("printed", "What the paper printed", caption, heads, tuple(lines), 2),) if lines else ()


def table_3(rows: Sequence[Row]) -> Section:
    """Attack success by size."""
    sizes = sorted({row.k for row in rows if row.placement in ("random", "causal")})
    lines = []
    for (victim, dataset), panel in panels(rows).items():
        found: dict[tuple[str, str], dict[float, Row]] = {}
        for row in panel:
            if row.placement in ("random", "causal"):
                found.setdefault((row.sticker, row.placement), {})[row.k] = row
        for (sticker, placement), by_size in sorted(found.items()):
            cells = (share(by_size[k].attack_success) if k in by_size else MISSING for k in sizes)
            n = str(next(iter(by_size.values())).n)
            lines.append((victim, title(dataset), words(sticker), CALLED[placement], n, *cells))
    heads = ("Victim", "Data set", "Sticker", "Placement", "n", *(f"k = {number(k)}" for k in sizes))
    said = ("Attack success by the sticker’s size: k tenths of the face’s width and height.",)
    table = Table("size", "", "95 % intervals over people.", heads, tuple(lines), 4)
    return Section("Table III: size", said, (table,) if len(sizes) > 1 else ())
