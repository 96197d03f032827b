"""Work that processes share: in order, and Ctrl-C is heard by one process only."""

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from joblib import delayed

from deadpan.models.errors import DeadpanError
from deadpan.models.scratch import scratch
from deadpan.models.workers import cluster, shared

SCRIPT = """
import signal, sys, time
from joblib import delayed
from deadpan.models.scratch import scratch
from deadpan.models.workers import shared
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it from the start
try:
    for _ in shared((delayed(time.sleep)(seconds) for seconds in (0, 0, 600, 600)), 2):
        print("ready", flush=True)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order_whoever_finds_them(jobs: int) -> None:
    assert list(shared((delayed(abs)(-each) for each in range(9)), jobs)) == list(range(9))


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a real Dask scheduler with two worker processes, on the loopback."""
    distributed = pytest.importorskip("distributed", reason="distributed comes with the extra `cluster`")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as workers:
        yield workers.scheduler_address


def test_a_clusters_workers_share_the_work_and_send_it_back(scheduler: str) -> None:
    large = np.arange(1 << 20)
    with cluster(scheduler, 1, [large]) as jobs:
        assert jobs == 2
        assert list(shared((delayed(np.take)(large, each) for each in range(9)), jobs)) == list(range(9))
        assert sorted(shared((delayed(abs)(-each) for each in range(9)), jobs, ordered=False)) == list(range(9))
        elsewhere = set(shared((delayed(os.getpid)() for _ in range(9)), jobs))
    assert os.getpid() not in elsewhere
    with cluster(None, 1) as jobs:
        assert list(shared([delayed(os.getpid)()], jobs)) == [os.getpid()]


def test_a_cluster_that_is_not_there_is_one_line() -> None:
    pytest.importorskip("distributed", reason="distributed comes with the extra `cluster`")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # and does not listen
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        for wrong, why in ((address, "Connection refused"), ("nonsense", "missing port number in address 'nonsense'")):
            with pytest.raises(DeadpanError) as raised, cluster(wrong, 1):
                pass
            assert str(raised.value) == (f"--dask {wrong}: no scheduler answers ({why}); expected tcp://HOST:8786")


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal's Ctrl-C is sent otherwise there")
def test_ctrl_c_prints_no_trace_of_any_worker() -> None:
    """A terminal sends it to all processes of a command, as here."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["ready\n"] * 2
    for _ in range(6):  # whoever sees nothing end presses again: the first may fall into a callback, which drops it
        os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            _, err = process.communicate(timeout=20)
            break
    assert (process.returncode, err) == (130, "")


KILLED = """
import os, signal
import numpy as np
from joblib import delayed
from deadpan.models.scratch import scratch
from deadpan.models.workers import shared
def where(large): return large.filename
for name in shared([delayed(where)(np.ones(1 << 20))] * 9, 2):
    print(name, flush=True)
    os.killpg(0, signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed otherwise there")
def test_what_a_killed_command_shared_is_its_users_alone_and_goes_with_the_next_one() -> None:
    command = [sys.executable, "-c", KILLED]
    run = subprocess.run(command, check=False, capture_output=True, text=True, start_new_session=True)
    assert run.returncode == -signal.SIGKILL
    left = Path(run.stdout.splitlines()[0])
    assert left.stat().st_size > 1 << 20, "faces would lie there"
    private = [each for each in left.parents if each.name.startswith("deadpan-")]
    assert [stat.S_IMODE(each.stat().st_mode) for each in private] == [0o700]
    scratch.cache_clear()
    own = scratch()
    assert own.is_dir()
    assert not left.exists()
    assert not private[0].exists()
    scratch.cache_clear()
    scratch()
    assert own.is_dir(), "of a process that lives"
