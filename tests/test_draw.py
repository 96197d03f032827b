"""The committed art is what its script draws: nothing in it is random, nothing was touched up by hand."""

from importlib.resources import files

import cv2
import numpy as np
import pytest

from deadpan.stickers import draw, sticker


@pytest.mark.skipif(not cv2.__version__.startswith("5."), reason="the art was drawn with OpenCV 5; others round edges")
@pytest.mark.parametrize("name", ["star", "heart"])
def test_drawing_again_gives_the_committed_picture(name: str) -> None:
    good, data = cv2.imencode(".png", draw.STICKERS[name](), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    assert good
    assert data.tobytes() == (files("deadpan.stickers") / "art" / f"{name}.png").read_bytes()


def test_every_committed_sticker_has_its_drawing() -> None:
    assert set(draw.STICKERS) == set(sticker.art())


@pytest.mark.parametrize("name", sorted(draw.STICKERS))
def test_a_sticker_is_opaque_but_for_its_edge(name: str) -> None:
    picture = cv2.imread(str(sticker.art()[name]), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    assert picture.shape == (draw.SIDE, draw.SIDE, 4)
    alpha = picture[..., 3]
    edge = (alpha > 0) & (alpha < 255)
    inside = cv2.erode((alpha > 0).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert edge.any(), "antialiased"
    assert not (edge & inside).any()
    assert not picture[alpha == 0].any(), "clear pixels are all 0"
