"""Every action unit pulls the skin where its muscle does, and moves nothing that no muscle moves."""

from itertools import chain

import cv2
import numpy as np
import pytest

from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.action_units import EXPRESSIONS, UNITS, Field, field, label_of, parse
from deadpan.calibration.synthetic.still import Still, find
from deadpan.models.errors import DeadpanError
from deadpan.models.face import Face

OUT, IN, UP, DOWN = (1, 0), (-1, 0), (0, 1), (0, -1)
WAYS = {
    1: [(107, UP)],
    2: [(105, UP)],
    4: [(55, DOWN), (55, IN)],
    5: [(159, UP)],
    6: [(50, UP), (145, UP)],
    7: [(145, UP), (159, DOWN)],
    9: [(129, UP), (8, DOWN)],
    10: [(37, UP)],
    12: [(61, UP), (61, OUT)],
    14: [(61, IN)],
    15: [(61, DOWN)],
    17: [(199, UP), (17, UP)],
    20: [(61, OUT)],
    23: [(0, DOWN), (17, UP), (61, IN)],
    24: [(0, DOWN), (17, UP)],
}
"""By unit: landmarks of the person's right half or the middle line, and which way the Coding System says they go."""
MIRRORED = {107: 336, 105: 334, 55: 285, 159: 386, 50: 280, 145: 374, 129: 358, 37: 267, 61: 291}
IRISES = (468, 473)
ALL = (*((unit,) for unit in UNITS), *chain.from_iterable(EXPRESSIONS.values()))
EACH = pytest.mark.parametrize("units", dict.fromkeys(ALL), ids=lambda units: "+".join(map(str, units)))


@pytest.fixture(scope="module")
def still(model: bytes) -> Still:
    """The portrait, its face 220 px wide, in 768×608."""
    return find("collins", portrait.photograph(), model, near=(222, 115)).scaled(220).framed((640, 480))


def size_of(still: Still) -> tuple[int, int]:
    return still.image.shape[1], still.image.shape[0]


def at(moved: Field, face: Face, landmark: int) -> tuple[float, float]:
    """How far the skin has moved at a landmark, along the head's own axes: to the person's left, and up."""
    x, y = face.landmarks[landmark].round().astype(int)
    return float(moved[y, x] @ face.left), -float(moved[y, x] @ face.down)


@EACH
def test_the_longest_vector_is_one(units: tuple[int, ...], still: Still) -> None:
    moved = field(still.face, size_of(still), units)
    assert moved.dtype == np.float32
    assert float(np.linalg.norm(moved, axis=-1).max()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("unit", UNITS)
def test_each_unit_pulls_the_way_that_the_coding_system_says(unit: int, still: Still) -> None:
    moved = field(still.face, size_of(still), (unit,))
    for landmark, (out, up) in WAYS[unit]:
        for place, side in ((landmark, -1), (MIRRORED.get(landmark, landmark), 1)):
            left, high = at(moved, still.face, place)
            assert out * side * left + up * high > 0.1, f"AU {unit} at landmark {place}: {left:.2f} left, {high:.2f} up"


@EACH
def test_hair_ears_and_background_stay(units: tuple[int, ...], still: Still) -> None:
    outline = cv2.convexHull(still.face.landmarks.round().astype(np.int32))
    face = cv2.fillConvexPoly(np.zeros(still.image.shape[:2], np.uint8), outline, 1)
    face = cv2.dilate(face, np.ones((3, 3), np.uint8))  # the outline's pixels themselves lie on either side of it
    face = cv2.dilate(face, np.ones((3, 3), np.uint8))  # the outline here is rounded to whole px
    assert not field(still.face, size_of(still), units)[face == 0].any()


@pytest.mark.parametrize("unit", [1, 2, 4, 6, 9])
def test_brows_and_cheeks_do_not_pull_the_eyeballs(unit: int, still: Still) -> None:
    moved = field(still.face, size_of(still), (unit,))
    for iris in IRISES:
        assert float(np.hypot(*at(moved, still.face, iris))) < 0.03


@EACH
def test_the_skin_is_neither_torn_nor_folded(units: tuple[int, ...], still: Still) -> None:
    # An upper lid or lip by itself has no room for more; all else has, up to what `deadpan synth make` allows.
    amplitude = 0.02 if units in {(5,), (10,)} else 0.04
    moved = field(still.face, size_of(still), units) * np.float32(amplitude * still.face.width)
    (xy, xx), (yy, yx) = (np.gradient(moved[..., axis]) for axis in (0, 1))
    # The determinant of where each pixel is taken from: negative where the picture would be turned inside out.
    assert float(((1 - xx) * (1 - yy) - xy * yx).min()) > 0


def test_asymmetry_makes_one_side_stronger_by_its_share(still: Still) -> None:
    moved = field(still.face, size_of(still), (12,), asymmetry=0.2)
    even = field(still.face, size_of(still), (12,))
    ratio = [np.hypot(*at(moved, still.face, corner)) / np.hypot(*at(even, still.face, corner)) for corner in (61, 291)]
    assert ratio[0] / ratio[1] == pytest.approx(1.2 / 0.8, rel=0.05)


@pytest.mark.parametrize("degrees", [-20, 35])
def test_the_pull_turns_with_the_head(degrees: float, still: Still) -> None:
    width, height = size_of(still)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turned = Face((still.face.landmarks @ turn[:, :2].T + turn[:, 2]).astype(np.float32), still.face.pose, 0)
    for units in ((1, 2), (6, 12), (4, 7)):
        upright = field(still.face, (width, height), units)
        tilted = field(turned, (width, height), units)
        for landmark in (107, 105, 55, 61, 50):
            assert at(tilted, turned, landmark) == pytest.approx(at(upright, still.face, landmark), abs=0.06)


def test_a_face_beside_the_picture_moves_nothing(still: Still) -> None:
    beside = Face(still.face.landmarks + np.float32(2000), still.face.pose, 0)
    assert not field(beside, size_of(still), (12,)).any()


def test_every_expression_is_of_its_class_and_of_known_units() -> None:
    assert set(EXPRESSIONS) == {"negative", "positive", "surprise"}
    for label, combinations in EXPRESSIONS.items():
        for units in combinations:
            assert set(units) <= set(UNITS)
            assert label_of(reversed(units)) == label
    assert label_of((12, 15)) == "other"


def test_units_are_read_as_people_write_them() -> None:
    assert parse("6+12") == (6, 12)
    assert parse("AU6 + au12+6") == (6, 12)


@pytest.mark.parametrize("text", ["", "+", "smile", "6+", "6,12", "3", "-1", "²"])
def test_what_is_no_unit_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(DeadpanError, match=r"^action units .*expected numbers joined by \+.*12.*$") as refused:
        parse(text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("units", [(), (3,), (12, 99)])
def test_a_field_of_unknown_units_is_refused(units: tuple[int, ...], still: Still) -> None:
    with pytest.raises(DeadpanError, match=r"^action unit .*expected one or more of 1, 2, 4"):
        field(still.face, size_of(still), units)
