"""Work that several processes share."""

import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from deadpan.models.workers import deaf_to_interrupts


def shared(work: Iterable[Any], jobs: int) -> Iterator[Any]:
    """What joblib's delayed calls in `work` give, in their order, by `jobs` processes; one job works right here."""
    from joblib import Parallel

    # Said of results that nobody asks for any more: Ctrl-C is told in one line, by the command.
    warnings.filterwarnings("ignore", "(?s).*You could benefit from adjusting the input task iterator", UserWarning)
    with deaf_to_interrupts():  # joblib starts its processes when it is called, not when it is asked for a result
        found: Iterator[Any] = Parallel(n_jobs=jobs, return_as="generator")(work)
    return found
