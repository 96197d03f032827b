"""From the data sets' own words for emotions to three classes, and how many there should be of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deadpan.calibration.sources.source import Sample
from deadpan.calibration.sources.unusable import Unusable
from deadpan.models.maps import LABELS

NEGATIVE, POSITIVE, SURPRISE = range(len(LABELS))
WORDS: Mapping[str, int] = {
    **dict.fromkeys(("positive", "happiness", "happy", "amusement"), POSITIVE),
    **dict.fromkeys(("negative", "disgust", "repression", "contempt"), NEGATIVE),
    **dict.fromkeys(("sadness", "sad", "fear", "anger", "angry"), NEGATIVE),
    **dict.fromkeys(("surprise", "surprised"), SURPRISE),
}
"""REFERENCE 6."""
LEFT_OUT = frozenset({"other", "others", "tense", "neutral"})
"""Words that say none of the three; tense is CASME's."""


@dataclass(frozen=True, eq=False)
class Classes:
    """Which samples belong to which class, and which to none."""

    name: str
    """As the command line calls it."""
    says: str
    """In a report."""
    published: Mapping[str, tuple[int, ...]]
    """By data set: negative, positive, surprise; or all together, where no more is published."""
    words_out: Mapping[str, frozenset[str]]
    """By data set: words that are left out beside `LEFT_OUT`."""
    clips_out: frozenset[str]
    """CASME II's clips that are left out whatever their word."""

    def label(self, dataset: str, clip: str, emotion: str) -> int:
        """An index into `LABELS`; raises `Unusable` for a sample that belongs to none."""
        word = emotion.strip().lower()
        if word in LEFT_OUT:
            raise Unusable(f"emotion {word}: none of {', '.join(LABELS)}")
        if word not in WORDS:
            raise Unusable(f"emotion {word[:30]!r}: expected one of {', '.join([*WORDS, *sorted(LEFT_OUT)])}")
        if word in self.words_out.get(dataset, ()) or clip in self.clips_out:
            raise Unusable(f"emotion {word}: not in {self.says}")
        return WORDS[word]


MEGC = Classes(
    "megc",
    "the MEGC 2019 composite",
    {"casme2": (88, 32, 25), "smic": (70, 51, 43), "samm": (92, 26, 15)},
    {"casme2": frozenset({"fear", "sadness"})},
    # The composite's list does not have them: the first has no apex, the second has it at its onset, and the third is
    # fear, or what later sheets call it.
    frozenset({"sub04_EP12_01f", "sub05_EP09_05f", "sub24_EP02_07"}),
)
"""The 442 (REFERENCE 6): what the recognizers learned from."""
PAPER = Classes(
    "paper",
    "the paper",
    {"casme2": (156,), "smic": (157,), "samm": (133,)},
    {},
    frozenset(),
)
"""All six words of CASME II; SMIC's 157 are the rows of SMIC-E-HS, the longer clips, which have a sheet."""
BY_NAME = {classes.name: classes for classes in (MEGC, PAPER)}


def counts(samples: Iterable[Sample]) -> dict[str, tuple[int, int, int]]:
    """By data set: how many are negative, positive, surprise."""
    found: dict[str, list[int]] = {}
    for sample in samples:
        found.setdefault(sample.dataset, [0] * len(LABELS))[sample.label] += 1
    return {name: (each[0], each[1], each[2]) for name, each in sorted(found.items())}


def summary(samples: Iterable[Sample], classes: Classes) -> list[str]:
    """A line for each data set: its counts, beside the published ones where there are any."""
    lines = []
    for name, each in counts(samples).items():
        line = f"{name}: {', '.join(f'{n} {label}' for n, label in zip(each, LABELS, strict=True))}"
        known = classes.published.get(name)
        if known:
            line += f"; {classes.says} has {', '.join(map(str, known))}"
            line += "" if len(known) > 1 else f" together, here {sum(each)}"
        lines.append(line)
    return lines
