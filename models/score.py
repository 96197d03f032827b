"""How well a recognizer does, as the field counts it: UF1, UAR, Wilson's interval, the bootstrap over subjects."""

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.integer]
"""(n,) integers from 0: a class each."""
Statistic = Callable[[Labels, Labels], float]
"""Of true and predicted labels, such as `uf1`."""


def confusion(labels: Labels, predicted: Labels) -> NDArray[np.int64]:
    """(c, c) counts: row = true class, column = predicted class."""
    labels, predicted = np.asarray(labels, np.int64), np.asarray(predicted, np.int64)
    if labels.shape != predicted.shape or labels.ndim != 1 or labels.size == 0:
        raise ValueError(f"labels {labels.shape} and predictions {predicted.shape}: expected (n,) twice, n > 0")
    classes = int(max(labels.max(), predicted.max())) + 1
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


def uf1(labels: Labels, predicted: Labels) -> float:
    """Unweighted F1: F1 = 2·TP / (2·TP + FP + FN) of each class, averaged over the classes that occur in `labels`.

    Counts are pooled over all folds before any ratio is taken (MEGC 2019, See et al., section on metrics): pass the
    predictions of every fold together, never an average of folds.
    """
    counts = confusion(labels, predicted)
    hits, true = np.diag(counts), counts.sum(axis=1)
    f1 = 2 * hits / np.maximum(true + counts.sum(axis=0), 1)
    return float(f1[true > 0].mean())


def uar(labels: Labels, predicted: Labels) -> float:
    """Unweighted average recall: TP / n of each class, averaged over the classes that occur; pooled like `uf1`."""
    counts = confusion(labels, predicted)
    true = counts.sum(axis=1)
    return float((np.diag(counts)[true > 0] / true[true > 0]).mean())


def wilson(k: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a share, k of n; (0, 1) when nothing was counted (n = 0)."""
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n}: expected 0 <= k <= n")
    if n == 0:
        return 0.0, 1.0
    share, weight = k / n, z**2 / n
    middle = share + weight / 2
    reach = z * sqrt(share * (1 - share) / n + weight / (4 * n))
    return max(0.0, (middle - reach) / (1 + weight)), min(1.0, (middle + reach) / (1 + weight))


def bootstrap(
    labels: Labels,
    predicted: Labels,
    subjects: NDArray[np.str_],
    statistic: Statistic,
    resamples: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % percentile interval of `statistic` under resampling of whole subjects with replacement.

    Samples of one person are not independent, so the person is what is drawn; an interval over samples would be
    too narrow.
    """
    labels, predicted, subjects = np.asarray(labels), np.asarray(predicted), np.asarray(subjects)
    rows = [np.flatnonzero(subjects == name) for name in np.unique(subjects)]
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(resamples):
        drawn = np.concatenate([rows[i] for i in generator.integers(len(rows), size=len(rows))])
        values.append(statistic(labels[drawn], predicted[drawn]))
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)
