"""How the recognizers of motion maps are trained: every choice in one place, and what else was tried."""

from dataclasses import dataclass

from deadpan.models.errors import DeadpanError


@dataclass(frozen=True)
class Augment:
    """How far a map may be changed in training; every amount is drawn anew for every map of every batch."""

    flip: float = 0.0
    """Probability of a mirrored face: columns reversed, u negated."""
    shift: float = 0.0
    """Standard deviation of the crop's displacement in x and in y, as a fraction of the map's side."""
    scale: float = 0.0
    """Standard deviation of the crop's relative size in x and in y."""
    turn: float = 0.0
    """Standard deviation of the head's roll in degrees; the (u, v) vectors turn with it."""
    head: float = 0.0
    """Standard deviation of the four slopes of a linear field added to (v, u), as a share of half the channel's range
    from the middle of the map to its edge: head motion that the alignment has left over."""
    noise: float = 0.0
    """Most that smooth noise may amount to, as a standard deviation in shares of half the channel's range."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training besides the maps and the seed; there is no early stopping to decide."""

    name: str
    network: str
    """The network's module beside this one: a key of `fit.NETWORKS`."""
    epochs: int
    batch: int
    """Maps per step, roughly: an epoch is cut into equal parts."""
    rate: float
    """Adam's peak learning rate: a linear rise over the first tenth, then a cosine down to 0."""
    decay: float = 0.0
    """Decoupled weight decay."""
    smoothing: float = 0.0
    """Label smoothing."""
    balance: float = 0.0
    """Loss weights of the classes are count ** -balance: 0 as they come, 1 all classes alike."""
    augment: Augment = Augment()
    members: int = 1
    """Networks, each from a seed of its own, whose probabilities are averaged."""
    flip_average: bool = False
    """Whether a map and its mirror image are judged together."""


_LIVE = Augment(flip=0.5, shift=0.03, scale=0.04, turn=4.0, noise=0.15)
"""What a live camera changes: other crops, a rolled head, another flow algorithm's noise."""

RECIPES = (
    Recipe("motion", "ststnet", epochs=20, batch=64, rate=1e-3, balance=0.5, augment=_LIVE, flip_average=True),
    Recipe(
        "motion-large",
        "large",
        epochs=20,
        batch=64,
        rate=2e-3,
        decay=0.02,
        balance=0.5,
        augment=_LIVE,
        members=2,
        flip_average=True,
    ),
)


def find(name: str) -> Recipe:
    """The recipe called `name`; an unknown name is an error that lists the known ones."""
    for recipe in RECIPES:
        if recipe.name == name:
            return recipe
    raise DeadpanError(f"no recipe called {name!r}; there is: {', '.join(recipe.name for recipe in RECIPES)}")
