"""What an evaluation says in plain words: how many comparisons, how they ended, and what else was tried."""

from dataclasses import replace

import pytest
from experiments import row, rows

from deadpan.calibration.effect.tally import Share
from deadpan.calibration.tables import verdict


@pytest.mark.parametrize(
    ("gains", "said", "beats"),
    [
        (
            [0, 0],
            "better in 0, worse in 0, no difference that the clips could tell in 2. Causal placement does not",
            False,
        ),
        ([1, 1], "better in 2, worse in 0, no difference that the clips could tell in 0.", True),
        (
            [1, 0],
            "better in 1, worse in 0, no difference that the clips could tell in 1. Causal placement does not",
            False,
        ),
        (
            [1, -1],
            "better in 1, worse in 1, no difference that the clips could tell in 0. Causal placement does not",
            False,
        ),
        ([-1], "1 comparison of causal placement with random places at 2/10: better in 0, worse in 1", False),
        ([], "Causal placement was not measured beside random places", False),
    ],
)
def test_the_headline_says_whether_causal_placement_beats_random_places(
    gains: list[int], said: str, beats: bool
) -> None:
    compared = [
        replace(
            row("learnet", "synthetic", "causal", 0.1), gain=Share(0.1 * each, 0.1 * each - 0.05, 0.1 * each + 0.05, 9)
        )
        for each in gains
    ]
    assert said in verdict.headline(compared)
    assert verdict.beats_random(compared) is beats
    assert verdict.headline(compared).endswith("here.") is (bool(gains) and not beats)


def test_the_words_hold_every_comparison_and_what_asks_the_recognizer() -> None:
    said = verdict.sentences(tuple(rows()))
    assert len(said) == 3 + 1
    assert "2.1% [0.0%, 5.1%] of the right labels; less random places −0.2 points [−2.9, +2.5]: no diff" in said[0]
    assert "Best of 14 regions, each clip: 16.0% [13.0%, 19.0%], 14 queries a clip." in said[0]
    assert "RHDE: 41.0% [38.0%, 44.0%], 734 queries a clip." in said[0]


def test_of_several_stickers_the_words_say_the_least_and_the_most() -> None:
    more = replace(row("learnet", "synthetic", "causal", 0.2, sticker="sun"), gain=Share(0.18, 0.1, 0.2, 81))
    (said,) = [each for each in verdict.sentences((*rows(), more)) if each.startswith("learnet")]
    assert "3 stickers (n = 81): causal placement takes 2.1% to 20.0% of the right labels" in said
    assert "less random places −0.2 points to +18.0 points: better with 1, worse with 0, no difference" in said


def test_of_few_people_it_is_said_that_intervals_are_over_clips() -> None:
    few = replace(row("motion", "casme2", "random", 0.1), subjects=4)
    assert verdict.counted([few]).endswith("4 people, so few that intervals are over clips")
    assert verdict.counted([replace(few, subjects=5)]).endswith("5 people")


@pytest.mark.parametrize(("sizes", "laid"), [((1, 2, 3), 2), ((1, 3), 3), ((3, 1), 3), ((), 2)])
def test_the_paper_s_size_is_laid_out_at_length_or_else_the_largest(sizes: tuple[float, ...], laid: float) -> None:
    assert verdict.at_length(sizes) == laid
    assert verdict.size([row("motion", "casme2", "random", 0.1, k=k) for k in sizes]) == laid
