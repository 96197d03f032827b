"""`deadpan calibrate` on the command line: the verdict in words, and every wrong input in one line before the work."""

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import platformdirs
import pytest
from conftest import Call

from deadpan.app.commands import cameras, gather
from deadpan.calibration import findings
from deadpan.calibration.median_face import CENTRES
from deadpan.calibration.report import page
from deadpan.calibration.sources import find, measuring, own_face
from deadpan.calibration.sources.own_face import Moment
from deadpan.calibration.sources.source import Sample, Skipped
from deadpan.models import folds, own, recognizers
from deadpan.models import maps as motion_maps
from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Frame, Image
from deadpan.models.maps import Maps
from deadpan.stickers import plan as plans

pytestmark = pytest.mark.usefixtures("few_places")


@pytest.fixture
def calibrate(deadpan: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """Calls `deadpan calibrate …` in an empty folder without fold networks, with few random places."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(folds, "folder", lambda name, maps: tmp_path / "folds" / name)
    monkeypatch.setattr(findings, "Settings", functools.partial(findings.Settings, draws=2))
    return lambda *words: deadpan("calibrate", *words)


def write(path: Path, dataset: str = "synthetic", n: int = 18) -> Path:
    """A file of maps of three people, on which the shipped recognizer is sometimes right."""
    random = np.random.default_rng(0)
    flow = random.integers(0, 200, (n, 28, 28, 3))
    for row in range(n):  # brows up, lip corners up, or brows together
        where = ((slice(2, 8), slice(None)), (slice(18, 24), slice(None)), (slice(4, 9), slice(10, 18)))[row % 3]
        flow[row, where[0], where[1], :2] += 200
    low, high = flow.min(axis=(1, 2), keepdims=True), flow.max(axis=(1, 2), keepdims=True)
    np.savez(
        path,
        flow=np.rint((flow - low) / (high - low) * 255).astype(np.uint8),
        label=np.array([2, 1, 0] * (n // 3)),
        subject=np.array([f"person {i // 3 % 3}" for i in range(n)]),
        dataset=np.full(n, dataset),
        clip=np.array([f"c{i}" for i in range(n)]),
        roi_center=np.tile(np.array(CENTRES, np.float32), (n, 1, 1)),
        face_size=np.tile(np.array([1.1, 1.05], np.float32), (n, 1)),
    )
    return path


def test_maps_become_a_plan_a_report_and_a_verdict(
    calibrate: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("graph", "winners", "degrees", "own", "heat", "singles", "sizes", "counts")
    monkeypatch.setattr(page, "pictures", lambda found: dict.fromkeys(names, "<svg/>"))  # drawn in test_calibrate.py
    data = write(tmp_path / "maps.npz", n=9)
    outputs = ("-o", "mine.json", "--report", "r.html", "--json", "c.json")
    said = calibrate("--data", data, *outputs, "--resamples", 10, "--pixels", "--choose", "effect", "--count", 2)
    assert said.code == 0, said.err
    plan = plans.load(str(tmp_path / "mine.json"))
    assert plan.name == "mine"
    assert plan.calibration is not None
    assert "deadpan calibrate --data maps.npz --choose effect --count 2" in plan.calibration.command
    assert str(tmp_path) not in (tmp_path / "mine.json").read_text("utf-8"), "paths are private"
    for sentence in (
        "graph: by the paper's rule",
        "resamples of samples",
        "On the people it was chosen on, which flatters it",
        "grey",
    ):
        assert sentence in said.out
    for name in plan.regions:
        assert name.replace("_", " ") in said.out
    assert "use it: deadpan run --plan mine.json" in said.out
    assert "deadpan calibration of maps.npz" in (tmp_path / "r.html").read_text("utf-8")
    assert json.loads((tmp_path / "c.json").read_text("utf-8"))["plan"] == plan.model_dump(mode="json")


def test_people_whom_the_recognizer_learned_from_are_judged_by_folds_or_not_at_all(
    calibrate: Call, tmp_path: Path
) -> None:
    data = write(tmp_path / "maps.npz", dataset="casme2")
    said = calibrate("--data", data)
    assert said.code == 1
    for name in ("motion", "motion-large"):
        assert f"`deadpan train {name} --data FILE --folds-only --seeds 2`" in said.err
    assert "pip install '.[train]'" in said.err
    assert said.err.count("\n") == 1
    assert not (tmp_path / "plan.json").exists()


def test_a_recognizer_of_something_else_is_refused(calibrate: Call, tmp_path: Path) -> None:
    these = motion_maps.load(write(tmp_path / "maps.npz"))
    (judge,) = gather.victims("motion", these, "--recognizer")
    assert judge.name == "motion"
    said = calibrate("--data", tmp_path / "maps.npz", "--recognizer", "nobody")
    assert said.code == 1
    assert "nobody" in said.err


def test_who_chooses_does_not_test_under_another_name_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda _: tmp_path / "own")
    monkeypatch.setattr(folds, "folder", lambda name, maps: tmp_path / "folds" / name)
    these = motion_maps.load(write(tmp_path / "maps.npz"))
    own.add(recognizers.shipped_folder() / "motion.onnx", "motion28", motion_maps.LABELS, "copy")
    with pytest.raises(DeadpanError, match="copy: would choose and test"):
        gather.panels("motion", "copy", these)
    assert [len(each) for each in gather.panels("motion", "motion-large", these)] == [1, 1]
    assert [len(each) for each in gather.panels("motion", "none", these)] == [1, 0]


def test_before_a_camera_prompts_are_told_and_only_maps_are_kept(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    class Own:
        """One movement a frame, and then it is done."""

        def __init__(self, model: bytes, seconds: float) -> None:
            assert (model, seconds) == (b"landmarker", 60.0)
            self.usable = 0

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            closed.append("face")

        def step(self, frame: Frame | None) -> Moment:
            self.usable += frame is not None
            return Moment("Smile, briefly.", 1, self.usable / 3, self.usable, "good", self.usable == 3)

        def maps(self) -> Maps:
            return motion_maps.load(write(tmp_path / "own.npz", dataset="own", n=3))

    class Eye:
        def __iter__(self) -> Iterator[Frame | None]:
            yield None
            for index in range(9):
                yield Frame(np.zeros((8, 8, 3), np.uint8), index, index / 30, 0.0)

        def close(self) -> None:
            closed.append("camera")

    closed: list[str] = []
    told: list[tuple[str, int, int]] = []
    monkeypatch.setattr(own_face, "OwnFace", Own)
    monkeypatch.setattr(cameras, "open_camera", lambda *_, **__: Eye())
    monkeypatch.setattr(gather, "face_landmarker", lambda _: b"landmarker")
    found = gather.maps(None, None, None, "0", 60.0, None, tmp_path / "plan.json", lambda *each: told.append(each))
    assert closed == ["face", "camera"]
    assert told[-1] == ("Smile, briefly.  (good; 3 usable)", 1000, 1000)
    assert len(told) == 4, "no frame after it is done"
    (tmp_path / "own.npz").unlink()
    assert [path.name for path in tmp_path.iterdir()] == ["plan.maps.npz"]
    assert motion_maps.load(tmp_path / "plan.maps.npz").sha256 == found.maps.sha256
    assert "only 3 movements were usable" in capfd.readouterr().err


def test_pictures_in_a_folder_per_class_are_known_as_stills(calibrate: Call, tmp_path: Path) -> None:
    for name in ("happy", "sad"):
        (tmp_path / "faces" / name).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / "faces" / name / "1.png"), np.zeros((48, 48), np.uint8))
    assert gather.is_stills(tmp_path / "faces", None)
    assert gather.is_stills(tmp_path / "faces", "images")
    assert not gather.is_stills(tmp_path / "faces", "casme2")
    assert not gather.is_stills(tmp_path / "none", None)
    said = calibrate("--data", "faces", "--choose", "effect")
    assert said.code == 1
    assert "holds stills, and hiding changes no motion there" in said.err


def test_reasons_for_skipping_are_counted_rarest_first_and_cannot_drive_the_terminal(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather.console, "width", 300)
    with gather.skipping() as skip:
        for row in range(100):
            skip(Skipped(f"sheet.xlsx, row {row}", "emotion others: none of three"))
        skip(Skipped("sheet.xlsx, row 200", "no pictures in \x1b[31m\x1b]0;title\x07"))
    assert capfd.readouterr().err.splitlines() == [
        "skipped: sheet.xlsx, row 200: no pictures in ?[31m?]0;title?",
        "skipped: 100, such as sheet.xlsx, row 0: emotion others: none of three",
        "skipped: 101 in all",
    ]


def test_a_folder_of_clips_becomes_maps_by_the_classes_that_were_asked_for(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The reader is a stand-in; the counts stand beside the published ones, and only measured clips are kept."""

    class Three:
        def samples(self, skip: Callable[[Skipped], None]) -> Iterator[Sample]:
            for number in range(3):
                nothing: Callable[[int, int], list[Image]] = lambda first, last: []  # noqa: E731
                yield Sample(
                    f"c{number}", "s1", "casme2", number, "word", "", 30.0, 0, 1, 2, 3, apex_coded=True, load=nothing
                )

    asked: list[str] = []
    monkeypatch.setattr(find, "find", lambda layout, root, classes: asked.append(classes.name) or Three())
    two = motion_maps.load(write(tmp_path / "two.npz", dataset="casme2", n=3)).only(np.array([0, 2]))
    monkeypatch.setattr(measuring, "measure", lambda *_: two)
    monkeypatch.setattr(gather, "face_landmarker", lambda _: b"landmarker")
    monkeypatch.setattr(gather.console, "width", 300)
    for classes in (None, "megc", "paper"):
        found = gather.maps(tmp_path, None, classes, None, 60.0, None, tmp_path / "plan.json", lambda *_: None)
        assert [each.name for each in found.clips] == ["c0", "c2"]
    assert asked == ["megc", "megc", "paper"]
    said = capfd.readouterr().err
    assert "casme2: 1 negative, 1 positive, 1 surprise; the MEGC 2019 composite has 88, 32, 25" in said
    assert "the paper has 156 together, here 3" in said


@pytest.mark.parametrize("dataset", ["casme2", "samm", "smic", "smic-vis", "smic-nir"])
def test_no_finished_recognizer_judges_people_whom_it_learned_from(
    dataset: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(folds, "folder", lambda name, maps: tmp_path / "folds" / name)
    these = motion_maps.load(write(tmp_path / "maps.npz", dataset=dataset, n=3))
    with pytest.raises(folds.FoldsMissing):
        gather.victims("motion", these, "--recognizer")


@pytest.mark.parametrize(
    ("words", "trouble"),
    [
        ("", "give --data FILE or --data FOLDER, or --camera 0"),
        ("--data maps.npz --camera 0", "one of them"),
        ("--data none.npz", "none.npz: cannot be read"),
        ("--data none", "none: "),
        ("--data text.npz", "not an .npz of plain arrays"),
        ("--data maps.npz --choose best", "--choose best: expected one of causal+effect, effect, stability, outdegree"),
        ("--data maps.npz --feature colour", "--feature colour: expected one of strain, magnitude, direction"),
        ("--data maps.npz --k 2.5", "--k 2.5: stickers are measured at 1, 2, 3 and 4 tenths"),
        ("--data maps.npz --layout casme2", "--layout casme2: maps.npz is a file of motion maps"),
        ("--data maps.npz -o nowhere/plan.json", "-o nowhere/plan.json: there is no folder nowhere"),
        ("--data maps.npz --report folder", "--report folder: is a folder; name a file"),
        ("--data maps.npz -o /proc/plan.json", "-o /proc/plan.json: /proc takes no file"),
        ("--data maps.npz -o /dev/null", "-o /dev/null: is no file"),
        ("--data maps.npz --json /nope/c.json", "--json /nope/c.json: there is no folder /nope"),
        ("--data maps.npz -o maps.npz", "-o maps.npz: is the data that is read"),
        ("--data maps.npz -o x --report x", "two of them are the same file"),
        ("--data maps.npz --clips 3", "--clips 3: is for a folder of clips; maps.npz is none"),
        ("--data maps.npz --seconds 60", "--seconds: of no effect without --camera; leave it out"),
        ("--camera 0 --layout smic", "--layout: of no effect before a camera"),
        ("--data folder --layout images --pixels --feature strain", "--pixels, --feature: of no effect on stills"),
        ("--data maps.npz --sticker star", "--sticker: of no effect without --clips"),
        ("--data maps.npz --test-recognizer motion", "motion: would choose and test"),
        ("--data maps.npz --classes paper", "--classes paper: is for a folder of clips"),
        ("--data folder --layout synthetic --classes mine", "--classes mine: expected one of megc, paper"),
        ("--data folder --sticker beard --clips 3", "beard"),
        ("--data folder", "folder: like no data set; expected casme: "),
        ("--data .", "no data set; its motion maps are taken by --data maps.npz"),
        ("--data folder --layout moon", "layout moon: expected one of casme, casme2"),
        ("--camera 99", "no camera /dev/video99"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(words: str, trouble: str, calibrate: Call, tmp_path: Path) -> None:
    write(tmp_path / "maps.npz")
    (tmp_path / "text.npz").write_text("good morning\n")
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.iterdir())
    said = calibrate(*words.split())
    assert said.code == 1
    assert said.err.startswith("deadpan: ")
    assert trouble in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("words", ["--count 6", "--count 0", "--k 5", "--resamples 1", "--seconds 1", "--seed -1"])
def test_figures_out_of_range_are_refused(words: str, calibrate: Call) -> None:
    said = calibrate("--data", "maps.npz", *words.split())
    assert said.code == 2
    assert words.split(maxsplit=1)[0] in said.err
