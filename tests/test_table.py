"""From cells to rows: figures that can be counted by hand, and what is read from others' cells."""

from dataclasses import replace

import grids
import numpy as np
import pytest

from deadpan.calibration.effect import tally as tally_
from deadpan.calibration.grid import asking, table
from deadpan.calibration.grid.answering import answer
from deadpan.calibration.grid.cell import PATCH, Answer, Case, Cell
from deadpan.calibration.tables.row import Row
from deadpan.models import score
from deadpan.models.errors import DeadpanError
from deadpan.stickers.regions import NAMES

EVERY = ("region", "random", "causal", "exhaustive")


def rows(placements: tuple[str, ...], case: Case | None = None) -> dict[str, Row]:
    """By placement."""
    case = case or grids.case()
    cells = asking.cells(case, (3.0,), placements, 3)
    return {each.placement: each for each in table.rows(case, {cell: answer(case, cell) for cell in cells}, placements)}


@pytest.fixture(scope="module")
def every() -> dict[str, Row]:
    return rows(EVERY)


def test_a_row_says_what_can_be_counted(every: dict[str, Row]) -> None:
    case = grids.case()
    clean = answer(case, Cell("none", "none", 0)).label
    hidden = answer(case, Cell("region:chin", PATCH, 3.0)).label
    row, right = every["region:chin"], clean == case.label
    assert (row.n, row.subjects, row.draws, row.queries) == (len(case.rows), len(set(case.subject)), 1, 0)
    assert row.clean_accuracy == right.mean()
    assert row.error.value == (hidden != case.label).mean()
    assert row.fooling.value == (hidden != clean).mean()
    assert row.attack_success is not None
    assert row.attack_success.value == ((hidden != case.label) & right).sum() / right.sum()
    assert row.uf1.value == pytest.approx(score.uf1(case.label, hidden))
    assert row.uar.value == pytest.approx(score.uar(case.label, hidden))
    told = row.tp_negative, row.tp_positive, row.tp_surprise
    assert told == tuple(((hidden == c) & (case.label == c)).sum() for c in range(3))
    assert row.attack_success.low <= row.attack_success.value <= row.attack_success.high
    assert (row.dataset, row.victim, row.kind, row.sticker, row.k) == ("casme2", "planted", "maps", PATCH, 3.0)


def test_the_controls_come_first_and_cannot_be_gained_upon(every: dict[str, Row]) -> None:
    none, constant, *others = every.values()
    assert (none.placement, constant.placement) == ("none", "constant")
    assert none.attack_success is not None
    assert none.attack_success.value == none.fooling.value == 0
    assert constant.uf1.value < none.uf1.value
    assert [each.placement for each in others if each.gain is None] == ["random"]


def test_a_perturbation_is_compared_with_random_signs_over_the_same_people() -> None:
    case = grids.case()
    n, right = len(case.rows), np.eye(3, dtype=np.float32)[case.label]
    wrong = np.roll(right, 1, axis=1)
    nothing = np.zeros(n, np.int64), np.zeros((n, 0, 4), np.float32)

    def said(changed: np.ndarray) -> Answer:
        return Answer(np.where(changed[:, None], wrong, right), *nothing)

    half, some = np.arange(n) % 2 == 0, np.arange(n) % 4 == 0
    none = np.zeros(n, bool)
    answers = {"none": none, "constant": none, "uap": half, "uap-still": none, "uap-noise": some}
    given = {Cell(name, "none", 0): said(changed) for name, changed in answers.items()}
    found = {each.placement: each for each in table.rows(case, given, ("uap", "uap-still", "uap-noise"))}
    assert found["uap"].gain is not None
    assert found["uap"].gain.value == pytest.approx((half & ~some).mean())
    tally = table.Tally(case.label, case.label[None].astype(np.int8), case.subject)
    lost = [tally.attack(tally.flips(given[Cell(name, "none", 0)].label[None])) for name in ("uap", "uap-noise")]
    assert found["uap"].gain == found["uap"].fooling_gain == tally_.share(lost[0] - lost[1], n)
    assert found["uap-still"].gain is not None
    assert found["uap-still"].gain.value == pytest.approx(-some.mean())
    assert found["uap-noise"].gain is found["none"].gain is None
    assert [each.gain for each in table.rows(case, {c: a for c, a in given.items() if c.placement != "uap-noise"}, ())][
        2:
    ] == [None, None]


def test_none_of_a_few_clips_is_not_taken_for_never(every: dict[str, Row]) -> None:
    """And without a sticker nothing changes, however many clips there are."""
    none = every["none"]
    assert none.attack_success is not None
    assert none.fooling.high == none.attack_success.high == 0
    still = [each for each in every.values() if each.fooling.value == 0 and each.region]
    assert still, "some region hides nothing"
    for each in still:
        assert each.attack_success is not None
        right = round(each.n * each.clean_accuracy)
        assert (each.attack_success.low, each.attack_success.high) == score.wilson(0, right)
        assert (each.fooling.low, each.fooling.high) == score.wilson(0, each.n)
        assert each.gain is not None
        assert each.gain.low < each.gain.value < each.gain.high


def test_what_is_lost_is_a_share_of_the_clips_that_are_right_untouched_and_so_is_its_interval() -> None:
    """Of the others nothing can be lost: an interval over all clips would be too sure."""
    case = grids.case()
    n, known = len(case.rows), np.arange(len(case.rows)) % 2 == 0
    truth = np.eye(3, dtype=np.float32)[case.label]
    clean = np.where(known[:, None], truth, np.roll(truth, 1, axis=1))
    lost = np.roll(clean, 1, axis=1)
    said = {"none": clean, "constant": clean, "random": clean, "region:chin": lost}
    nothing = np.zeros(n, np.int64), np.zeros((n, 0, 4), np.float32)
    given = {
        Cell(name, *(("none", 0) if name in ("none", "constant") else (PATCH, 3.0))): Answer(each, *nothing)
        for name, each in said.items()
    }
    row = {each.placement: each for each in table.rows(case, given, ("random", "region:chin"))}["region:chin"]
    right = int(known.sum())
    assert row.attack_success is not None
    assert row.gain is not None
    assert row.fooling_gain is not None
    assert (row.attack_success.low, row.attack_success.high) == score.wilson(right, right)
    assert (row.gain.n, row.fooling_gain.n) == (right, n)
    assert row.gain == tally_.difference(np.ones(1001), np.zeros(1001), right)
    assert row.fooling_gain == tally_.difference(np.ones(1001), np.zeros(1001), n)


def test_queries_are_also_told_of_the_clips_that_are_right_untouched() -> None:
    case = grids.case()
    asked = np.arange(len(case.rows))
    said = np.eye(3, dtype=np.float32)[case.label]
    said[:3] = np.roll(said[:3], 1, axis=1)
    given = {
        cell: Answer(said, asked, np.zeros((len(asked), 1, 4), np.float32))
        for cell in (Cell("none", "none", 0), Cell("rhde", PATCH, 3.0))
    }
    found = table.rows(case, given, ("rhde",))[1]
    assert (found.queries, found.queries_right) == (asked.mean(), asked[3:].mean())


def test_draws_are_pooled(every: dict[str, Row]) -> None:
    case, row = grids.case(), every["random"]
    drawn = [answer(case, Cell("random", PATCH, 3.0, draw)).label for draw in range(3)]
    assert row.draws == 3
    assert row.error.value == pytest.approx(np.mean([each != case.label for each in drawn]))
    assert row.tp_negative == pytest.approx(np.mean([((each == 0) & (case.label == 0)).sum() for each in drawn]))


def test_one_draw_of_three_has_the_wider_interval() -> None:
    figures = [np.full(1001, value) for value in (0.1, 0.2, 0.6)]
    tally = table.Tally(np.array([0, 1]), np.array([[0, 1]], np.int8), np.array(["a", "b"]))
    spread = table.pooled(figures, tally.draws(3))
    assert spread[0] == pytest.approx(0.3)
    assert spread.min() == pytest.approx(0.1)
    assert spread.max() == pytest.approx(0.6)
    assert (table.pooled(figures[:1], tally.draws(1)) == 0.1).all()


def test_the_best_region_of_each_clip_is_read_from_the_regions(every: dict[str, Row]) -> None:
    case = grids.case()
    tried = [answer(case, Cell(f"region:{name}", PATCH, 3.0)) for name in NAMES]
    row = every["exhaustive"]
    wrong = np.any([each.label != case.label for each in tried], axis=0)
    assert row.error.value == wrong.mean()
    assert row.error.value >= max(every[f"region:{name}"].error.value for name in NAMES)
    assert row.queries == len(NAMES)
    alone = rows(("exhaustive",))
    assert list(alone) == ["none", "constant", "exhaustive"]
    assert alone["exhaustive"] == replace(row, gain=None, fooling_gain=None)


def test_of_equal_regions_the_first_is_best() -> None:
    said = np.array([[0.5, 0.3, 0.2]], np.float32)
    answers = [Answer(said, np.zeros(1, np.int64), np.full((1, 1, 4), i, np.float32)) for i in range(3)]
    assert (table.best(answers, np.array([0])).stickers == 0).all()


def test_only_what_was_asked_for_is_told() -> None:
    found = rows(("region:chin", "exhaustive"))
    assert list(found) == ["none", "constant", "region:chin", "exhaustive"]


def test_nothing_that_is_right_leaves_no_attack_to_count() -> None:
    case = grids.case()
    maps = replace(case.target.maps, label=np.full(len(case.target.maps), 1))  # type: ignore[attr-defined]
    wrong = replace(case, target=replace(case.target, maps=maps), rows=np.flatnonzero(case.target.label == 0)[:9])  # type: ignore[type-var]
    found = rows(("region:chin", "random"), wrong)
    assert found["none"].clean_accuracy == 0
    assert found["region:chin"].attack_success is None
    assert found["region:chin"].gain is None
    assert found["region:chin"].fooling_gain is not None, "labels that are wrong can change, too"


def test_a_placement_that_is_none_is_one_line() -> None:
    asking.check((*EVERY, "rhde", "rhde-free", "uap-noise", "region:chin", "causal:samm"))
    for wrong in ("region:ear", "region:"):
        with pytest.raises(DeadpanError, match=rf"^--placement {wrong}: no such region; there is: {', '.join(NAMES)}$"):
            asking.check((wrong,))
    for wrong in ("nowhere", "random:1", ""):
        line = rf"^--placement {wrong}: expected one of .*; or region:NAME, or causal:DATASET$"
        with pytest.raises(DeadpanError, match=line):
            asking.check((wrong,))
    with pytest.raises(DeadpanError, match=r"^--placement causal:smic: no such data set is here; .* causal:casme2$"):
        asking.cells(grids.case(), (2.0,), ("causal:smic",), 1)
    assert asking.cells(grids.case(), (2.0,), ("uap",), 1) == asking.CONTROLS  # maps have no pictures to perturb


def test_every_cell_is_asked_once_and_what_asks_thousands_of_times_at_the_first_size_only() -> None:
    case = grids.case()
    cells = asking.cells(case, (2.0, 3.0), (*EVERY, "region:chin", "rhde"), 5)
    assert len(set(cells)) == len(cells) == 2 + 2 * (14 + 5 + 1) + len(case.rows)
    assert {cell.k for cell in cells if cell.placement == "rhde"} == {2.0}
