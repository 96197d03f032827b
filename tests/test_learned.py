"""Universal perturbations before fold networks: nobody is judged who taught them, and learning is done once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import platformdirs
import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")
pytest.importorskip("onnx", reason="onnx comes with the extra `train`")

from deadpan.calibration.grid import asking, table  # noqa: E402
from deadpan.calibration.grid.cell import UNIVERSAL, Case, Cell  # noqa: E402
from deadpan.calibration.grid.run import found, run  # noqa: E402
from deadpan.calibration.sources.aligning import Aligned  # noqa: E402
from deadpan.calibration.targets import judges  # noqa: E402
from deadpan.calibration.targets.on_clips import OnClips  # noqa: E402
from deadpan.calibration.universal import learned as learning_one  # noqa: E402
from deadpan.calibration.universal import outcome, perturbation  # noqa: E402
from deadpan.calibration.universal.learned import learned  # noqa: E402
from deadpan.calibration.universal.perturbation import MOST, shown  # noqa: E402
from deadpan.models.clips import Clips  # noqa: E402
from deadpan.models.errors import DeadpanError  # noqa: E402
from deadpan.models.training.clips import folds, splits  # noqa: E402
from deadpan.models.training.clips.folds import Folds  # noqa: E402
from deadpan.models.training.clips.schedules import Schedule  # noqa: E402
from deadpan.stickers import sticker  # noqa: E402

QUICK = Schedule("learnet", "learnet", (3, 112, 112, 3), "frames", "groups", 2, 8, "adamw", 1e-3)
"""The cheapest of the three to ask."""


def clips() -> Clips:
    """Of three people, whose class is the third of the face that grows brighter."""
    label = np.arange(9) % 3
    pictures = np.random.default_rng(0).integers(90, 110, (9, *QUICK.sample), np.uint8)
    for i, third in enumerate(label):
        pictures[i, 1:, 37 * third : 37 * (third + 1)] += np.uint8(40)
    person = np.array([f"p{i // 3}" for i in range(9)])
    return Clips(pictures, "frames", label, person, np.full(9, "made"), person)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnClips]:
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platformdirs, "user_cache_path", lambda _: cache)
        patch.setattr(perturbation, "PASSES", 2)
        these = Folds(QUICK, clips(), splits.split(clips(), "groups", 3))
        folds.train(these, [0])
        yield OnClips(Aligned(clips(), np.zeros((9, 478, 2), np.float32)), judges.of_folds(these), these)


def test_who_judges_has_taught_nothing(trained: OnClips, monkeypatch: pytest.MonkeyPatch) -> None:
    these = trained.folds
    assert these is not None
    owner = {each.tobytes(): str(name) for each, name in zip(these.clips.pictures, these.clips.subject, strict=True)}
    learn, seen = learning_one.learn, []

    def spy(network, pictures, *given, **named):  # type: ignore[no-untyped-def]
        seen.append({owner[each.tobytes()] for each in pictures})
        return learn(network, pictures, *given, **named)

    monkeypatch.setattr(learning_one, "learn", spy)
    for number, fold in enumerate(these.folds):
        learned(these, 0, number, "uap", draw=7)
        assert seen[number] == set(these.clips.subjects) - set(these.clips.subject[fold.judge])


def test_the_best_pass_is_kept_and_learned_once(trained: OnClips, monkeypatch: pytest.MonkeyPatch) -> None:
    these = trained.folds
    assert these is not None
    one = learned(these, 0, 0, "uap")
    assert np.abs(one.perturbation).max() <= MOST
    rows = np.concatenate([these.folds[0].learn, these.folds[0].watch])
    network = folds.network(these, 0, 0)
    pictures = these.clips.pictures[rows]
    clean, attacked = (outcome_of(network, each) for each in (pictures, shown(pictures, one.perturbation)))
    assert (clean != attacked).mean() == one.fooled.max()
    monkeypatch.setattr(learning_one, "learn", None)
    again = learned(these, 0, 0, "uap")
    assert again.perturbation.tobytes() == one.perturbation.tobytes()
    assert (again.fooled.tolist(), again.asked) == (one.fooled.tolist(), one.asked)


def outcome_of(network: "torch.nn.Module", pictures: np.ndarray) -> np.ndarray:
    from deadpan.models.training.clips.fit import probabilities

    return np.asarray(probabilities(network, pictures).argmax(1))


def test_each_clip_is_judged_by_who_never_saw_it_under_what_never_saw_it(trained: OnClips) -> None:
    these = trained.folds
    assert these is not None
    rows = np.array([4, 4, 8, 0])
    said, queries = outcome.said(trained, rows, "uap")
    for row, answer, cost in zip(rows, said, queries, strict=True):
        (number,) = (i for i, fold in enumerate(these.folds) if row in fold.judge)
        mine = learned(these, 0, number, "uap")
        own = shown(these.clips.pictures[row : row + 1], mine.perturbation)
        np.testing.assert_allclose(trained.victim.predict(str(these.clips.subject[row]), own)[0], answer, atol=1e-6)
        assert cost == np.ceil(mine.asked / len(these.folds[number].judge))
    assert not outcome.said(trained, rows, "uap-noise")[1].any()


def test_the_grid_keeps_them_as_cells_and_says_how_they_were_learned(trained: OnClips, tmp_path: Path) -> None:
    case = Case(trained, np.arange(9), {"smiley": sticker.load("smiley")}, {}, seed=0)
    cells = asking.cells(case, (2.0,), UNIVERSAL, 1)
    assert set(cells[2:]) == {Cell(name, "none", 0) for name in UNIVERSAL}
    assert run([(case, cells)], tmp_path).asked == 5
    assert run([(case, cells)], tmp_path).asked == 0
    rows = {row.placement: row for row in table.rows(case, found(case, cells, tmp_path), UNIVERSAL)}
    assert set(rows) == {"none", "constant", *UNIVERSAL}
    assert rows["uap-noise"].queries == 0 < rows["uap"].queries
    assert "of the 18 clips learned from" in outcome.sentence(trained, "uap")
    without = Case(OnClips(trained.aligned, trained.victim), case.rows, case.art, {})
    assert asking.cells(without, (2.0,), UNIVERSAL, 1) == cells[:2]


def test_without_weights_one_line_says_what_to_do(trained: OnClips, monkeypatch: pytest.MonkeyPatch) -> None:
    these = trained.folds
    assert these is not None
    monkeypatch.setattr(Folds, "weights", lambda *_: Path("nowhere.npz"))
    with pytest.raises(DeadpanError, match="not a whole network's weights; delete it and train again"):
        learned(these, 0, 0, "uap", draw=99)
    with pytest.raises(DeadpanError, match="has no fold networks"):
        outcome.said(OnClips(trained.aligned, trained.victim), np.arange(2), "uap")
