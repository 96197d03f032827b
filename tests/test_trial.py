"""The judge of protections: it reads what is there, not what is not, and says when it cannot tell."""

from dataclasses import replace

import numpy as np
import pytest

from deadpan.app.commands.options import protection
from deadpan.calibration.synthetic import portrait
from deadpan.calibration.synthetic.action_units import EXPRESSIONS
from deadpan.calibration.synthetic.benchmark import benchmark
from deadpan.calibration.synthetic.faces import SIZE, WIDTH
from deadpan.calibration.synthetic.still import Still
from deadpan.calibration.synthetic.synthesis import Clip, Event
from deadpan.calibration.trial.attacker import look, share_read, true_motion, weights
from deadpan.calibration.trial.clips import afresh, clips, without_event
from deadpan.calibration.trial.figures import chance, rows
from deadpan.calibration.trial.likeness import Likeness, likeness
from deadpan.calibration.trial.matched import MatchedFilter, small
from deadpan.calibration.trial.modes import FLOOR, NONE, Mode, modes
from deadpan.calibration.trial.passage import HOLD, Call, protected, watch
from deadpan.calibration.trial.trial import (
    AVERAGED,
    FILLED,
    INPAINTED,
    LONGER,
    NOBODY,
    SINGLE,
    Cell,
    Measured,
    Outcome,
    run,
)
from deadpan.models.errors import DeadpanError
from deadpan.models.face import Sighting
from deadpan.models.frame import Frame
from deadpan.models.landmarker import Landmarker
from deadpan.models.maps import LABELS
from deadpan.models.reading import ATTENTIVE
from deadpan.models.recognizer import Recognizer
from deadpan.stickers.decoy import Decoy
from deadpan.stickers.protection import Protected, StickerProtection

H264 = Call("libx264", 300_000)
ONE = ("stickers", "random motion", "freeze")
"""Modes that are tried on one clip; the others on three."""


@pytest.fixture(scope="module")
def still(model: bytes) -> Still:
    return portrait.clip(1, model).stills[0].scaled(WIDTH).framed(SIZE)


@pytest.fixture(scope="module")
def judged(still: Still) -> list[Clip]:
    """One clip of each class, short, at 2 %."""
    chosen = []
    for number, (label, units) in enumerate((("negative", (4,)), ("positive", (12,)), ("surprise", (1, 2)))):
        shown = Event(12, 18, 23, label, units, 0.02)
        chosen.append(Clip(f"a-{label}", f"p{number}", (still,), 25, (shown,), size=SIZE, seed=number))
    return chosen


@pytest.fixture(scope="module")
def every() -> dict[str, Mode]:
    hiding = protection("band-aid", "paper", None)
    return modes(hiding.plan, hiding.sticker)


@pytest.fixture(scope="module")
def cells(judged: list[Clip], every: dict[str, Mode], model: bytes) -> dict[tuple[str, str], Cell]:
    """By mode and codec."""
    made = run(judged, [every[name] for name in (NONE, FLOOR, "still")], (Call(),), model)
    made += run(judged[:1], [every[name] for name in ONE], (Call(),), model)
    made += run(judged[:1], [every[name] for name in (NONE, FLOOR)], (H264,), model)
    return {(cell.mode, cell.call.codec): cell for cell in made}


def read(cell: Cell) -> float:
    return float(np.mean([each.read for each in cell.outcomes]))


def test_clips_are_drawn_evenly_from_people_and_classes(still: Still) -> None:
    people = [replace(still, name=f"p{n}") for n in range(9)]
    drawn = clips(people, ["sitting"], 27)
    assert len({(each.subject, each.events[0].label) for each in drawn}) == 27
    assert {each.head.name for each in drawn} == {"sitting"}
    assert {each.events[0].label for each in clips(people, ["sitting"], 3)} == set(LABELS)
    assert {each.name for each in clips(people, ["still", "quiet", "sitting"])} == {
        each.name for each in benchmark(people)
    }


def test_those_who_learn_see_no_judged_clip(still: Still) -> None:
    people = [replace(still, name=f"p{n}") for n in range(9)]
    learnt = afresh(people, ["sitting"], 100)
    assert len({each.seed for each in learnt}) == 100
    assert not {each.seed for each in learnt} & {each.seed for each in clips(people, ["sitting"])}
    assert not {each.seed for each in learnt} & {each.seed for each in clips(people, ["sitting"], seed=1)}


def test_another_seed_shows_something_else_of_the_same_people_and_classes(still: Still) -> None:
    people = [replace(still, name=f"p{n}") for n in range(9)]
    plain, fresh = clips(people, ["quiet"]), clips(people, ["quiet"], seed=7)
    for key in ("subject", "label"):
        counts = [
            sorted(each.subject if key == "subject" else each.events[0].label for each in given)
            for given in (plain, fresh)
        ]
        assert counts[0] == counts[1]
    assert not {each.seed for each in plain} & {each.seed for each in fresh}
    assert all(0.01 <= each.events[0].amplitude <= 0.02 for each in fresh)
    assert [each.events for each in fresh] == [each.events for each in clips(people, ["quiet"], seed=7)]


def test_the_matched_filter_tells_every_true_motion(still: Still) -> None:
    matched = MatchedFilter(still)
    for label, combinations in EXPRESSIONS.items():
        for units in combinations:
            clip = Clip("x", "x", (still,), 30, (Event(10, 16, 22, label, units, 0.01),), size=SIZE)
            assert LABELS[matched(small(true_motion(clip)))] == label
            assert share_read(true_motion(clip), true_motion(clip)) == pytest.approx(1)


def test_the_attacker_reads_what_moves_and_nothing_where_nothing_does(judged: list[Clip], model: bytes) -> None:
    clip = judged[1]
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        for given, low, high in ((clip, 0.6, 1.1), (without_event(clip), -0.1, 0.1)):
            pictures = [frame.image for frame in watch(given, model).frames]
            seen = look(pictures, given.events[0], landmarker, film=True)
            assert seen is not None
            assert seen.film is not None
            assert low < share_read(seen.single, true_motion(clip)) < high
            assert low < share_read(seen.averaged, true_motion(clip)) < high
            assert low < share_read(seen.film, true_motion(clip)) < high


def test_who_weighs_the_whole_film_sees_what_takes_the_events_course_and_little_of_a_decoy() -> None:
    event = Event(15, 21, 27, "positive", (12,), 0.01)
    frames = range(36)
    weighed = weights(frames, event)
    assert weighed @ [event.activation(n) for n in frames] == pytest.approx(1)
    assert weighed.sum() == pytest.approx(0, abs=1e-9)
    decoys = [Decoy(seed) for seed in range(8)]
    fields = np.stack([[decoy.step(n / 30, 90)[::8, ::8].ravel() for decoy in decoys] for n in frames]).reshape(36, -1)
    of_two = fields[event.apex] - fields[event.onset]
    assert np.square(weighed @ fields).mean() < 0.6 * np.square(of_two).mean()


def test_what_no_protection_vouches_for_shows_nobody(judged: list[Clip], model: bytes) -> None:
    class Never(StickerProtection):
        def apply(self, frame: Frame, sighting: Sighting) -> Protected | None:
            return None

    hiding = protection("band-aid", "paper", None)
    watched = watch(judged[0], model)
    sent = protected(watched, Never(hiding.plan, hiding.sticker)).pictures
    assert not np.any(sent)
    with Landmarker(model, stream=False, detection=ATTENTIVE, faces=1) as landmarker:
        assert look(sent, judged[0].events[0], landmarker) is None


def test_what_is_not_vouched_for_shows_the_last_protected_picture_and_then_nobody(
    judged: list[Clip], model: bytes
) -> None:
    class Once(StickerProtection):
        def apply(self, frame: Frame, sighting: Sighting) -> Protected | None:
            return super().apply(frame, sighting) if frame.index == 1 else None

    hiding = protection("band-aid", "paper", None)
    sent = protected(watch(judged[0], model), Once(hiding.plan, hiding.sticker))
    held = round(HOLD * judged[0].fps)
    shown = [bool(picture.any()) for picture in sent.pictures]
    assert shown == [n in range(1, held + 2) for n in range(len(shown))]
    assert all(np.array_equal(each, sent.pictures[1]) for each in sent.pictures[1 : held + 2])
    assert [bool(each) for each in sent.covered] == shown


def test_what_is_read_without_motion_is_not_detected(cells: dict[tuple[str, str], Cell]) -> None:
    none, floor = rows([cells[NONE, ""], cells[FLOOR, ""]], [Recognizer.load("motion")])
    assert floor.detected.value == floor.detected_averaged.value == 0.0
    assert none.detected.value > 3


def test_the_same_picture_is_alike_and_a_lighter_one_is_changed_everywhere(judged: list[Clip], model: bytes) -> None:
    watched = watch(judged[0], model)
    picture, face = watched.frames[0].image, watched.sightings[0].faces[0]
    assert likeness(picture, picture, face) == Likeness(1.0, 0.0)
    lighter = np.where(picture < 128, picture + 9, picture - 9).astype(np.uint8)
    assert likeness(picture, lighter, face).changed == 1.0


def test_freezing_leaves_less_to_read_than_nothing_does(cells: dict[tuple[str, str], Cell]) -> None:
    assert read(cells[NONE, ""]) > 0.6
    assert abs(read(cells[FLOOR, ""])) < 0.1
    assert abs(read(cells["still", ""])) < 0.25
    assert abs(read(cells["freeze", ""])) < 0.25
    assert read(cells["random motion", ""]) > 0.4


def test_an_attacker_measures_in_every_way_and_masks_what_is_covered(cells: dict[tuple[str, str], Cell]) -> None:
    for (mode, _), cell in cells.items():
        for each in cell.outcomes:
            ways = {SINGLE, AVERAGED, LONGER} | ({FILLED, INPAINTED} if mode == "stickers" else set())
            assert set(each.measured) == ways
            assert (each.covered is not None) == (mode == "stickers")
            assert each.pairs is not None
            assert len(each.pairs) == (4 if mode == "freeze" else 5)  # it shows nobody on its first frame
            assert np.array_equal(each.pairs[0], each.measured[SINGLE].motion)
    for each in cells[NONE, ""].outcomes:
        assert each.true is not None
        whole = float((each.true**2).sum())
        assert float((each.measured[LONGER].field * each.true).sum()) / whole > 0.4


def test_only_what_was_done_to_a_picture_makes_it_unlike(cells: dict[tuple[str, str], Cell]) -> None:
    for mode in (NONE, FLOOR):
        assert {each.likeness for each in cells[mode, ""].outcomes} == {Likeness(1.0, 0.0)}
        assert all(each.likeness.ssim < 1 for each in cells[mode, H264.codec].outcomes)
    assert all(each.likeness.ssim < 1 for each in cells["still", ""].outcomes)


def test_the_same_seed_gives_the_same_figures(
    judged: list[Clip], every: dict[str, Mode], model: bytes, cells: dict[tuple[str, str], Cell]
) -> None:
    (again,) = run(judged[:1], [every["still"]], (Call(),), model)
    before, after = cells["still", ""].outcomes[0], again.outcomes[0]
    assert (after.read, after.likeness, after.moves) == (before.read, before.likeness, before.moves)
    (other,) = run(judged[:1], [every["still"]], (Call(),), model, seed=1)
    assert other.outcomes[0].read != before.read


def test_every_cell_has_a_row_and_a_recognizer_each(cells: dict[tuple[str, str], Cell]) -> None:
    alike = {key: cell for key, cell in cells.items() if key[0] not in ONE}
    made = rows(list(alike.values()), [Recognizer.load("motion")])
    assert [(row.mode, row.codec) for row in made] == list(alike)
    assert all(row.clips == (1 if row.codec else 3) and row.unit == "clip" for row in made)
    none = made[0]
    assert none.told[0].attack is None or none.told[0].attack.value == 0.0
    assert none.matched.value == 1.0


def outcomes(matched: list[int], motion: np.ndarray | None) -> list[Outcome]:
    """Two people, one of each class, on all of whom the same is seen."""
    seen = {} if motion is None else {SINGLE: Measured(np.zeros((28, 28, 2), np.float32), motion)}
    return [Outcome(f"p{n % 2}", n % 3, 0.0, Likeness(1, 0), seen, None, 0.5, 0.5, matched[n % 3]) for n in range(6)]


def test_what_is_not_read_without_protection_is_not_measurable() -> None:
    blank = np.zeros((28, 28, 3), np.uint8)
    given = [Cell(mode, Call(), outcomes([0, 1, 2], blank)) for mode in (NONE, FLOOR)]
    row = rows(given, [Recognizer.load("motion")])[0]
    assert not row.told[0].measurable
    assert row.told[0].uf1.value < 0.6
    assert row.matched.value == 1.0
    assert row.read.value == 0.5


def test_a_face_that_is_not_found_is_read_wrongly() -> None:
    given = [Cell(mode, Call(), outcomes([NOBODY] * 3, None)) for mode in (NONE, FLOOR)]
    row = rows(given, [Recognizer.load("motion")])[0]
    assert row.told[0].uf1.value == 0.0
    assert row.told[0].attack is None
    assert row.nobody == 1.0


def test_figures_without_their_controls_are_refused() -> None:
    with pytest.raises(DeadpanError, match="'none' and 'no motion'"):
        rows([Cell(NONE, Call(), outcomes([0, 1, 2], None))], [])
    with pytest.raises(DeadpanError, match="without clips"):
        rows([Cell(NONE, Call()), Cell(FLOOR, Call())], [])


def test_chance_is_what_answers_are_worth_that_are_dealt_at_random() -> None:
    random = np.random.default_rng(0)
    label = np.arange(30) % 3
    says = np.array([0] * 5 + [1] * 20 + [2] * 3 + [NOBODY] * 2, np.int8)

    def uf1(dealt: np.ndarray) -> float:
        each = [2 * ((dealt == c) & (label == c)).sum() / ((dealt == c).sum() + (label == c).sum()) for c in range(3)]
        return float(np.mean(each))

    assert chance(label, says) == pytest.approx(np.mean([uf1(random.permutation(says)) for _ in range(2000)]), abs=0.01)
    assert chance(label, label.astype(np.int8)) == pytest.approx(1 / 3)
    assert chance(label, np.zeros(30, np.int8)) == pytest.approx(1 / 6)
