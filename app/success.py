"""Attack success: how often the protection changes a recognizer's mind, counted honestly."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from deadpan.models.score import wilson

FEW = 10
"""Events below which a rate says nothing and is shown as "too few"."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the recognizer made of one measurable event, before and after the protection."""

    clean: NDArray[np.float32]
    """(classes,) float32: probabilities on the clean pictures."""
    protected: NDArray[np.float32] | None
    """The same on the protected ones; None when nobody finds a face on them."""
    stands_out: bool
    """Whether the motion on the protected pictures stands out of the noise floor, as it does on the clean ones."""
    truth: int | None
    """The class that it really is, where that is known."""

    @property
    def label(self) -> int:
        """The clean pictures' label."""
        return int(self.clean.argmax())

    @property
    def changed(self) -> bool:
        """Whether the label changes, right or wrong; a face that is not found has no label, which is a change."""
        return self.protected is None or int(self.protected.argmax()) != self.label

    @property
    def drop(self) -> float:
        """By how much the probability of the clean pictures' label falls."""
        return float(self.clean[self.label] - (0.0 if self.protected is None else self.protected[self.label]))


@dataclass
class Rate:
    """A share, with what it is a share of."""

    hits: int = 0
    n: int = 0

    def count(self, hit: bool) -> None:
        """Count one more."""
        self.hits += hit
        self.n += 1

    @property
    def value(self) -> float | None:
        """0…1, or None of nothing."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval, or None of nothing."""
        return wilson(self.hits, self.n) if self.n else None

    def summary(self) -> dict[str, object]:
        """For JSON."""
        interval = self.interval
        return {
            "rate": None if self.value is None else round(self.value, 4),
            "interval": None if interval is None else [round(end, 4) for end in interval],
            "n": self.n,
        }

    def __str__(self) -> str:
        if self.value is None or self.interval is None:
            return "none yet"
        if self.n < FEW:
            return f"{self.hits} of {self.n}, too few events"
        low, high = self.interval
        return f"{self.value:.0%} [{low:.0%}, {high:.0%}], n = {self.n}"


@dataclass
class Success:
    """Counts over a session, and the newest event. Only its meter writes to it."""

    recognizer: str
    sha256: str
    labels: tuple[str, ...]
    controls: tuple[str, str] = ("nothing", "random")
    """What `none` and `random` are called (see `Protection.controls`)."""
    events: int = 0
    """Motions spotted on the clean side."""
    fooling: Rate = field(default_factory=Rate)
    """Label changes over measurable events (fooling rate)."""
    attack: Rate = field(default_factory=Rate)
    """Right labels that became wrong, over right ones, where the truth is known (ASR)."""
    right: Rate = field(default_factory=Rate)
    """Right clean labels over events with a known truth."""
    none: Rate = field(default_factory=Rate)
    """The fooling rate of the control that does nothing: the whole protected path, at strength 0 or with no plan."""
    random: Rate = field(default_factory=Rate)
    """The fooling rate of the control that does as much at random: stickers anywhere, or a motion of no meaning."""
    unseen: int = 0
    """Measurable events whose motion does not stand out any more on the protected pictures."""
    unread: int = 0
    """Measurable events on whose protected pictures no face is found."""
    drops: float = 0.0
    """Sum of the falls in the clean label's probability."""
    newest: Verdict | None = None
    newest_at: float = -np.inf
    """Seconds on the camera's clock."""
    note: str = ""
    """Why the newest event was not measurable, or what is wrong with the recognizer."""
    errors: int = 0
    """Failures of the recognizer, or of anything else of the meter."""
    last_error: str = ""
    """The newest of them, on one line."""
    skipped: int = 0
    """Frames that were not looked at because the meter was busy."""

    def count(self, verdict: Verdict, time: float) -> None:
        """Count a measurable event that ended at `time`."""
        self.fooling.count(verdict.changed)
        self.drops += verdict.drop
        self.unread += verdict.protected is None
        self.unseen += not verdict.stands_out
        if verdict.truth is not None:
            right = verdict.label == verdict.truth
            self.right.count(right)
            if right:
                self.attack.count(verdict.changed)
        self.newest, self.newest_at, self.note = verdict, time, ""

    def summary(self) -> dict[str, object]:
        """What `--json` writes under "success"."""
        fooling = self.fooling.summary()
        return {
            "events": self.events,
            "measurable": self.fooling.n,
            "fooling_rate": fooling["rate"],
            "interval": fooling["interval"],
            "asr": self.attack.summary() if self.right.n else None,
            "mean_drop": round(self.drops / self.fooling.n, 4) if self.fooling.n else None,
            "unseen": self.unseen,
            "unread": self.unread,
            "clean_accuracy": self.right.summary() if self.right.n else None,
            "controls": {"none": self.none.summary(), "random": self.random.summary()},
            "recognizer": self.recognizer,
            "recognizer_sha256": self.sha256,
            "errors": self.errors,
            "last_error": self.last_error,
            "skipped_frames": self.skipped,
            "note": self.note,
        }
