"""A learned decoy: a few smooth fields of the face's square, from which the live decoy draws mixtures without end."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from deadpan.stickers.evidence import Measured, Sentences, Sha256, Share, Strict, Whole

NODES = 7
"""Along the square's side: the field is as smooth as that of a muscle (0.18 of the face's width from node to node)."""
FEWEST, MOST = 3, 8
"""Fields of a basis: one by itself would be a motion that can be known and taken off."""
FACE = slice(1, 6)
"""The rows and columns of nodes that lie on a face."""
HIGHEST = 5.0
"""Times its root mean square on the face that a field may amount to at a node: so much has one that moves a single node
of the face. More is beside it, and would tear there: the live decoy brings every field to the same root mean square."""
APART = 0.3
"""Least singular value of a basis of fields of length 1: below it one is nearly a mixture of the others."""

Number = Annotated[float, Field(ge=-10, le=10)]
Vector = tuple[Number, Number]
Row = Annotated[tuple[Vector, ...], Field(min_length=NODES, max_length=NODES)]
Nodes = Annotated[tuple[Row, ...], Field(min_length=NODES, max_length=NODES)]


class Elsewhere(Strict):
    """What a basis learned in the same way did to people and by a recognizer that it was not learned from."""

    bound: Share
    """What no skin was moved farther than, shares of the face's width."""
    attack: Measured
    """Attack success rate: right labels that become wrong, over right ones."""
    random: Measured
    """The same of random motion as strong."""
    against_random: Measured
    """`attack` less `random`, paired."""
    known: Measured
    """As `attack`, when the fields are known and taken off."""


class Basis(Strict):
    """What `deadpan calibrate decoy` learned."""

    fields: Annotated[tuple[Nodes, ...], Field(min_length=FEWEST, max_length=MOST)]
    """(k, 7, 7, 2) numbers: rows, columns, (right, down) at the nodes of the face's square; of any unit."""
    verdict: Sentences
    """What holds, in plain words."""
    beats_random: bool
    """Whether it does more than random motion at the highest bound, at 95 %."""
    elsewhere: Annotated[tuple[Elsewhere, ...], Field(max_length=10)] = ()
    maps_sha256: Sha256
    """Of the maps, labels and people that it was learned from."""
    people: Whole
    seed: Whole
    command: Sentences

    @model_validator(mode="after")
    def _sound(self) -> "Basis":
        fields = self.array
        usual = np.sqrt((fields[:, FACE, FACE] ** 2).sum(axis=3).mean(axis=(1, 2)))
        if usual.min() < 0.01:
            raise ValueError(f"field {int(usual.argmin()) + 1} hardly moves on the face; expected 0.01 and more there")
        highest = np.linalg.norm(fields, axis=3).max(axis=(1, 2)) / usual
        if highest.max() > HIGHEST:
            got = f"field {int(highest.argmax()) + 1} moves a node {highest.max():.1f} times as far as is usual for it"
            raise ValueError(f"{got}; expected at most {HIGHEST:g}")
        on_face = fields[:, FACE, FACE].reshape(len(fields), -1)
        on_face = on_face / np.linalg.norm(on_face, axis=1, keepdims=True)
        if np.linalg.svd(on_face, compute_uv=False).min() < APART:
            raise ValueError("its fields are nearly mixtures of each other; expected ones that stand by themselves")
        return self

    @property
    def array(self) -> NDArray[np.float64]:
        """(k, 7, 7, 2)."""
        return np.array(self.fields)
