"""A victim before motion maps: what hides, hides as it does in the rest of the calibration."""

import pickle
from dataclasses import replace

import numpy as np

from deadpan.calibration.effect.victims import Answers
from deadpan.calibration.placements.placed import upright
from deadpan.calibration.targets.on_maps import OnMaps
from deadpan.stickers.regions import NAMES


def test_a_patch_on_a_region_is_what_silences_the_region(planted) -> None:  # type: ignore[no-untyped-def]
    maps = planted.maps()
    target, answers = OnMaps(maps, planted), Answers(maps, [planted])
    rows = np.arange(len(maps))
    for k in (1, 2, 3):
        for column in range(len(NAMES)):
            said = target.say(rows, upright(target.centres[:, column]), k)
            assert (said.argmax(axis=1) == answers.silenced((column,), k)[0]).all()
    assert (answers.silenced((NAMES.index("chin"),), 2) != answers.clean).any()


def test_what_is_clear_or_absent_hides_nothing(planted) -> None:  # type: ignore[no-untyped-def]
    target = OnMaps(planted.maps(), planted)
    rows = np.arange(len(target.label))
    clean = planted.predict("", target.maps.motion)
    clear = upright(target.centres[:, NAMES.index("chin")])
    clear[..., 3] = 0
    assert (target.say(rows, clear, 3) == clean).all()
    assert (target.say(rows, clear[:, :0], 3) == clean).all()
    hidden = np.concatenate([clear, upright(target.centres[:, NAMES.index("chin")])], axis=1)
    assert (target.say(rows, hidden, 3) != clean).any()


def test_rows_may_repeat_and_come_in_any_order(planted) -> None:  # type: ignore[no-untyped-def]
    target = OnMaps(planted.maps(), planted)
    rows = np.random.default_rng(0).integers(0, len(target.label), 200)
    stickers = upright(target.centres[rows, rows % 14])
    together = target.say(rows, stickers, 2)
    alone = [target.say(rows[i : i + 1], stickers[i : i + 1], 2)[0] for i in range(len(rows))]
    assert (together == alone).all()
    assert target.spent.answers == 400


def test_a_constant_input_gets_one_answer_of_each_judge(planted) -> None:  # type: ignore[no-untyped-def]
    said = OnMaps(planted.maps(), planted).constant()
    assert said.shape == (96, 3)
    assert (said == said[0]).all()


def test_other_maps_or_another_victim_are_another_target(planted) -> None:  # type: ignore[no-untyped-def]
    maps = planted.maps()
    targets = [
        OnMaps(maps, planted),
        OnMaps(maps.only(np.arange(5)), planted),
        OnMaps(replace(maps, roi_center=maps.roi_center + np.float32(0.01)), planted),
        OnMaps(maps, replace(planted, identity="1" * 64)),
        OnMaps(maps, replace(planted, seed=1)),
    ]
    assert len({each.identity for each in targets}) == len(targets)
    assert OnMaps(planted.maps(), planted).identity == targets[0].identity


def test_a_target_travels_and_starts_afresh(planted) -> None:  # type: ignore[no-untyped-def]
    target = OnMaps(planted.maps(), planted)
    rows = np.arange(len(target.label))
    said = target.say(rows, upright(target.centres[:, 0]), 2)
    there = pickle.loads(pickle.dumps(target))
    assert (there.identity, there.spent.answers) == (target.identity, 0)
    assert (there.say(rows, upright(there.centres[:, 0]), 2) == said).all()
