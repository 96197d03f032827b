"""Work that several processes share."""

from collections.abc import Iterable, Iterator
from typing import Any

from deadpan.models.workers import deaf_to_interrupts


def shared(work: Iterable[Any], jobs: int) -> Iterator[Any]:
    """What joblib's delayed calls in `work` give, in their order, by `jobs` processes; one job works right here."""
    from joblib import Parallel

    with deaf_to_interrupts():  # joblib starts its processes when it is called, not when it is asked for a result
        found: Iterator[Any] = Parallel(n_jobs=jobs, return_as="generator")(work)
    return found
