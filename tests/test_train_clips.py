"""Training the recognizers of clips: who judges whom, what is kept, and what comes of it."""

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import platformdirs
import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")
pytest.importorskip("onnx", reason="onnx comes with the extra `train`")

from deadpan.app.commands import train as command  # noqa: E402
from deadpan.app.commands.main import main  # noqa: E402
from deadpan.calibration.sources.synthetic import Synthetic  # noqa: E402
from deadpan.calibration.synthetic import portrait  # noqa: E402
from deadpan.calibration.synthetic.benchmark import build  # noqa: E402
from deadpan.calibration.synthetic.still import find  # noqa: E402
from deadpan.calibration.synthetic.synthesis import Clip, Event, head_named  # noqa: E402
from deadpan.models import description, onnx_check  # noqa: E402
from deadpan.models.clips import Clips  # noqa: E402
from deadpan.models.errors import DeadpanError  # noqa: E402
from deadpan.models.folds import open_network, run  # noqa: E402
from deadpan.models.maps import LABELS  # noqa: E402
from deadpan.models.recognizer import Recognizer  # noqa: E402
from deadpan.models.training.clips import export, fit, folds, results, schedules, splits  # noqa: E402

STCNN = replace(schedules.find("stcnn", "honest"), sample=(17, 64, 64, 1), epochs=3, batch=8, rate=1e-3)
"""The cheapest of the three."""


def clips(people: int = 6, each: int = 4, sample: tuple[int, int, int, int] = STCNN.sample) -> Clips:
    """Clips whose class is the third of the face that grows brighter."""
    n = people * each
    label = np.arange(n) % 3
    random = np.random.default_rng(0)
    pictures = random.integers(90, 110, (n, *sample), np.uint8)
    rows = sample[1] // 3
    for i, third in enumerate(label):
        brighter = np.linspace(0, 120, sample[0]).astype(np.uint8)[:, None, None, None]
        pictures[i, :, rows * third : rows * (third + 1)] += brighter
    return Clips(
        pictures=pictures,
        window="frames",
        label=label,
        subject=np.array([f"p{i % people}" for i in range(n)]),
        dataset=np.full(n, "synthetic"),
        clip=np.array([f"c{i}" for i in range(n)]),
    )


@pytest.fixture
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path / "cache")


def test_what_is_kept_of_a_fold_is_its_arrays_by_their_names_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[set[str]] = []
    # As NumPy 2.0 and 2.1 have it, whatever is named is one more array.
    monkeypatch.setattr(np, "savez", lambda file, **arrays: named.append(set(arrays)))
    folds._packed({"last.weight": np.zeros(3)})
    assert named == [{"last.weight"}]


# Who judges whom.


@pytest.mark.parametrize("groups", [2, 3, 6, 99])
def test_nobody_is_judged_by_who_has_seen_them(groups: int) -> None:
    these = clips()
    parts = splits.split(these, "groups", groups)
    assert len(parts) == min(groups, 6)
    assert np.sort(np.concatenate([each.judge for each in parts])).tolist() == list(range(len(these)))
    for each in parts:
        people = [set(these.subject[rows]) for rows in (each.learn, each.watch, each.judge)]
        assert all(people)
        assert set.union(*people) == set(these.subjects)
        assert sum(map(len, people)) == 6
    again = splits.split(these, "groups", groups)
    assert all((one.watch == other.watch).all() for one, other in zip(parts, again, strict=True))


def test_the_published_protocols_watch_who_judges() -> None:
    these = clips()
    loso, single = splits.split(these, "subjects", 3), splits.split(these, "clips", 3)
    assert (len(loso), len(single), len(single[0].judge)) == (6, 1, 5)
    for each in (*loso, *single):
        assert (each.watch == each.judge).all()
        assert not set(each.learn) & set(each.judge)
    assert [schedules.find(name, "honest").leaky for name in schedules.NAMES] == [False] * 3
    assert [schedules.find(name, "published").leaky for name in schedules.NAMES] == [True] * 3


def test_too_few_people_are_told() -> None:
    few = clips(people=2)
    for how, said in (("groups", "clips of 2 subjects; expected three at least"), ("subjects", "")):
        if said:
            with pytest.raises(DeadpanError, match=said):
                splits.split(few, how, 3)
        else:
            assert len(splits.split(few, how, 3)) == 2
    with pytest.raises(DeadpanError, match="one subject only"):
        splits.split(clips(people=1), "subjects", 3)
    with pytest.raises(DeadpanError, match="leaves one of 3 subjects"):
        splits.split(clips(people=3), "groups", 2)


# What a training does.


def test_the_same_training_gives_the_same_network() -> None:
    these = clips(people=3)
    before = torch.get_rng_state()
    one, other = (fit.fit(STCNN, these, 0, these).network for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    said = [fit.probabilities(each, these.pictures) for each in (one, other, fit.fit(STCNN, these, 1).network)]
    np.testing.assert_array_equal(said[0], said[1])
    assert np.abs(said[0] - said[2]).max() > 1e-3


def test_the_epoch_is_the_best_of_the_watched_clips(monkeypatch: pytest.MonkeyPatch) -> None:
    these = clips(people=3)
    worth = iter([(0.5, -1.0), (0.7, -2.0), (0.7, -1.0), (0.6, 0.0)])
    monkeypatch.setattr(fit, "_worth", lambda *_: next(worth))
    trained = fit.fit(replace(STCNN, epochs=4), these, 0, these)
    assert (trained.epochs, trained.curve.shape) == (3, (4, 12, 3))
    np.testing.assert_array_equal(fit.probabilities(trained.network, these.pictures), trained.curve[2])


def test_what_can_be_learned_is_learned_without_watching() -> None:
    these = clips()
    trained = fit.fit(replace(STCNN, epochs=10), these, 0)
    assert (trained.epochs, trained.curve.size) == (10, 0)
    assert (fit.probabilities(trained.network, these.pictures).argmax(1) == these.label).mean() > 0.8


def test_all_pictures_of_a_clip_are_changed_alike() -> None:
    torch.manual_seed(0)
    picture = torch.rand(1, 1, 64, 64, 3).expand(8, 5, -1, -1, -1) * 255
    changed = fit.changed(picture, replace(STCNN, flip=0.5, turn=4, shift=0.05))
    assert changed.shape == picture.shape
    torch.testing.assert_close(changed, changed[:, :1].expand_as(changed))
    assert len({round(float(each), 3) for each in changed.std(dim=(1, 2, 3, 4))}) == 8  # each clip otherwise
    mirrored = fit.changed(picture, replace(STCNN, flip=1.0))
    torch.testing.assert_close(mirrored, picture.flip(3))
    torch.testing.assert_close(fit.changed(picture, replace(STCNN, flip=0.0)), picture)


def test_a_shift_is_no_more_than_was_said() -> None:
    torch.manual_seed(0)
    dot = torch.zeros(64, 1, 64, 64, 1)
    dot[:, :, 32, 32] = 64.0**2
    moved = fit.changed(dot, replace(STCNN, flip=0.0, shift=0.05))[:, 0, :, :, 0] / 64**2
    rows = (moved.sum(2) * torch.arange(64)).sum(1) - 32
    assert 2.5 < float(rows.abs().max()) <= 0.05 * 64 + 1e-3


@pytest.mark.parametrize("name", schedules.NAMES)
def test_onnx_says_what_torch_says_of_any_number_of_clips(name: str) -> None:
    torch.manual_seed(0)
    schedule = schedules.find(name, "honest")
    small = (2, 32, 32, 3) if name == "mmnet" else schedule.sample
    network = fit.NETWORKS[name](small)
    pictures = clips(people=3, each=2, sample=small).pictures
    levels = torch.from_numpy(pictures).float()
    with torch.no_grad():
        for _ in range(10):  # so that batch norm has something to normalise by
            network.train()(levels)
        # Logits of about ±1: probabilities of 0 and 1 would agree whatever the layers do.
        spread = network.eval()(levels).std(0).mean()
        network.last.weight.div_(spread)
        network.last.bias.sub_(network(levels).mean(0))
    content = export.to_onnx(network.eval(), small)
    onnx_check.check(content, name)
    wanted = fit.probabilities(network, pictures)
    assert np.ptp(wanted, axis=0).max() > 1e-3
    assert wanted.max() < 0.99
    session = open_network(content, name)
    for n in (1, 2, 6):
        assert np.abs(run(session, pictures[:n]) - wanted[:n]).max() <= 1e-4
    described = description.describe(content, name, "clip", LABELS, schedule.window)
    assert Recognizer(described, content, "cpu").sample == small


def test_cost_is_three_times_the_layers() -> None:
    linear = 2 * (12_800 // 1 * 128 + 128 * 3)  # 20 × 20 × 1 × 32 numbers are left of 17 pictures, too
    convolution = 2 * 62 * 62 * 3 * 135 * 32
    assert fit.cost(STCNN) == 3 * (convolution + linear)


# What is kept.


@pytest.mark.usefixtures("_empty_cache")
def test_a_finished_fold_is_not_trained_again(monkeypatch: pytest.MonkeyPatch) -> None:
    these = folds.Folds(STCNN, clips(), splits.split(clips(), "groups", 3))
    steps: list[int] = []
    assert folds.train(these, [0], advance=lambda: steps.append(1)) == (3, 3)
    assert len(steps) == 3 * STCNN.epochs
    table = results.measure(these, [0])
    curve = results.curve(these, [0], cost=1e9)
    assert [point.epoch for point in curve] == [1, 2, 3]
    learned = np.mean([len(each.learn) for each in these.folds])
    assert curve[-1].operations == pytest.approx(3 * learned * 1e9)

    these.path(0, 1).with_suffix(".npz").unlink()  # as a kill would leave it
    these.path(0, 2).with_suffix(".npz").write_bytes(b"PK half")
    with pytest.raises(DeadpanError, match="2 folds of stcnn are not finished"):
        results.measure(these, [0])
    assert folds.train(these, [0]) == (2, 3)
    assert results.measure(these, [0]) == table
    assert table[0].clips == 24


@pytest.mark.usefixtures("_empty_cache")
def test_a_folds_network_comes_back_as_it_was() -> None:
    these = folds.Folds(STCNN, clips(), splits.split(clips(), "groups", 3))
    folds.keep(these, 0, 1, folds.one(these, 0, 1))
    judged = these.judged(0, 1)
    assert judged is not None
    said = fit.probabilities(folds.network(these, 0, 1), these.clips.pictures[these.folds[1].judge])
    np.testing.assert_array_equal(said, judged.said)

    these.weights(0, 1).write_bytes(these.weights(0, 1).read_bytes()[:-1000])
    with pytest.raises(DeadpanError, match="not a whole network's weights; delete it"):
        folds.network(these, 0, 1)
    these.weights(0, 1).unlink()  # as before weights were kept
    assert folds.train(these, [0]) == (3, 3)
    assert folds.train(these, [0]) == (0, 3)


@pytest.mark.usefixtures("_empty_cache")
def test_other_clips_folds_and_schedules_have_another_folder() -> None:
    these = clips()
    base = folds.Folds(STCNN, these, splits.split(these, "groups", 3))
    others = (
        folds.Folds(replace(STCNN, rate=2e-3), these, base.folds),
        folds.Folds(STCNN, these, splits.split(these, "groups", 2)),
        folds.Folds(STCNN, replace(these, label=these.label[::-1]), base.folds),
        folds.Folds(STCNN, these, tuple(replace(each, watch=each.judge) for each in base.folds)),
    )
    assert len({each.folder for each in (base, *others)}) == 5
    assert folds.Folds(STCNN, clips(), splits.split(clips(), "groups", 3)).folder == base.folder


@pytest.mark.usefixtures("_empty_cache")
def test_every_clip_is_judged_by_its_own_fold() -> None:
    these = folds.Folds(STCNN, clips(), splits.split(clips(), "groups", 3))
    folds.train(these, [0])
    rows, answers = these.predicted([0])
    for number, fold in enumerate(these.folds):
        network = open_network(these.path(0, number).read_bytes(), "fold")
        said = run(network, these.clips.pictures[fold.judge]).argmax(1)
        np.testing.assert_array_equal(said, answers[np.isin(rows, fold.judge), 0])


# The command.


@pytest.fixture(scope="module")
def synthetic(model: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six short clips of three people, who happen to look alike."""
    folder = tmp_path_factory.mktemp("synthetic")
    still = find("collins", portrait.photograph(), model, near=(222, 115)).scaled(180).framed((480, 360))
    made = []
    for number in range(6):
        label, units = (("negative", (17,)), ("positive", (6, 12)), ("surprise", (1, 2)))[number % 3]
        event = Event(2, 8, 14, label, units, 0.02)
        name = f"p{number // 2}"
        head = head_named("quiet")
        made.append(Clip(f"c{number}", name, (still,), 16, (event,), head=head, size=(480, 360), seed=number))
    build(made, folder)
    return folder


def call(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(sys, "argv", ["deadpan", "train", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    return code if isinstance(code, int) else int(code is not None)


@pytest.mark.usefixtures("_empty_cache")
@pytest.mark.parametrize("protocol", ["honest", "published"])
def test_the_command_writes_weights_description_and_card(
    synthetic: Path, tmp_path: Path, protocol: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("stcnn", "--synthetic", synthetic, "--epochs", 1, "--protocol", protocol, "--jobs", 1, "-o", tmp_path)
    assert call(monkeypatch, *words) == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    assert ("leaky" in said) == (protocol == "published")
    assert re.search(r"all: UF1 .* \((6|1) clips", said)
    text = (tmp_path / "stcnn.md").read_text("utf-8")
    assert ("Leaky" in text) == (protocol == "published")
    described = description.read(tmp_path / "stcnn.json")
    assert (described.kind, described.window, described.labels) == ("clip", "frames", LABELS)
    content = (tmp_path / "stcnn.onnx").read_bytes()
    assert Recognizer(described, content, "cpu").sample == (18, 64, 64, 1)
    for fact in (described.sha256, f"{len(content):,} bytes", "1,643,267", "not figures on people", str(synthetic)):
        assert fact in text, fact

    if protocol == "published":
        return
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert call(monkeypatch, *words) == 0
    assert "stcnn: 0 of" in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


@pytest.mark.usefixtures("_empty_cache")
def test_a_data_set_in_its_own_layout_is_learned_from(
    synthetic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """SMIC's, which needs no sheet; nobody has coded its apexes, which MMNet wants."""
    for sample in Synthetic(synthetic).samples(print):
        person, word = sample.subject[-1], ("negative", "positive", "surprise")[sample.label]
        folder = tmp_path / "HS" / f"s{person}" / "micro" / word / f"s{person}_{word[:2].replace('su', 'sur')}_01"
        folder.mkdir(parents=True)
        for number, picture in enumerate(sample.load(sample.onset, sample.offset), 1):
            cv2.imwrite(str(folder / f"image{number:03d}.bmp"), picture)
    words = ("mmnet", "--data", tmp_path, "--dataset", "smic", "--epochs", 1, "--jobs", 1, "--folds-only")
    assert call(monkeypatch, *words) == 0, capsys.readouterr().err
    assert "(6 clips, 3 subjects, 1 seeds)" in capsys.readouterr().out


def test_what_is_wrong_is_one_line(
    synthetic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong: tuple[tuple[tuple[Any, ...], str], ...] = (
        (("stcnn",), "stcnn learns from --data FOLDER or from --synthetic FOLDER; got neither"),
        (("stcnn", "--data", tmp_path, "--synthetic", synthetic), "got both"),
        (("stcnn", "--synthetic", synthetic, "--dataset", "casme2"), "leave it out with --synthetic"),
        (("stcnn", "--data", tmp_path, "--dataset", "ferret"), "layout ferret: expected one of casme"),
        (("stcnn", "--data", tmp_path, "--classes", "seven"), "--classes seven: expected one of megc, paper"),
        (("stcnn", "--synthetic", synthetic, "--depth", 16), "--depth 16: not for stcnn; expected 17 at least"),
        (("mmnet", "--synthetic", synthetic, "--depth", 3), "--depth 3: not for mmnet; it takes onset and apex"),
        (("stcnn", "--synthetic", synthetic, "--protocol", "best"), "--protocol best: expected one of honest"),
        (("stcnn", "--synthetic", synthetic, "-o", tmp_path / "nowhere"), "nowhere: no such folder"),
        (("motion", "--synthetic", synthetic), "--synthetic: of no effect on a recognizer of motion maps"),
        (("motion",), "motion learns from motion maps: got none; expected --data FILE"),
    )
    for words, said in wrong:
        assert call(monkeypatch, *words) != 0
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert said in line


def test_without_torch_one_line_says_how_to_get_it(
    synthetic: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: None)
    for words, said in ((("--synthetic", synthetic), "pip install '.[train]'"), ((), "got neither")):
        assert call(monkeypatch, "mmnet", *words) != 0
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert said in line
