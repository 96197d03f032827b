"""The drawn face has its parts where the motion maps have them, so that a region's mark lies on the region."""

import numpy as np
from matplotlib.path import Path

from deadpan.calibration.median_face import CENTRES
from deadpan.calibration.report import outline
from deadpan.stickers.regions import NAMES

PLACES = dict(zip(NAMES, CENTRES, strict=True))


def test_the_face_is_the_same_on_both_sides() -> None:
    points = np.concatenate(outline.lines())
    mirrored = (2 * outline.MIDLINE, 0) + points * (-1, 1)
    apart = np.linalg.norm(points[:, None] - mirrored[None], axis=2).min(axis=1)
    assert apart.max() < 0.02


def test_every_region_lies_on_the_face() -> None:
    oval = Path(max(outline.lines(), key=lambda line: float(np.ptp(line[:, 1]))))
    assert oval.contains_points(list(PLACES.values())).all()


def test_brows_and_eyes_and_lips_are_drawn_where_their_regions_are() -> None:
    points = np.concatenate(outline.lines())
    near = {name: float(np.linalg.norm(points - place, axis=1).min()) for name, place in PLACES.items()}
    for name in ("right_brow_inner", "left_brow_outer", "right_eye", "left_eye", "mouth", "left_lip_corner"):
        assert near[name] < 0.06, f"{name}: {near[name]:.3f}"
    for name in ("right_cheek", "left_cheek"):
        assert near[name] > 0.1, name


def test_a_smoothed_line_goes_through_its_points() -> None:
    line = np.array([[0.0, 0.0], [1.0, 0.5], [2.0, 0.0], [3.0, 1.0]])
    smooth = outline.smooth(line, steps=5)
    for point in line:
        assert np.abs(smooth - point).sum(axis=1).min() < 1e-12
    assert len(smooth) == 16
