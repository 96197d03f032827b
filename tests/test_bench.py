"""`deadpan bench` measures what it says on whatever machine it runs; how fast that is, no test may say."""

import cv2
import numpy as np
import pytest

from deadpan.app import bench
from deadpan.app.bench import SIZE, measure
from deadpan.models.frame import Image
from deadpan.stickers import plan, sticker
from deadpan.stickers.combination import make


def test_every_figure_is_there_and_means_something(
    posing: list[Image], model: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "ROUNDS", 1)
    wide = [np.asarray(cv2.resize(picture[90:630], SIZE), np.uint8) for picture in posing[:6]]
    steps: list[int] = []
    hiding = make("still+sticker", plan.load("calibrated"), sticker.load("band-aid"))
    figures = measure(wide, "portrait", model, hiding, steps.append)
    assert steps == [0, 1]
    times = [figures[key] for key in ("landmarker_ms", "loop_ms", "ratio", "p95_ms")]
    assert all(isinstance(each, float) and each > 0 for each in times)
    assert 0 < float(str(figures["kept"])) <= 1
    assert 0 <= float(str(figures["smaller"])) <= 1
    assert int(str(figures["cores"])) >= 1
    assert (figures["frames"], figures["clip"]) == (6, "portrait")
