"""`deadpan calibrate decoy` writes a plan that the decoy follows, and says whether it is worth it."""

import functools
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from deadpan.app.commands import options
from deadpan.app.commands.main import main
from deadpan.models.errors import DeadpanError
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame, Image
from deadpan.stickers import plan as plans
from deadpan.stickers.protection import Bent, Protection
from deadpan.stickers.still import SkinProtection, still

HERE = Path(__file__).parent


def called(monkeypatch: pytest.MonkeyPatch, *words: object) -> int | str | None:
    monkeypatch.setattr("sys.argv", ["deadpan", "calibrate", *map(str, words)])
    try:
        main()
    except SystemExit as end:
        return end.code
    return 0


def maps(path: Path) -> Path:
    """Maps of ten people, whose class is the third of the face that moves."""
    n = 30
    label = np.arange(n) % 3
    flow = np.random.default_rng(0).integers(0, 60, (n, 28, 28, 3))
    for i, third in enumerate(label):
        flow[i, 9 * third + 1 : 9 * third + 8, 8:20] += 150
    low, high = flow.min(axis=(1, 2), keepdims=True), flow.max(axis=(1, 2), keepdims=True)
    np.savez(
        path,
        flow=np.rint((flow - low) / (high - low) * 255).astype(np.uint8),
        label=label,
        subject=np.repeat([f"p{i}" for i in range(10)], 3),
        dataset=np.full(n, "planted"),
        clip=np.array([f"c{i}" for i in range(n)]),
        roi_center=np.full((n, 14, 2), 0.5, np.float32),
        face_size=np.ones((n, 2), np.float32),
    )
    return path


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan that the command wrote."""
    pytest.importorskip("torch", reason="torch comes with the extra `train`")
    pytest.importorskip("onnx", reason="onnx comes with the extra `train`")
    from deadpan.calibration.decoy import judge

    folder = tmp_path_factory.mktemp("learned")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge, "learned", functools.partial(judge.learned, draws=1, resamples=50))
        words = ["decoy", "--data", maps(folder / "maps.npz"), "-o", folder / "mine.json", "--steps", 1]
        assert called(patch, *words, "--json", folder / "found.json") in (0, None)
    return folder / "mine.json"


def test_the_plan_is_the_given_one_with_a_decoy_in_it_and_says_where_it_is_from(learned: Path) -> None:
    plan, given = plans.load(str(learned)), plans.load(options.DEFAULT_PLAN)
    assert plan.regions == given.regions
    assert plan.name == "mine"
    assert plan.decoy is not None
    assert plan.decoy.command.startswith("deadpan calibrate decoy --data maps.npz --plan calibrated")
    assert str(learned.parent) not in learned.read_text()
    assert (plan.decoy.people, len(plan.decoy.elsewhere)) == (10, 3)
    found = json.loads((learned.parent / "found.json").read_text())
    assert found["verdict"] == plan.decoy.verdict
    assert found["beats_random"] == plan.decoy.beats_random


def bent(protection: Protection, picture: Image, face: Face) -> Bent:
    done = protection.apply(Frame(picture, 0, 0.0, 0.0), Sighting(0, (face,)))
    assert done is not None
    return done.bent[0]


def test_the_decoy_follows_it_and_its_control_does_not(learned: Path, posing: list[Image], face: Face) -> None:
    def made(plan: str, name: str = "decoy") -> SkinProtection:
        protection = options.protection(options.DEFAULT_STICKER, plan, None, name)
        assert isinstance(protection, SkinProtection)
        protection._seed = 7
        return protection

    with_it, without = made(str(learned)), made(options.DEFAULT_PLAN)
    assert not np.allclose(bent(with_it, posing[0], face).field, bent(without, posing[0], face).field, atol=0.05)
    for each in (with_it, without):
        assert each.random(face, np.random.default_rng(0)).plan.decoy is None


def test_still_keeps_its_random_motion(learned: Path, posing: list[Image], face: Face) -> None:
    """Under a held face learned fields leave more to read."""
    built_in = options.protection(options.DEFAULT_STICKER, options.DEFAULT_PLAN, None, "still")
    followed = still(plans.load(str(learned)), built_in.sticker, seed=7)
    built_in = still(built_in.plan, built_in.sticker, seed=7)
    np.testing.assert_array_equal(bent(followed, posing[0], face).field, bent(built_in, posing[0], face).field)


@pytest.mark.parametrize("name", ["freeze", "still"])
def test_what_would_not_follow_it_refuses_the_plan(name: str, learned: Path) -> None:
    with pytest.raises(DeadpanError, match="leave out --sticker, --plan"):
        options.protection(options.DEFAULT_STICKER, str(learned), None, name)


def test_a_hostile_decoy_is_one_line(learned: Path, tmp_path: Path) -> None:
    content = json.loads(learned.read_text())
    content["decoy"]["fields"][1] = content["decoy"]["fields"][0]
    file = tmp_path / "hostile.json"
    file.write_text(json.dumps(content))
    with pytest.raises(plans.PlanError, match="nearly mixtures of each other") as caught:
        plans.load(str(file))
    assert "\n" not in str(caught.value)


def test_without_torch_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert called(monkeypatch, "decoy", "--data", maps(tmp_path / "maps.npz"), "-o", tmp_path / "p.json") == 1
    assert "learning needs torch and onnx; `pip install" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--data", "maps.npz", "decoy", "--data", "maps.npz"], "options of decoy stand behind it"),
        (["decoy", "--data", "maps.npz", "-o", "nowhere/plan.json"], "there is no folder nowhere"),
        (["decoy", "--data", "maps.npz", "-o", "maps.npz"], "is the file that is read"),
        (["decoy", "--data", "maps.npz", "--recognizer", "mmm"], "no recipe called 'mmm'"),
        (["decoy", "--data", "missing.npz"], "missing.npz: cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_line_before_the_work(
    words: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    maps(tmp_path / "maps.npz")
    assert called(monkeypatch, *words) == 1
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
