"""Discovery: the causal graph over the regions, by the PC algorithm with the chi-square test (the paper, II)."""

import warnings
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from deadpan.calibration.graph.discretise import Cells, Levels, pairwise
from deadpan.calibration.graph.independence import ChiSquare
from deadpan.calibration.graph.skeleton import skeleton
from deadpan.models.errors import DeadpanError
from deadpan.stickers.regions import NAMES

ALPHA = 0.05
Endpoints = NDArray[np.int8]
"""(14, 14) int8 as causal-learn has it: i → j is [i, j] = −1 and [j, i] = 1; i — j is −1 twice; 0 where no edge is."""


@dataclass(frozen=True, eq=False)
class CausalGraph:
    """What PC makes of a table of levels: a class of graphs that the data cannot tell apart."""

    directed: nx.DiGraph
    """i → j where every graph of the class has that arrow; all 14 names are nodes. Where tests contradict each other,
    arrows may close a circle."""
    undirected: nx.Graph
    """i — j where the class holds graphs with either arrow; all 14 names are nodes."""
    n: int
    """Samples."""
    alpha: float
    """Significance level of each test."""
    note: str = ""
    """What a reader must know: constant columns, tables with too few samples; sentences, or nothing."""

    @property
    def out_degree(self) -> dict[str, int]:
        """Arrows that leave each region: the paper's d(v), equation 1. Undirected edges do not count."""
        return dict(self.directed.out_degree())

    @property
    def possible_out_degree(self) -> dict[str, int]:
        """The same if every undirected edge left the region: the most that any graph of the class gives it."""
        return {name: degree + self.undirected.degree[name] for name, degree in self.out_degree.items()}

    @property
    def winners(self) -> tuple[str, ...]:
        """v* of equation 1, with every tie, in the order of the regions; none when no edge is directed."""
        return most(self.out_degree)

    @property
    def possible_winners(self) -> tuple[str, ...]:
        """The same by the possible out-degree; none when there is no edge at all."""
        return most(self.possible_out_degree)


def most(degrees: dict[str, int]) -> tuple[str, ...]:
    """All names of the highest degree, in their order; none when that is 0."""
    highest = max(degrees.values(), default=0)
    return tuple(name for name, degree in degrees.items() if degree == highest) if highest else ()


def discover(levels: Levels, alpha: float = ALPHA) -> CausalGraph:
    """PC as causal-learn runs it (stable; colliders by separating sets, those found first stand) on (n, 14) `levels`.

    With that rule no edge comes out with two heads. Raises `DeadpanError` when there is no sample.
    """
    levels = np.asarray(levels)
    if levels.ndim != 2 or levels.shape[1] != len(NAMES) or not len(levels):
        raise DeadpanError(f"levels {levels.shape}: expected a row a sample and {len(NAMES)} columns")
    from causallearn.search.ConstraintBased.PC import pc

    with warnings.catch_warnings():
        # It warns of fewer samples than regions on stderr; the note says so instead.
        warnings.simplefilter("ignore", UserWarning)
        found = pc(levels, alpha, "chisq", stable=True, uc_rule=0, uc_priority=2, show_progress=False)
    # The same tests once more, which takes a thirtieth of the time, to count how well their tables were filled.
    made = ChiSquare(levels)
    skeleton(made, alpha)
    return graph(found.G.graph, len(levels), alpha, note(levels, made.cells))


def graph(endpoints: NDArray[np.integer], n: int, alpha: float, remark: str = "") -> CausalGraph:
    """The graph that `endpoints` mean; an edge with two heads, which tells no direction, raises `ValueError`."""
    directed, undirected = nx.DiGraph(), nx.Graph()
    directed.add_nodes_from(NAMES)
    undirected.add_nodes_from(NAMES)
    for i, j in np.argwhere(endpoints == -1):
        if endpoints[j, i] == 1:
            directed.add_edge(NAMES[i], NAMES[j])
        elif i < j:
            undirected.add_edge(NAMES[i], NAMES[j])
    if ((endpoints == 1) & (endpoints.T == 1)).any():
        raise ValueError("an edge with two heads: expected none with causal-learn's uc_priority 2")
    return CausalGraph(directed, undirected, n, alpha, remark)


def note(levels: Levels, tests: Cells | None = None) -> str:
    """What is to be said about the data: sentences, or nothing."""
    still = [name for name, column in zip(NAMES, levels.T, strict=True) if (column == column[0]).all()]
    said = []
    if len(still) == len(NAMES):
        said.append("the data tell nothing of any region: every column is constant")
    elif still:
        said.append(f"constant, so without information and without edges: {', '.join(still)}")
    if len(levels) < len(NAMES):
        said.append(f"{len(levels)} samples for {len(NAMES)} regions")
    said += [pairwise(levels).warning("tables of two regions")]
    said += [tests.warning("tables that PC tested")] if tests is not None else []
    return "; ".join(each for each in said if each)
