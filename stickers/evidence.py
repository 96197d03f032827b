"""What a calibrated plan carries so that its choice can be judged: graph, stability, measured effects, provenance.

Calibration writes it, people and reports read it. The live app follows the plan without any of it; but a plan is a
file that somebody may have sent, so that every text and every list here has an end.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from deadpan.stickers.regions import BY_NAME, NAMES

# Neither control characters, which could drive a terminal, nor the marks that turn the direction of writing.
PLAIN = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*$"
Word = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PLAIN)]
Sentences = Annotated[str, StringConstraints(max_length=4000, pattern=PLAIN)]


def known(name: str) -> str:
    """The name of a region, or `ValueError`."""
    if name not in BY_NAME:
        raise ValueError(f"no region called {name[:40]!r}; there is: {', '.join(NAMES)}")
    return name


RegionName = Annotated[str, AfterValidator(known)]
Share = Annotated[float, Field(ge=0, le=1)]
Degree = Annotated[float, Field(ge=0, le=len(NAMES) - 1)]
Whole = Annotated[int, Field(ge=0, le=10**9)]
Tenths = Annotated[float, Field(ge=1, le=4)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Regions = Annotated[tuple[RegionName, ...], Field(max_length=len(NAMES))]
Pairs = Annotated[tuple[tuple[RegionName, RegionName], ...], Field(max_length=len(NAMES) * (len(NAMES) - 1))]


class Strict(BaseModel):
    """Knows all its keys, and takes neither infinities nor what is not a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Measured(Strict):
    """A share, or a difference of shares, with its 95 % interval over subjects."""

    value: Annotated[float, Field(ge=-1, le=1)]
    low: Annotated[float, Field(ge=-1, le=1)]
    high: Annotated[float, Field(ge=-1, le=1)]
    n: Whole
    """Samples it is a share of; of random places, the draws."""

    @model_validator(mode="after")
    def _ordered(self) -> "Measured":
        if self.low > self.high:
            raise ValueError(f"an interval from {self.low} to {self.high}")
        return self


class Data(Strict):
    """What the plan was computed from."""

    name: Word
    """Of the file, folder or camera, without its path."""
    sha256: Sha256
    """Of the motion maps, their labels, subjects and geometry."""
    samples: Whole
    subjects: Whole
    datasets: Annotated[dict[Word, Whole], Field(max_length=100)]
    """Samples of each data set."""
    labels: Annotated[dict[Word, Whole], Field(max_length=100)]
    """Samples of each class."""


class Graph(Strict):
    """The causal graph: i → j and what the data leave open, i — j."""

    method: Literal["chi-square"]
    """The test of independence on the regions' levels."""
    feature: Word
    alpha: Share
    directed: Pairs
    undirected: Pairs
    out_degree: dict[RegionName, Whole]
    possible_out_degree: dict[RegionName, Whole]
    """The same if every open edge left the region."""
    winners: Regions
    """All of the highest out-degree; empty when no edge has a direction."""
    note: Sentences = ""


class Stable(Strict):
    """One region over the bootstrap resamples."""

    winner: Share
    """Share of resamples that it wins, ties split."""
    sole: Share
    """Share that it alone wins."""
    out_degree: Degree
    """Mean."""
    low: Degree
    high: Degree


class Stability(Strict):
    """What becomes of the winner when other people had been recorded."""

    resamples: Whole
    seed: Whole
    drawn: Word
    """What was drawn with replacement, subjects or samples."""
    regions: dict[RegionName, Stable]
    none: Share
    """Share of resamples without any winner."""


class Figures(Strict):
    """What a recognizer makes of all samples under one treatment."""

    attack: Measured
    """Attack success rate: right labels that become wrong, over right ones."""
    fooling: Measured
    """Fooling rate: labels that change, right or wrong."""
    error: Measured
    """Error rate over all samples, wrong ones without any sticker included."""
    uf1: Measured


class Effect(Figures):
    """What stickers of k tenths of the face on these regions do."""

    regions: Regions
    k: Tenths
    area: Share
    """Of the crop, that they cover."""
    random: Share
    """Attack success rate of as many stickers of that size in random places that cover as much."""
    against_random: Measured
    """`attack` less `random`, paired."""


class RandomPlaces(Strict):
    """The control: as many stickers of that size anywhere on the face, whatever they cover."""

    count: Whole
    k: Tenths
    draws: Whole
    attack: Measured
    """Mean attack success rate over the draws."""
    sd: Share
    """Over the draws."""


class HeldOut(Strict):
    """Chosen on some people by one recognizer, tested on others by another."""

    rule: Word
    count: Whole
    k: Tenths
    attack: Measured
    random: Share
    against_random: Measured


class Judge(Strict):
    """A recognizer that was asked."""

    name: Word
    role: Word
    seeds: Annotated[tuple[Whole, ...], Field(max_length=100)]
    identity: Word
    """A hash of what it follows from, or of itself."""
    folds: bool
    """Whether each person was judged by a network that had not learned from them, instead of by a finished one."""


class Evidence(Strict):
    """Everything that a plan's choice rests on."""

    rule: Word
    """How the regions were chosen: outdegree, stability, effect, causal+effect."""
    verdict: Sentences
    """What holds, in plain words."""
    beats_random: bool | None
    """Whether the choice does more than random places at 95 %; None where that was not measured."""
    data: Data
    graph: Graph
    stability: Stability | None
    effect: Effect | None
    """Of the plan's own regions and size; chosen and measured on the same people, unlike `held_out`."""
    singles: Annotated[tuple[Effect, ...], Field(max_length=len(NAMES))] = ()
    """Of each region by itself, at the plan's size."""
    controls: Annotated[dict[Word, Figures], Field(max_length=10)] = {}
    """No sticker, a constant map, noise instead of motion."""
    random: RandomPlaces | None = None
    held_out: Annotated[tuple[HeldOut, ...], Field(max_length=100)] = ()
    correlation: Annotated[dict[Word, Measured], Field(max_length=20)] = {}
    """Spearman's, over the regions, of what names the key with the measured effect."""
    queries: Annotated[dict[Word, Whole], Field(max_length=50)] = {}
    """Questions to a recognizer for each sample, by approach."""
    judges: Annotated[tuple[Judge, ...], Field(max_length=20)] = ()
    seed: Whole
    versions: Annotated[dict[Word, Word], Field(max_length=50)]
    command: Sentences

    @property
    def tested(self) -> HeldOut | None:
        """How the plan's rule does, at its number and size, on people and a recognizer that had no part in it."""
        if self.effect is None:
            return None
        count, k = len(self.effect.regions), self.effect.k
        # The best single region is the first that `effect` takes, and is told as such.
        rule = "region" if (self.rule, count) == ("effect", 1) else self.rule
        return next((each for each in self.held_out if (each.rule, each.count, each.k) == (rule, count, k)), None)
