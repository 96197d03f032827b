"""Where Fig. 1's sticker lies: where the graph over the pictures has it, or where the paper does."""

from pathlib import Path

import numpy as np
import pytest

from deadpan.calibration.graph.features import Features
from deadpan.calibration.sources import stills
from deadpan.calibration.sources.source import BadSource
from deadpan.calibration.sources.stills import Stills
from deadpan.calibration.tables import fig_1
from deadpan.models import fer2013
from deadpan.stickers import sticker as stickers
from deadpan.stickers.regions import NAMES

pytest.importorskip("h5py")
pytest.importorskip("onnx")


def seen(values: np.ndarray) -> Stills:
    n = len(values)
    names = np.array([f"{each}" for each in range(n)])
    features = Features("activation", "the network's own", values.astype(np.float32), names)
    return Stills(features, np.zeros(n, np.int64), np.zeros(n, np.int64))


def test_the_sticker_lies_where_the_graph_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """On 1,000 pictures two regions cause a third, each a little: the only arrows that the data can tell."""
    values = np.zeros((1000, 14))
    glabella, causes = NAMES.index("glabella"), [NAMES.index("right_brow_outer"), NAMES.index("left_cheek")]
    random = np.random.default_rng(2)
    values[:, causes] = random.normal(size=(1000, 2))
    values[:, glabella] = values[:, causes].sum(axis=1) + random.normal(size=1000)
    monkeypatch.setattr(stills, "measure", lambda pictures, model, told: seen(values))
    plan, why = fig_1.placed([], b"", 3)
    assert plan.regions[0] in ("right_brow_outer", "left_cheek")
    assert why == "the winner of the graph over these pictures, the first of a tie of 2"
    assert plan.k == 3


def test_where_the_graph_names_none_the_paper_s_region_is_taken_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stills, "measure", lambda pictures, model, told: seen(np.zeros((40, 14))))
    plan, why = fig_1.placed([], b"", 3)
    assert (plan.regions, plan.k) == (("right_brow_outer",), 3)
    assert why.endswith("names none")


def test_nine_people_can_be_had_by_everybody_and_the_figures_say_of_how_many_they_are(
    model: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    fer2013.fetch()
    every = fig_1.listed("faces", model)
    assert len(every) == 9
    monkeypatch.setattr(fig_1, "listed", lambda *given: every[:2])
    found = fig_1.measure("faces", model, stickers.load("smiley"), draws=1)
    assert (found.pictures, found.region, found.ways[1].draws) == (2, "right_brow_outer", 1)


def test_a_folder_without_classes_is_refused_in_one_line(model: bytes, tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no folder of pictures"):
        fig_1.listed(str(tmp_path), model)
