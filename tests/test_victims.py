"""Victims: each person is judged by the one who never saw them, and no question is asked twice."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from deadpan.calibration.effect import windows
from deadpan.calibration.effect.intervention import do
from deadpan.calibration.effect.victims import Answers, Final
from deadpan.models.errors import DeadpanError
from deadpan.models.recognizer import Recognizer
from deadpan.stickers.regions import NAMES


@dataclass
class Owner:
    """Says who it was asked about, and by how much: person 1 is always 1, and so on."""

    name: str = "owner"
    seed: int = 0
    identity: str = "0" * 64
    asked: list[tuple[str, int]] = field(default_factory=list)

    def predict(self, subject: str, motion: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.asked.append((subject, len(motion)))
        return np.tile(np.eye(3, dtype=np.float32)[int(subject[1:]) % 3], (len(motion), 1))


@pytest.mark.parametrize("jobs", [1, 3])
def test_each_person_is_judged_by_their_own(planted, jobs: int) -> None:  # type: ignore[no-untyped-def]
    maps, owner = planted.maps(people=7), Owner()
    answers = Answers(maps, [owner], jobs)
    assert (answers.clean[0] == [int(name[1:]) % 3 for name in maps.subject]).all()
    assert sorted(owner.asked) == [(f"p{i:02d}", 8) for i in range(7)]


def test_a_question_is_asked_once_and_every_one_is_counted(planted) -> None:  # type: ignore[no-untyped-def]
    told: list[int] = []
    answers = Answers(planted.maps(), [planted], asked=told.append)
    first = answers.silenced((3, 5), 2)
    assert answers.queries == 2
    assert answers.silenced((5, 3), 2) is first
    assert answers.queries == 2
    answers.silenced((5, 3), 3)
    answers.under(np.zeros((28, 28), bool))
    assert told == [1, 2, 3, 4]


def test_hiding_a_region_hides_its_own_patch_on_every_map(planted) -> None:  # type: ignore[no-untyped-def]
    maps = planted.maps()
    answers = Answers(maps, [planted])
    cheek, chin = NAMES.index("left_cheek"), NAMES.index("chin")
    taken = windows.patches(maps, maps.roi_center, 2)[:, [cheek, chin]].any(axis=1)
    assert (answers.covered((chin, cheek), 2) == taken).all()
    wanted = planted.predict("", do(maps.motion, taken)).argmax(axis=1)
    assert (answers.silenced((cheek, chin), 2)[0] == wanted).all()
    assert (wanted == 2).all()


def test_hiding_nothing_is_no_sticker(planted) -> None:  # type: ignore[no-untyped-def]
    answers = Answers(planted.maps(), [planted, planted])
    assert answers.clean.shape == (2, 96)
    assert (answers.silenced((), 2) == answers.clean).all()


def test_a_finished_recognizer_judges_everyone_the_same() -> None:
    recognizer = Recognizer.load("motion")
    motion = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 3), np.uint8)
    victim = Final(recognizer)
    assert (victim.predict("a", motion) == recognizer.predict(motion)).all()
    assert (victim.name, victim.identity) == ("motion", recognizer.sha256)


def test_nobody_to_ask_is_one_line(planted) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DeadpanError, match="no recognizer to ask"):
        Answers(planted.maps(), [])
