"""What the user is asked to show, and when."""

from dataclasses import dataclass

from deadpan.models.errors import DeadpanError
from deadpan.models.maps import LABELS

SETTLING = 4.0
"""Seconds at rest before the first prompt: what a quiet face does must be known before a movement can stand out."""
SHOWN, REST = 1.6, 1.6
"""Seconds for which a prompt is shown, and at rest after it."""
LEAST = SETTLING + 3 * (SHOWN + REST)
"""Seconds in which each class is asked for once."""
RESTING = "Look at the camera, your face at rest."

EXPRESSIONS = {
    "surprise": ("Raise your brows, briefly.", "Look surprised, briefly."),
    "positive": ("Smile, briefly.", "Smile with your lips closed, briefly."),
    "negative": (
        "Frown, briefly.",
        "Wrinkle your nose, briefly.",
        "Press your lips together, briefly.",
        "Pull the corners of your mouth down, briefly.",
        "Push your chin up, briefly.",
    ),
}
"""Class → what shows it: of the negative ones action units 4, 9, 24, 15 and 17."""


@dataclass(frozen=True)
class Prompt:
    """One thing to ask for."""

    text: str
    label: int | None
    """An index into `LABELS`; None for rest."""
    start: float
    """Seconds from the beginning."""
    until: float
    """Seconds up to which a movement counts as an answer to it: also into the rest that follows."""

    @property
    def name(self) -> str:
        """In a few words."""
        return self.text.partition(",")[0].lower()


def prompts(seconds: float) -> tuple[Prompt, ...]:
    """Prompts for `seconds`, rest first and after each; the classes in turn. Raises `DeadpanError` if too short."""
    if seconds < LEAST:
        raise DeadpanError(f"{seconds:.0f} s for the prompts; expected at least {LEAST:.0f}, 60 for enough movements")
    listed = [Prompt(RESTING, None, 0.0, SETTLING)]
    turns = ("surprise", "positive", "negative")
    number, start = 0, SETTLING
    while start + SHOWN + REST <= seconds + 1e-9:
        label = turns[number % len(turns)]
        text = EXPRESSIONS[label][number // len(turns) % len(EXPRESSIONS[label])]
        end = start + SHOWN + REST
        listed += [Prompt(text, LABELS.index(label), start, end), Prompt(RESTING, None, start + SHOWN, end)]
        number, start = number + 1, end
    return tuple(listed)
