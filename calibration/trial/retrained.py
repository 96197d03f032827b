"""A recognizer that is trained anew on protected pictures: what a network can learn that fixed ones do not know."""

import importlib.util

import numpy as np
from numpy.typing import NDArray

from deadpan.models import folds
from deadpan.models.errors import DeadpanError
from deadpan.models.maps import LABELS
from deadpan.models.training import recipes

NEEDED = ("torch", "onnx")
RECIPES = tuple(each for each in recipes.RECIPES if each.name in ("motion", "motion-large"))
"""The networks that the trial's own recognizers are."""


class Retrained:
    """The network and the schedule of a recipe, with other maps."""

    def __init__(
        self,
        recipe: recipes.Recipe,
        motion: NDArray[np.uint8],
        label: NDArray[np.int64],
        seed: int,
        start: bytes | None = None,
    ) -> None:
        """Train on `motion` (n, 28, 28, 3) and `label` (n,); the epochs are the recipe's, and nothing is selected.

        From random weights, or from those in `start`, an ONNX file of the same recipe.
        """
        self._flip = recipe.flip_average
        if start is None:
            from deadpan.models.training import fit

            self._networks = fit.fit(recipe, motion, label, seed)
        else:
            from deadpan.models.training import further

            self._networks = further.train(recipe, start, motion, label, seed)

    def probabilities(self, motion: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, classes), in the order of `LABELS`, of (n, 28, 28, 3)."""
        from deadpan.models.training import export

        said = export.probabilities(self._networks, motion, flip=self._flip)
        return np.asarray(said, np.float32).reshape(len(motion), len(LABELS))


def check() -> None:
    """Raise a `DeadpanError` in one line when what training needs is not installed."""
    missing = [package for package in NEEDED if importlib.util.find_spec(package) is None]
    if missing:
        raise DeadpanError(f"training needs {' and '.join(missing)}; {folds.EXTRA}")
