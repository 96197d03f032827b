"""After the choice, on clips: it and the paper's winner are laid on the pictures, and what came of it is told."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
import pytest

from deadpan.calibration import planning, record
from deadpan.calibration.calibrate import calibrate
from deadpan.calibration.effect import pixel_intervention
from deadpan.calibration.effect.pixel_intervention import NOBODY, Answers
from deadpan.calibration.findings import Calibration, Settings
from deadpan.calibration.on_pictures import on_pictures
from deadpan.calibration.report import page, wording
from deadpan.stickers import sticker
from deadpan.stickers.regions import NAMES

pytestmark = pytest.mark.usefixtures("few_places")
CLIPS = 10
DRAWN = ("graph", "winners", "degrees", "own", "heat", "singles", "sizes", "counts", "held_out")


@pytest.fixture(scope="module")
def found(planted: Any, few_places: None) -> Calibration:
    """A calibration whose graph names two regions alike, neither of them hidden."""
    settings = Settings(resamples=10, draws=2, jobs=1, count=2, k=3.0, rule="effect")
    made = calibrate("maps.npz", planted.maps(5, 4), [planted], [], settings)
    directed = nx.DiGraph([("glabella", "mouth"), ("left_eye", "mouth")])
    directed.add_nodes_from(NAMES)
    return replace(made, graph=replace(made.graph, directed=directed))


@pytest.fixture
def seen(found: Calibration, planted: Any, monkeypatch: pytest.MonkeyPatch) -> Calibration:
    """The same after ten clips, on which the choice turns all, a single sticker two, random places one."""

    def answers(
        samples: Any, model: bytes, victims: Any, sets: Sequence[tuple[str, ...]], art: Any, k: float, **more: Any
    ) -> Answers:
        asked.update(sets=sets, k=k, sticker=art.name, most=more["most"], draws=more["draws"])
        label = np.zeros(CLIPS, np.int64)
        who = np.array([f"{i}" for i in range(CLIPS)])
        behind = {each: turned(CLIPS if len(each) > 1 else 2) for each in sets}
        random = {len(each): (turned(1),) * more["draws"] for each in sets}
        return Answers(label, who, who, who, k, art.name, turned(0), behind, random, 99)

    monkeypatch.setattr(pixel_intervention, "answers", answers)
    return on_pictures(found, [], b"landmarker", [planted], sticker.load("smiley"), CLIPS)


asked: dict[str, Any] = {}


def turned(n: int) -> np.ndarray:
    """(1, clips): n other labels, the last of them for want of a face."""
    labels = np.zeros((1, CLIPS), np.int8)
    labels[0, :n] = 1
    labels[0, n - 1 : n] = NOBODY
    return labels


def test_the_choice_and_the_first_of_the_paper_s_winners_are_tried(seen: Calibration) -> None:
    assert asked == {
        "sets": [seen.choice.regions, ("glabella",)],
        "k": 3.0,
        "sticker": "smiley",
        "most": CLIPS,
        "draws": 5,
    }
    assert len(seen.choice.regions) == 2
    assert seen.pictures is not None
    assert [each.attack.value for each in seen.pictures.effects] == [1.0, 0.2]


def test_a_choice_that_is_the_paper_s_winner_is_tried_once(found: Calibration, seen: Calibration, planted: Any) -> None:
    one = replace(found, choice=replace(found.choice, regions=("glabella",)))
    on_pictures(one, [], b"landmarker", [planted], sticker.load("smiley"), CLIPS)
    assert asked["sets"] == [("glabella",)]


def test_what_came_of_it_is_said_with_its_ties_and_its_unread_faces(seen: Calibration) -> None:
    plan, paper = wording.of_pictures(seen)
    assert "of 10 clips, the plan's stickers: attack success 100.0%" in plan
    assert "+90.0 points" in plan
    assert "random places: these do better" in plan
    assert "no face is found behind them in 10% of the readings" in plan
    assert "a sticker on the winner by the paper's rule (glabella, one of a tie of 2)" in paper
    assert "no difference that these clips could tell" in paper
    assert plan in wording.verdict(seen)


def test_figures_on_rendered_clips_are_called_so_in_words_and_report(
    seen: Calibration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "pictures", lambda found: dict.fromkeys(DRAWN, "<svg/>"))
    rendered = replace(seen, data=replace(seen.data, dataset=("synthetic",) * len(seen.data)))
    assert "10 synthetic clips" in wording.of_pictures(rendered)[0]
    made = planning.plan(rendered, "mine", "deadpan calibrate")
    shown = page.render(rendered, made)
    assert "On the synthetic clips’ own pictures" in shown
    assert "no figure here is one on people" in shown
    assert "“smiley” of 3/10, 5 random places" in shown
    plain = page.render(seen, made)
    assert "On the clips’ own pictures" in plain
    assert "no figure here is one on people" not in plain


def test_the_record_has_them_and_without_them_nothing_is_said(found: Calibration, seen: Calibration) -> None:
    made = planning.plan(found, "mine", "deadpan calibrate")
    written = json.loads(json.dumps(record.record(seen, made), allow_nan=False))
    assert [each["regions"] for each in written["pictures"]["effects"]] == [list(seen.choice.regions), ["glabella"]]
    assert record.record(found, made)["pictures"] is None
    assert wording.of_pictures(found) == []
