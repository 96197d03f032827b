"""What a report draws beside a face: bars, intervals and curves. Every chart is an SVG text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.report.drawings import BLUE, GREEN, INK, ORANGE, PALE, SOFT, Values, shade, sheet
from deadpan.stickers.regions import NAMES

Row = tuple[str, float, float, float]
"""A label, a value and the ends of its 95 % interval."""
LIGHT = "#9ac4de"
ROW = 0.24
"""Inches that a line of a chart takes."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One line of a chart, with a band about it."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    control: bool = False
    """Drawn grey and dashed: what the others have to beat."""
    band: bool = True
    """Whether the interval is drawn; of many lines, only where they would not hide each other."""


def bars(rows: Sequence[tuple[str, float]], what: str, sole: Values | None = None) -> str:
    """A share, 0…1, a line; `sole` is the part of each of the first lines for which it is the only winner."""
    with sheet((1.0 if sole is not None else 0.7) + ROW * len(rows)) as (figure, text):
        axes = figure.add_subplot()
        share = np.array([value for _, value in rows])
        regions = np.isin([name for name, _ in rows], NAMES)
        colours = [LIGHT if each else PALE for each in regions]
        axes.barh(np.arange(len(rows)), share, color=colours, height=0.72, label="among the winners, ties split")
        if sole is not None:
            axes.barh(np.arange(len(sole)), sole, color=BLUE, height=0.72, label="the only winner")
        for y, value in enumerate(share):
            axes.text(value + 0.008, y, f"{value:.0%}", va="center", fontsize=8.5)
        _rows(axes, [name for name, _ in rows])
        axes.set_xlim(0, max(0.3, float(share.max()) * 1.15))
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")
        axes.set_xlabel(what)
        if sole is not None:
            _legend(figure)
    return text.getvalue()


def intervals(
    rows: Sequence[Row],
    what: str,
    band: Row | None = None,
    *,
    unit: str | None = "%",
    marked: Sequence[int] = (),
) -> str:
    """A value with its interval a line; `band` is drawn behind them all, `marked` lines in another colour.

    Values are hundredths of `unit`, where there is one.
    """
    with sheet(0.85 + ROW * len(rows) + (0.3 if band else 0)) as (figure, text):
        axes = figure.add_subplot()
        if band is not None:
            label, value, low, high = band
            axes.axvspan(low, high, color=PALE, zorder=0, label=label)
            axes.axvline(value, color=SOFT, linewidth=1.2, linestyle="--", zorder=1)
        elif any(low < 0 for _, _, low, _ in rows):
            axes.axvline(0, color=SOFT, linewidth=1.2, linestyle="--", zorder=1)
        for y, (_, value, low, high) in enumerate(rows):
            colour = ORANGE if y in marked else BLUE
            axes.plot([low, high], [y, y], color=colour, linewidth=2, solid_capstyle="round")
            # A dot at nothing is whole, though half of it lies beyond the axis.
            axes.plot(value, y, "D" if y in marked else "o", color=colour, markersize=6, clip_on=False, zorder=3)
        if all(low >= 0 for _, _, low, _ in (*rows, *([band] if band else []))):
            axes.set_xlim(left=0)
        _rows(axes, [label for label, *_ in rows])
        if unit is not None:
            axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}{unit}".replace("-", "−"))
        axes.set_xlabel(what)
        axes.grid(axis="x", color=PALE, linewidth=0.8)
        axes.set_axisbelow(True)
        if band is not None:
            _legend(figure)
    return text.getvalue()


def curves(lines: Sequence[Curve], across: str, up: str) -> str:
    """Lines over the same axis, each with its band."""
    styles = [(BLUE, "o"), (ORANGE, "D"), (GREEN, "s"), (INK, "^")]
    with sheet(3.5) as (figure, text):
        axes = figure.add_subplot()
        coloured = iter(styles * len(lines))
        for line in lines:
            colour, marker = (SOFT, "x") if line.control else next(coloured)
            if line.band:
                axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.18, linewidth=0)
            style = "--" if line.control else "-"
            axes.plot(
                *(line.x, line.y, style),
                marker=marker,
                color=colour,
                markersize=5.5,
                label=line.label,
                clip_on=False,
            )
        axes.set_xticks(sorted({x for line in lines for x in line.x}))
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.grid(axis="y", color=PALE, linewidth=0.8)
        axes.legend(framealpha=0.85, edgecolor="none", fontsize=8.5, loc="upper left")
    return text.getvalue()


def matrix(values: NDArray[np.floating[Any]], rows: Sequence[str], columns: Sequence[str]) -> str:
    """A grid of counts, (rows, columns), the darker, the smaller; one that was not measured, NaN, stays empty."""
    from matplotlib.patches import Rectangle

    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    with sheet(1.0 + ROW * len(rows)) as (figure, text):
        axes = figure.add_subplot()
        for y, x in np.argwhere(np.isfinite(values)):
            share = float((high - values[y, x]) / max(high - low, 1e-9))
            axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=shade(share), edgecolor="white"))
            colour = "white" if share > 0.5 else INK
            axes.text(x, y, f"{values[y, x]:.4g}", ha="center", va="center", color=colour, fontsize=7.5)
        _rows(axes, rows)
        axes.set_xticks(range(len(columns)), [each.replace("_", " ") for each in columns], rotation=45, ha="left")
        axes.tick_params(axis="x", length=0, labeltop=True, labelbottom=False)
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.spines[:].set_visible(False)
    return text.getvalue()


def _rows(axes: Any, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), [label.replace("_", " ") for label in labels])
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0, pad=7)  # clear of a dot at nothing


def _legend(figure: Any) -> None:
    figure.legend(loc="outside upper left", frameon=False, fontsize=8.5, ncols=2)
