"""Running a grid: the same answers whoever works on it, and nothing that is finished is lost or asked again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grids
import pytest

from deadpan.calibration.grid import run, table
from deadpan.calibration.tables.row import write
from deadpan.models.errors import DeadpanError
from deadpan.models.workers import cluster


def made(folder: Path, jobs: int = 1, dask: str | None = None, told: Any = lambda *_: None) -> tuple[str, run.Ran]:
    """The table of the case, after a run with what is in `folder`."""
    case = grids.case()
    asked = grids.asked(case)
    with cluster(dask, jobs, [case]) as at_once:
        ran = run.run(asked, folder, at_once, told)
    return write(table.rows(case, run.found(*asked[0], folder), grids.PLACEMENTS)), ran


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Names → when they were written, and what is in them."""
    found = sorted(folder.rglob("*.npz"))
    return {str(each.relative_to(folder)): (each.stat().st_mtime_ns, each.read_bytes()) for each in found}


def contents(folder: Path) -> dict[str, bytes]:
    """Names → what is in them."""
    return {name: content for name, (_, content) in files(folder).items()}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A run that nobody disturbed, and its table."""
    folder = tmp_path_factory.mktemp("alone")
    text, ran = made(folder)
    assert ran.asked == ran.cells == len(files(folder))
    return folder, text


@pytest.fixture(scope="module")
def scheduler() -> Iterator[Any]:
    """A real Dask scheduler with two worker processes, on the loopback."""
    distributed = pytest.importorskip("distributed", reason="distributed comes with the extra `cluster`")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as workers:
        yield workers


def test_a_finished_cell_is_never_asked_again(alone: tuple[Path, str]) -> None:
    folder, text = alone
    before = files(folder)
    again, ran = made(folder)
    assert (again, ran.asked, ran.spent.answers) == (text, 0, 0)
    assert files(folder) == before


def test_a_damaged_or_missing_cell_is_asked_again(alone: tuple[Path, str]) -> None:
    folder, text = alone
    before = contents(folder)
    first, second, third = sorted(folder.rglob("*.npz"))[5:8]
    first.write_bytes(first.read_bytes()[:-100])
    second.write_bytes(b"")
    third.unlink()
    again, ran = made(folder)
    assert (again, ran.asked) == (text, 3)
    assert contents(folder) == before


def test_two_processes_make_the_same_table(alone: tuple[Path, str], tmp_path: Path) -> None:
    folder, text = alone
    assert made(tmp_path, 2)[0] == text
    assert contents(tmp_path) == contents(folder)


def test_two_dask_workers_make_the_same_table(alone: tuple[Path, str], tmp_path: Path, scheduler: Any) -> None:
    text, ran = made(tmp_path, dask=scheduler.scheduler_address)
    assert text == alone[1]
    assert ran.asked == ran.cells


def test_a_dask_worker_that_is_killed_loses_nothing(alone: tuple[Path, str], tmp_path: Path, scheduler: Any) -> None:
    victim = next(iter(scheduler.workers.values())).pid
    there: dict[str, tuple[int, bytes]] = {}

    def told(stage: str, done: int, of: int) -> None:
        if (stage, done) == ("cells", of // 4):
            there.update(files(tmp_path))
            os.kill(victim, signal.SIGKILL)

    text, _ = made(tmp_path, dask=scheduler.scheduler_address, told=told)
    assert text == alone[1]
    assert there
    assert there.items() <= files(tmp_path).items()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL there")
def test_a_run_that_is_killed_twice_ends_in_the_same_table(alone: tuple[Path, str], tmp_path: Path) -> None:
    there: dict[str, tuple[int, bytes]] = {}
    for _ in range(2):
        process = subprocess.Popen([sys.executable, grids.__file__, tmp_path, "2"], start_new_session=True)
        while len(files(tmp_path)) < len(there) + 6:
            assert process.poll() is None, "it ended before it was killed"
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert there.items() <= files(tmp_path).items()
        there = files(tmp_path)
    text, ran = made(tmp_path)
    assert text == alone[1]
    assert 12 <= ran.cells - ran.asked == len(there)
    assert there.items() <= files(tmp_path).items()


def test_cells_that_went_away_are_told(tmp_path: Path) -> None:
    case = grids.case()
    with pytest.raises(DeadpanError, match=r"2 cells have gone; run the same command again"):
        run.found(case, grids.asked(case)[0][1][:2], tmp_path)
