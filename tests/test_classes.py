"""Three classes: each word has one, or none and says so; the counts can be held against the published ones."""

from pathlib import Path

import numpy as np
import pytest

from deadpan.calibration.sources.classes import LEFT_OUT, MEGC, PAPER, WORDS, counts, summary
from deadpan.calibration.sources.source import Sample
from deadpan.calibration.sources.unusable import Unusable
from deadpan.models import maps

FLOW = Path(__file__).resolve().parents[2] / "shared" / "data" / "mer_flow.npz"


def sample(dataset: str, label: int) -> Sample:
    return Sample("", "", dataset, label, "", "", 30, 0, 1, 2, 3, True, lambda first, last: [])


@pytest.mark.parametrize("word", ["disgust", "repression", "sadness", "fear", "anger", "contempt"])
def test_the_unpleasant_ones_are_negative(word: str) -> None:
    assert PAPER.label("casme2", "", word.title()) == MEGC.label("samm", "", word) == 0


def test_a_word_has_one_class_or_none() -> None:
    assert [MEGC.label("casme", "", word) for word in (" Happiness", "surprise", "positive")] == [1, 2, 1]
    assert not WORDS.keys() & LEFT_OUT
    for word in LEFT_OUT:
        with pytest.raises(Unusable, match=f"emotion {word}: none of negative, positive, surprise"):
            MEGC.label("casme", "", word)
    for word in ("", "supprise"):
        with pytest.raises(Unusable, match=f"emotion '{word}': expected one of positive, happiness"):
            MEGC.label("casme", "", word)


def test_the_composite_leaves_out_what_it_left_out_of_casme2_alone() -> None:
    for word in ("fear", "sadness"):
        with pytest.raises(Unusable, match="not in the MEGC 2019 composite"):
            MEGC.label("casme2", "sub01_EP02_01f", word)
        assert MEGC.label("samm", "", word) == MEGC.label("casme", "", word) == 0
    with pytest.raises(Unusable, match="not in the MEGC 2019 composite"):
        MEGC.label("casme2", "sub04_EP12_01f", "disgust")


def test_counts_stand_beside_the_published_ones() -> None:
    samples = [sample("smic", 0), sample("casme", 1), sample("smic", 2), sample("smic", 2)]
    assert counts(samples) == {"casme": (0, 1, 0), "smic": (1, 0, 2)}
    assert summary(samples, MEGC) == [
        "casme: 0 negative, 1 positive, 0 surprise",
        "smic: 1 negative, 0 positive, 2 surprise; the MEGC 2019 composite has 70, 51, 43",
    ]
    assert summary(samples, PAPER)[1].endswith("2 surprise; the paper has 157 together, here 3")


@pytest.mark.skipif(not FLOW.exists(), reason="needs ../shared/data/mer_flow.npz")
def test_the_composite_that_was_posted_has_these_counts_and_not_these_clips() -> None:
    posted = maps.load(FLOW)
    for name, known in MEGC.published.items():
        labels = posted.label[posted.dataset == name]
        assert tuple(np.bincount(labels, minlength=3)) == known
    assert not set(posted.clip.tolist()) & MEGC.clips_out
