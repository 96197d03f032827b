"""What a report draws over a face: the causal graph, effects, and which region wins. Every drawing is an SVG text."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.report.outline import TALL, lines
from deadpan.stickers.regions import NAMES

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
                        connectionstyle="arc3,rad=0.12" if edges is directed else "arc3,rad=0",
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


def _nodes(axes: Any, at: Places, degree: Values, chosen: Sequence[int]) -> None:
    top = max(float(degree.max()), 1.0)
    for index, (x, y) in enumerate(at):
        share = float(degree[index]) / top
        ring = ORANGE if index in chosen else INK
        fill = _shade(share)
        width = 2.6 if index in chosen else 1.0
        axes.plot(x, y, "o", markersize=18, color=fill, markeredgecolor=ring, markeredgewidth=width, zorder=4)
        axes.text(
            x, y, str(index + 1), ha="center", va="center_baseline", color="white" if share > 0.5 else INK, zorder=5
        )


def heat(places: Places, value: Values, size: tuple[float, float]) -> str:
    """A share, 0…1, measured with a sticker on each region, as colour and figure where it was measured.

    `size`: the sticker's width and height, fractions of the crop; drawn once, beside the face, as the scale.
    """
    from matplotlib.patches import Rectangle

    with sheet(5.3) as (figure, text):
        axes = _face(figure)
        low, high = float(np.nanmin(value)), float(np.nanmax(value))
        for index, (x, y) in enumerate(places * (1, TALL)):
            share = float((value[index] - low) / max(high - low, 1e-9))
            axes.plot(x, y, "o", markersize=27, color=_shade(share), markeredgecolor=INK, markeredgewidth=0.8, zorder=4)
            colour = "white" if share > 0.5 else INK
            axes.text(x, y, f"{value[index]:.1%}", ha="center", va="center", color=colour, fontsize=7.5, zorder=5)
        corner = -0.12, (1.07 - size[1]) * TALL
        axes.add_patch(Rectangle(corner, size[0], size[1] * TALL, fill=False, edgecolor=SOFT, linestyle=(0, (3, 2))))
        axes.text(corner[0], corner[1] - 0.02, "sticker", fontsize=8, color=INK)
    return text.getvalue()


def pie(shares: Values, too_few: float = 0.0, none: float = 0.0) -> str:
    """The paper's Fig. 5: the share of samples whose own graph each region wins; the rest as slices of their own."""
    with sheet(3.5) as (figure, text):
        axes = figure.add_subplot()
        order = [index for index in np.argsort(-shares, kind="stable") if shares[index] > 0]
        values = [float(shares[index]) for index in order]
        names = [f"{index + 1} {NAMES[index]}".replace("_", " ") for index in order]
        colours: list[Any] = [_shade(0.95 - 0.8 * rank / max(len(order) - 1, 1)) for rank in range(len(order))]
        for share, name, colour in ((none, "no winner", PALE), (too_few, "too few cells", SOFT)):
            if share > 0:
                values, names, colours = [*values, share], [*names, name], [*colours, colour]
        axes.pie(
            values,
            colors=colours,
            startangle=90,
            counterclock=False,
            radius=1.0,
            wedgeprops={"edgecolor": "white", "linewidth": 1.5, "width": 0.62},
        )
        axes.legend(
            [f"{name}: {value:.0%}" for name, value in zip(names, values, strict=True)],
            loc="center left",
            bbox_to_anchor=(0.98, 0.5),
            frameon=False,
            fontsize=8.5,
        )
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


def _shade(share: float) -> tuple[float, float, float]:
    """From nearly white to deep blue, 0…1; evenly darker, so that it also reads in grey."""
    pale, deep = np.array([0.93, 0.95, 0.97]), np.array([0.03, 0.25, 0.42])
    mixed = pale + (deep - pale) * float(np.clip(share, 0, 1))
    return float(mixed[0]), float(mixed[1]), float(mixed[2])
