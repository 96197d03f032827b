"""What a report draws over a face: the causal graph, effects, and which region wins. Every drawing is an SVG text."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.effect.tally import signed
from deadpan.calibration.report.outline import TALL, lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Values = NDArray[np.floating[Any]]
"""(14,) in the order of `NAMES`."""
Places = NDArray[np.floating[Any]]
"""(14, 2): x right, y down, as fractions of the crop."""
Edge = tuple[int, int, float]
"""From which region to which, as indices, and how sure that is: the share of resamples that have it, 0…1."""

INK, SOFT, PALE = "#1c2733", "#8593a1", "#dfe5ea"
BLUE, ORANGE, GREEN, YELLOW = "#0072b2", "#d55e00", "#009e73", "#f0c75e"
"""Of Okabe and Ito's palette, which stays apart for every kind of colour vision and in grey."""
NODE = 0.045
"""Of a region's mark: its radius and a little more, in widths of the crop."""
WIDTH = 4.8
"""Inches. Seen at 350 px on a phone and at 590 on a desk, where letters of 9 points are 9 px and 15 px."""


@contextmanager
def sheet(height: float, width: float = WIDTH) -> Iterator[tuple["Figure", io.StringIO]]:
    """An empty figure, inches; when the block ends, its SVG is in the text beside it.

    Drawn without pyplot, which keeps figures alive and may look for a display; the same input gives the same bytes.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    settings: dict[Any, Any] = {
        "svg.hashsalt": "deadpan",
        "svg.fonttype": "path",
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "text.color": INK,
        "axes.edgecolor": SOFT,
        "axes.labelcolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with mpl.rc_context(settings):
        figure, text = Figure((width, height), layout="constrained"), io.StringIO()
        yield figure, text
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})


def graph(
    places: Places,
    directed: Sequence[Edge],
    undirected: Sequence[Edge],
    degree: Values,
    chosen: Sequence[int] = (),
) -> str:
    """The causal graph over a face: arrows, plain lines where the direction is open, and out-degrees as colour."""
    from matplotlib.patches import FancyArrowPatch

    with sheet(5.3) as (figure, text):
        axes = _face(figure)
        at = places * (1, TALL)
        for edges, style in ((undirected, "-"), (directed, "-|>,head_length=5,head_width=3")):
            for source, target, sure in edges:
                axes.add_patch(
                    FancyArrowPatch(
                        at[source],
                        at[target],
                        arrowstyle=style,
                        connectionstyle=f"arc3,rad={_bend(at, source, target, 0.12 if edges is directed else 0.0)}",
                        shrinkA=10,
                        shrinkB=10,
                        linewidth=0.8 + 2.4 * sure,
                        color=BLUE if edges is directed else SOFT,
                        alpha=0.35 + 0.6 * sure,
                        linestyle="-" if edges is directed else (0, (3, 2)),
                        zorder=3,
                    )
                )
        _nodes(axes, at, degree, chosen)
    return text.getvalue()


def _bend(at: Places, source: int, target: int, least: float) -> float:
    """How far an edge must bow, in shares of its length, to pass by every node between its ends; `least` if it can."""
    (x, y), (u, v) = at[source], at[target]
    steps = np.linspace(0, 1, 41)[:, None]
    others = np.delete(at, [source, target], axis=0)
    for bow in sorted((sign * (least + more) for more in np.arange(0, 0.6, 0.06) for sign in (1, -1)), key=abs):
        # matplotlib's arc3: a quadratic curve whose middle point lies off the straight line by that share.
        middle = np.array([(x + u) / 2 - bow * (v - y), (y + v) / 2 + bow * (u - x)])
        curve = (1 - steps) ** 2 * at[source] + 2 * steps * (1 - steps) * middle + steps**2 * at[target]
        if np.linalg.norm(curve[:, None] - others, axis=2).min() > NODE:
            return float(bow)
    return least


def _nodes(axes: Any, at: Places, degree: Values, chosen: Sequence[int]) -> None:
    top = max(float(degree.max()), 1.0)
    for index, (x, y) in enumerate(at):
        share = float(degree[index]) / top
        ring = ORANGE if index in chosen else INK
        fill = shade(share)
        width = 2.6 if index in chosen else 1.0
        axes.plot(x, y, "o", markersize=18, color=fill, markeredgecolor=ring, markeredgewidth=width, zorder=4)
        axes.text(
            x, y, str(index + 1), ha="center", va="center_baseline", color="white" if share > 0.5 else INK, zorder=5
        )


def heat(places: Places, value: Values, size: tuple[float, float], form: str = ".1%", pale: float | None = None) -> str:
    """What was measured with a sticker on each region, a share by default, as colour and figure where it was measured.

    `size`: the sticker's width and height, fractions of the crop; drawn once, where the value is highest. `pale` is
    the value that is not dark at all, by default the least; when none is higher, no place is the highest.
    """
    from matplotlib.patches import Rectangle

    with sheet(5.3) as (figure, text):
        axes = _face(figure)
        low, high = float(np.nanmin(value)) if pale is None else pale, float(np.nanmax(value))
        for index, (x, y) in enumerate(places * (1, TALL)):
            share = float((value[index] - low) / max(high - low, 1e-9))
            axes.plot(x, y, "o", markersize=27, color=shade(share), markeredgecolor=INK, markeredgewidth=0.8, zorder=4)
            colour = "white" if share > 0.5 else INK
            axes.text(
                x,
                y,
                signed(f"{value[index]:{form}}"),
                ha="center",
                va="center",
                color=colour,
                fontsize=7.5,
                zorder=5,
            )
        wide, tall = np.array(size) * (1, TALL)
        x, y = places[int(np.nanargmax(value))] * (1, TALL)
        box = Rectangle((x - wide / 2, y - tall / 2), wide, tall, fill=False, edgecolor=INK, linestyle=(0, (3, 2)))
        if high > low:
            axes.add_patch(box)
    return text.getvalue()


def _face(figure: "Figure") -> Any:
    axes = figure.add_subplot()
    for line in lines():
        axes.plot(line[:, 0], line[:, 1] * TALL, color=SOFT, linewidth=1.2, solid_capstyle="round", zorder=1)
    axes.set_aspect("equal")
    axes.set_xlim(-0.13, 1.12)
    axes.set_ylim(1.08 * TALL, -0.1 * TALL)
    axes.set_axis_off()
    return axes


def shade(share: float) -> tuple[float, float, float]:
    """From nearly white to deep blue, 0…1; evenly darker, so that it also reads in grey."""
    pale, deep = np.array([0.93, 0.95, 0.97]), np.array([0.03, 0.25, 0.42])
    mixed = pale + (deep - pale) * float(np.clip(share, 0, 1))
    return float(mixed[0]), float(mixed[1]), float(mixed[2])
