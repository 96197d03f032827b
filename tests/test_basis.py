"""A learned decoy comes from a file that somebody may have sent: what it cannot mean is refused."""

import json
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from deadpan.stickers.basis import APART, FACE, FEWEST, MOST, NODES, Basis


def fields(count: int = FEWEST, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).uniform(-1, 1, (count, NODES, NODES, 2)).round(3)


def basis(these: Any) -> Basis:
    """What a plan's JSON with these fields is read as."""
    listed = these.tolist() if isinstance(these, np.ndarray) else these
    content = {"fields": listed, "verdict": "", "beats_random": False, "maps_sha256": "0" * 64}
    text = json.dumps(content | {"people": 1, "seed": 0, "command": "a test"})
    return Basis.model_validate_json(text, strict=True)


@pytest.mark.parametrize("count", [FEWEST, MOST])
def test_fields_come_back_as_they_were_written(count: int) -> None:
    read = Basis.model_validate_json(basis(fields(count)).model_dump_json(), strict=True)
    assert read.array.tolist() == fields(count).tolist()


@pytest.mark.parametrize(
    "these",
    [
        fields(FEWEST - 1),
        fields(MOST + 1),
        fields()[:, :-1],
        fields()[:, :, 1:],
        fields()[..., :1],
        fields() * 11,
        fields().astype(str),
        "everything",
    ],
)
def test_other_shapes_numbers_and_counts_are_refused(these: Any) -> None:
    with pytest.raises(ValidationError):
        basis(these)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_is_not_a_number_is_refused(number: float) -> None:
    broken = fields()
    broken[1, 2, 3, 0] = number
    with pytest.raises(ValidationError):
        basis(broken)


def test_a_field_that_does_not_move_the_face_is_refused() -> None:
    """Scaled up to what a field must amount to, its rim would tear."""
    idle = fields()
    idle[1, FACE, FACE] = 0
    with pytest.raises(ValidationError, match="field 2 hardly moves"):
        basis(idle)
    with pytest.raises(ValidationError, match="hardly moves"):
        basis(0 * fields())


def test_a_field_that_is_mostly_beside_the_face_is_refused() -> None:
    beside = fields() * 0.1
    beside[2, 0, 3] = 9
    with pytest.raises(ValidationError, match="field 3 moves a node"):
        basis(beside)


def test_fields_that_are_mixtures_of_each_other_are_refused() -> None:
    """They would be one motion, which can be learned from a few frames and taken off."""
    alike = fields()
    alike[1] = -alike[0]
    with pytest.raises(ValidationError, match="mixtures of each other"):
        basis(alike)
    alike[1] = alike[0] + alike[2]
    with pytest.raises(ValidationError, match="mixtures of each other"):
        basis(alike)
    assert 0 < APART < 1
