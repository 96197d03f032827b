"""A cell: what its answer follows from, and that it is whole or not there."""

import ast
from dataclasses import replace
from pathlib import Path

import grids
import numpy as np
import pytest

from deadpan.calibration.grid import cell as cells
from deadpan.calibration.grid.answering import answer, answered
from deadpan.calibration.grid.cell import CONSTANT, NONE, PATCH, Cell
from deadpan.models.folds import code
from deadpan.stickers import sticker
from deadpan.stickers.regions import NAMES

ROOT = Path(__file__).resolve().parent.parent


def test_another_question_case_art_or_graph_has_another_key() -> None:
    case, cell = grids.case(), Cell("random", PATCH, 2.0, 1)
    features = {"casme2": replace(case.features["casme2"], values=case.features["casme2"].values + 1)}
    causal, chin = replace(cell, placement="causal"), replace(cell, placement="region:chin")
    keys = {
        case.key(cell),
        *(case.key(replace(cell, **{name: value})) for name, value in (("k", 3.0), ("draw", 2), ("clip", 0))),
        case.key(replace(cell, sticker="other")),
        case.key(causal),
        case.key(chin),
        replace(case, seed=1).key(cell),
        replace(case, rows=case.rows[1:]).key(cell),
        replace(case, art={PATCH: sticker.load("sun")}).key(cell),
        replace(case, features=features).key(causal),
        grids.case(seed=1).key(cell),
    }
    assert len(keys) == 12
    assert case.key(cell) == grids.case().key(cell)
    assert replace(case, features=features).key(cell) == case.key(cell)


@pytest.mark.parametrize("placement", ["random", "causal", "region:chin", "rhde"])
def test_other_code_has_another_key_where_it_is_run(placement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case, cell = grids.case(), Cell(placement, PATCH, 2.0)
    before = case.key(cell)
    changed: set[str] = set()
    for module in {module for modules in cells.CODE.values() for module in modules}:
        with monkeypatch.context() as patch:
            patch.setattr(cells, "code", lambda name, package, module=module: _edited(name, package, module))
            changed |= {module} if case.key(cell) != before else set()
    own = {"random": "random_place", "causal": "causal", "region:chin": "region", "rhde": "rhde"}[placement]
    assert {each for each in changed if "placements" in each} == {
        "calibration.placements.placed",
        f"calibration.placements.{own}",
    }
    assert "calibration.targets.on_maps" in changed


OF_NO_EFFECT = {
    # What they make has a hash of its own in the victim's identity, or in the clips' or maps': networks, who judges
    # whom, aligned clips, motion maps, the landmarks on them, features.
    *(f"models.training.clips.{each}" for each in ("export", "fit", "folds", "schedules", "splits")),
    *(f"models.training.{each}" for each in ("learnet", "mmnet", "recipes", "stcnn")),
    *(f"calibration.sources.{each}" for each in ("aligning", "cutout", "measuring", "source")),
    *(f"models.{each}" for each in ("alignment", "landmarker", "motion", "reading", "search", "spotting")),
    *("calibration.graph.features", "models.clips", "models.maps"),
    # Live, and after a cell: how stickers are steadied, how answers are counted.
    *("stickers.smoothing", "calibration.effect.tally", "models.score"),
    # Errors, files and their names, processes; the cell itself, which asks nobody.
    *(f"models.{each}" for each in ("description", "errors", "fetch", "frame", "onnx_check", "recognizers")),
    *("models.registry", "models.scratch", "models.workers", "calibration.grid.cell"),
}
"""Modules that an answer's code imports, and from which no answer follows."""


def test_a_keys_code_is_all_that_an_answer_runs() -> None:
    listed = {begin: set(modules) for begin, modules in cells.CODE.items()}
    every = set().union(*listed.values())
    runs = _closure("calibration.grid.answering", "calibration.targets.on_maps", "calibration.targets.judges")
    assert runs == every | OF_NO_EFFECT
    assert not every & OF_NO_EFFECT
    for begin, own in listed.items():
        assert not begin or _closure(*own) <= own | listed[""] | OF_NO_EFFECT, begin


def _closure(*begin: str) -> set[str]:
    """The modules here that these import, each under its name in deadpan, inside functions or not."""
    found: set[str] = set()
    left = set(begin)
    while left:
        module = left.pop()
        found.add(module)
        left |= _imported(ast.parse(_file(module).read_text("utf-8"))) - found
    return found


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return set()
    if isinstance(node, ast.ImportFrom) and str(node.module).startswith("deadpan."):
        module = str(node.module).removeprefix("deadpan.")
        return {each if _file(each := f"{module}.{name.name}").is_file() else module for name in node.names}
    return set().union(*map(_imported, ast.iter_child_nodes(node)))


def _file(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")


def _edited(name: str, package: str, module: str) -> str:
    return code(name, package) + ("#" if f"{package}.{name}" == f"deadpan.{module}" else "")


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    case = grids.case()
    for cell in grids.asked(case)[0][1][:4]:
        given = answer(case, cell)
        case.keep(tmp_path, cell, given)
        kept = case.kept(tmp_path, cell)
        assert kept is not None
        assert kept.packed() == given.packed()
        assert (kept.label == given.said.argmax(axis=1)).all()


def test_what_is_not_an_answer_of_the_case_is_not_there(tmp_path: Path) -> None:
    case, cell = grids.case(), Cell(NONE, "none", 0)
    assert case.kept(tmp_path, cell) is None
    given = answer(case, cell)
    for wrong in (
        replace(given, said=given.said[1:]),
        replace(given, said=given.said[:, :2]),
        replace(given, queries=given.queries[1:]),
        replace(given, stickers=given.stickers[..., :3]),
        replace(given, said=np.array([{}], object)),
    ):
        case.keep(tmp_path, cell, wrong)
        assert case.kept(tmp_path, cell) is None
    case.keep(tmp_path, cell, given)
    assert case.kept(tmp_path, cell) is not None


def test_a_name_from_elsewhere_stays_in_its_folder(tmp_path: Path) -> None:
    case = grids.case()
    path = case.path(tmp_path, Cell("random", "../../y:z", 2.0))
    assert path.parent == tmp_path / "casme2" / "planted"
    assert path.name.startswith("random-.._.._y_z-2-")


def test_the_controls_lay_nothing_and_ask_nothing() -> None:
    case = grids.case()
    for placement in (NONE, CONSTANT):
        found = answer(case, Cell(placement, "none", 0))
        assert found.stickers.shape == (len(case.rows), 0, 4)
        assert not found.queries.any()
    assert (answer(case, Cell(CONSTANT, "none", 0)).label == 2).all()


def test_a_region_is_where_the_sticker_lies_and_one_clip_is_as_among_all() -> None:
    case = grids.case()
    every = answer(case, Cell("region:chin", PATCH, 2.0))
    assert (every.stickers[:, 0, :2] == case.target.centres[case.rows, NAMES.index("chin")]).all()
    for number, row in enumerate(case.rows.tolist()):
        one = answer(case, Cell("region:chin", PATCH, 2.0, clip=row))
        np.testing.assert_allclose(one.said[0], every.said[number], atol=1e-6)


def test_a_process_that_knows_the_clips_takes_each_question_s_own_art_and_graph() -> None:
    """A cluster's worker goes on after a run: the next may bring other graphs, or graphs of more data sets."""
    case, cell = grids.case(), Cell("causal", PATCH, 3.0)
    first, features = answered(case, cell)[2], case.features["casme2"]
    turned = replace(features, values=np.ascontiguousarray(features.values[:, ::-1]))
    for other in (replace(case, features={"casme2": turned}), replace(case, features={"samm": turned})):
        (name,) = other.features
        asked = replace(cell, placement=f"causal:{name}")
        _, _, found, spent = answered(other, asked)
        assert found.packed() == answer(other, asked).packed() != first.packed()
        assert spent.answers == len(case.rows)
