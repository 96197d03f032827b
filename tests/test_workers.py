"""Work that processes share: in order, and Ctrl-C is heard by one process only."""

import contextlib
import os
import platform
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


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr("deadpan.models.scratch._place", lambda: tmp_path)
    scratch.cache_clear()
    yield tmp_path
    scratch.cache_clear()


HOLDS = """
import sys
from pathlib import Path
from deadpan.models import scratch
scratch._place = lambda: Path(sys.argv[1])
print(scratch.scratch(), flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is removed there")
def test_a_living_process_keeps_its_folder_whatever_its_number_is_called_here(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container that shares the machine's name and memory no number of a process outside is known."""

    def unknown(pid: int, number: int) -> None:
        raise ProcessLookupError

    command = [sys.executable, "-c", HOLDS, str(place)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as living:
        assert living.stdout is not None
        held = Path(living.stdout.readline().strip())
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(os, "kill", unknown)
            scratch()
        assert held.is_dir()
        living.kill()
    scratch.cache_clear()
    scratch()
    assert not held.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is removed there")
def test_no_folder_but_a_dead_process_own_is_removed_and_none_stops_the_command(
    place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Anybody may lay what they like in the machine's temporary folder."""
    ours, faces = f"deadpan-{platform.node()}-", tmp_path_factory.mktemp("faces")
    (dead := place / f"{ours}a_dead_1").mkdir()
    (longer := place / f"{ours}2-4194303-a_dead_1").mkdir()  # of the machine whose name ends with -2
    (huge := place / f"{ours}{10**20}-x").mkdir()
    (link := place / f"{ours}a_link_1").symlink_to(faces)
    (file := place / f"{ours}a_file_1").touch()
    assert scratch().is_dir()
    assert not dead.exists()
    assert all(each.exists() for each in (longer, huge, link, file, faces))
