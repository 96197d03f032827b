"""Work that several processes share, on this machine or on a Dask cluster; Ctrl-C is for the one that began it."""

import contextlib
import signal
import socket
import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from deadpan.models.errors import DeadpanError
from deadpan.models.scratch import scratch

PATIENCE = 10.0
"""Seconds that a cluster has to answer, and to show a worker."""
SAFE = 2
"""Jobs that a cluster of one thread passes for: with one job, work is done right here."""


def shared(work: Iterable[Any], jobs: int, *, ordered: bool = True) -> Iterator[Any]:
    """What joblib's delayed calls in `work` give, by `jobs` processes; one job works right here, as it is asked.

    In their order, or as each ends. Inside `cluster` the cluster's workers do it. Who stops before the end, by Ctrl-C
    for one, stops the processes too: what they keep, they must keep whole. Large arguments lie in `scratch`.
    """
    from joblib import Parallel

    # Said of results that nobody asks for any more: Ctrl-C is told in one line, by the command.
    warnings.filterwarnings("ignore", "(?s).*You could benefit from adjusting the input task iterator", UserWarning)
    # One that had nothing to do for long has gone; another is started for what comes next.
    warnings.filterwarnings("ignore", "A worker stopped while some jobs were given to the executor", UserWarning)
    with deaf_to_interrupts():  # joblib starts its processes when it is called, not when it is asked for a result
        as_given = "generator" if ordered else "generator_unordered"
        found: Iterator[Any] = Parallel(jobs, return_as=as_given, temp_folder=scratch() if jobs != 1 else None)(work)
    return found


@contextlib.contextmanager
def cluster(address: str | None, jobs: int, everywhere: Sequence[object] = ()) -> Iterator[int]:
    """Inside, the Dask cluster at `address` does what is shared; None is this machine. Gives the number of jobs.

    `everywhere` are large arguments of the work: they are sent to every worker once, and again to one that takes
    another's place. Arguments and results travel; the workers need deadpan as it is here, and no disk in common.
    Raises `DeadpanError` in one line when there is no such cluster, or it has no worker.
    """
    if address is None:
        yield jobs
        return
    try:
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ImportError as error:
        raise DeadpanError("--dask needs distributed; `pip install '.[cluster]'` in the clone of deadpan") from error
    from joblib import parallel_config

    try:  # a Client that gets no answer prints a trace when it is thrown away
        socket.create_connection(get_address_host_port(address), PATIENCE).close()
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        why = " ".join(str(getattr(error, "strerror", None) or error).split())[:120]
        raise DeadpanError(f"--dask {address}: no scheduler answers ({why}); expected tcp://HOST:8786") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise DeadpanError(f"--dask {address}: has no worker; start one: `dask worker {address}`") from error
        with parallel_config("dask", client=client, scatter=list(everywhere)):
            yield max(SAFE, sum(client.ncores().values()))


@contextlib.contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Processes that are started meanwhile never hear Ctrl-C, which a terminal sends to all of a command's processes.

    A worker that heard it would print a trace and leave its work half done, beside the one line of the command.
    """
    if threading.current_thread() is not threading.main_thread():  # only there may a signal's handler be set
        yield
        return
    # A process starts with the signals ignored that its parent ignores; Python then leaves them so.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
