"""What happened in a session: counts, times and the summary that --json writes."""

from collections import Counter, deque
from collections.abc import Iterable
from itertools import islice

import numpy as np

from deadpan.app.outgoing import Reason
from deadpan.models.face import Sighting
from deadpan.stickers.protection import Protected
from deadpan.stickers.regions import NAMES

STAGES = ("capture", "track", "protect", "gate", "emit")
KEPT = 20_000
"""Times kept of each stage, the newest: eleven minutes at 30 frames a second."""


class Tally:
    """Counts frames and keeps the times of the newest ones."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.read = 0
        """Frames that the camera handed over; those it skipped because the loop was busy are not among them."""
        self.sent: Counter[Reason] = Counter()
        """Pictures that went out, by the reason why each is safe."""
        self.smaller = 0
        """Frames that were worked on in a smaller size than the camera's, because the loop did not keep up with it."""
        self.size: tuple[int, int] | None = None
        """That size, width and height in px, on the newest frame; None where it is the camera's own."""
        self.unvouched = 0
        """Frames that a protection handed over as safe and the gate found not to be: none of them went out."""
        self.withheld: Counter[str] = Counter()
        """Frames of the camera that something else went out for, by the reason why."""
        self.errors = 0
        """Frames on which the tracker or the protection failed; a stand-in went out."""
        self.last_error = ""
        self.faces = 0
        """Faces on the newest frame."""
        self.faces_max = 0
        self.faces_bent = 0
        """Faces that went out bent, each of each frame."""
        self._let_go: Counter[str] = Counter()
        self.stages: dict[str, deque[float]] = {stage: deque(maxlen=KEPT) for stage in STAGES}
        """Milliseconds. capture: from the frame's capture time until the loop has it; emit: all sinks."""
        self.latency: deque[float] = deque(maxlen=KEPT)
        """Milliseconds from a frame's capture time until it has gone out."""
        self._sent_at: deque[float] = deque(maxlen=KEPT)

    def out(self, reason: Reason, when: float) -> None:
        """Count a picture that went out at `when` (seconds of `time.perf_counter()`)."""
        self.sent[reason] += 1
        self._sent_at.append(when)

    def worked(self, size: tuple[int, int], whole: tuple[int, int]) -> None:
        """Count a frame that is worked on in `size`; the camera's is the `whole`."""
        self.size = size if size != whole else None
        self.smaller += self.size is not None

    def withhold(self, sighting: Sighting, protected: Protected | None, *, failed: bool) -> None:
        """Count a frame that did not go out itself."""
        if failed:
            why = "the protection failed"
        elif protected is not None:
            why = "not protected as promised"
        elif sighting.lost:
            why = "a face was lost for a moment"
        elif not sighting.faces:
            why = "no face was found"
        else:
            why = "the protection could not vouch for it"
        self.withheld[why] += 1

    def bent(self, protected: Protected) -> None:
        """Count what a frame that went out let go."""
        for each in protected.bent:
            self.faces_bent += 1
            self._let_go.update(each.let_go)

    @property
    def let_go(self) -> dict[str, float]:
        """Region → share of the faces that went out bent on which its own motion could be seen, a tenth of it or more.

        Most first; regions that were held all the time are left out. It is where a protection that bends can leak.
        """
        return {name: times / self.faces_bent for name, times in self._let_go.most_common()}

    @property
    def let_go_mean(self) -> float:
        """The same share, over all regions."""
        return sum(self.let_go.values()) / len(NAMES)

    def rate(self, newest: int = KEPT) -> float:
        """Pictures sent a second, over the `newest` ones."""
        times = list(islice(reversed(self._sent_at), newest))  # a slice would copy all of them, for every picture
        return (len(times) - 1) / (times[0] - times[-1]) if len(times) > 1 and times[0] > times[-1] else 0.0

    def late(self, newest: int) -> float | None:
        """The mean latency of the `newest` frames, milliseconds; None before the first."""
        times = list(islice(reversed(self.latency), newest))
        return sum(times) / len(times) if times else None

    def summary(self) -> dict[str, object]:
        """Everything, ready for JSON."""
        return {
            "frames": {
                "in": self.read,
                "smaller": self.smaller,
                "out": sum(self.sent.values()),
                "protected": self.sent[Reason.PROTECTED],
                "held": self.sent[Reason.HELD],
                "shuttered": self.sent[Reason.SHUTTERED],
                "empty": self.sent[Reason.EMPTY],
                "unvouched": self.unvouched,
                "errors": self.errors,
            },
            "withheld": dict(self.withheld.most_common()),
            "faces_max": self.faces_max,
            "fps": round(self.rate(), 2),
            "stage_ms": {stage: _percentiles(times) for stage, times in self.stages.items()},
            "latency_ms": _percentiles(self.latency),
        }


def _percentiles(times: Iterable[float]) -> dict[str, float | None]:
    """The median and the 95th percentile; null where nothing was timed."""
    values = list(times)
    if not values:
        return {"p50": None, "p95": None}
    middle, high = np.percentile(values, [50, 95])
    return {"p50": round(float(middle), 2), "p95": round(float(high), 2)}
