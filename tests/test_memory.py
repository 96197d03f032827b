"""Memory that two processes share leaves no trace, and every record in it stays as it was put."""

import multiprocessing
import os
import pickle
from collections import deque
from pathlib import Path

import numpy as np
import pytest
from elsewhere import add

from deadpan.app import memory as memories
from deadpan.app.memory import ALIGNED, Memory, Shelf

POSIX = pytest.mark.skipif(os.name != "posix", reason="on Windows it has a kernel's name")


@POSIX
@pytest.mark.parametrize("make", [memories.nameless, memories.unlinked])
def test_what_one_process_writes_the_other_reads(monkeypatch: pytest.MonkeyPatch, make: object) -> None:
    """Both ways: the system's own here, and the one for systems without memfd_create."""
    monkeypatch.setattr(memories, "nameless", make)
    memory = Memory(1 << 20)
    memory.bytes[:3] = 1, 2, 3
    process = multiprocessing.get_context("spawn").Process(target=add, args=(memory, 10))
    process.start()
    memory.release()
    process.join(60)
    assert process.exitcode == 0
    assert memory.bytes[:4].tolist() == [11, 12, 13, 10]


@POSIX
@pytest.mark.parametrize("make", [memories.nameless, memories.unlinked])
def test_no_name_leads_to_it(monkeypatch: pytest.MonkeyPatch, make: object) -> None:
    """Nothing to leak when every process is killed at once."""
    monkeypatch.setattr(memories, "nameless", make)
    folder = Path("/dev/shm")
    before = set(folder.iterdir()) if folder.is_dir() else set()
    memory = Memory(1 << 20)
    memory.bytes[:] = 7
    assert (set(folder.iterdir()) if folder.is_dir() else set()) - before == set()
    assert os.fstat(memory._key).st_nlink == 0
    memory.release()
    memory.release()
    assert memory.bytes.sum() == 7 << 20, "what is mapped stays"


def test_it_goes_to_a_spawned_process_only() -> None:
    memory = Memory(4096)
    with pytest.raises(RuntimeError, match="should only be shared between processes through inheritance"):
        pickle.dumps(memory)
    memory.release()


def test_records_stay_as_they_were_put_until_they_are_given_up() -> None:
    random = np.random.default_rng(0)
    block = np.zeros(10_000, np.uint8)
    shelf, kept, refused = Shelf(block), deque[np.ndarray](), 0
    for _ in range(3000):
        record = random.integers(0, 256, random.integers(1, 3000), np.uint8)
        if random.random() < 0.5 and kept:
            assert np.array_equal(shelf.give_up(), kept.popleft())
        placed = shelf.put((record,))
        if placed is None:
            refused += 1
            continue
        kept.append(record)
        assert placed[0] % ALIGNED == 0
        assert placed[1] - placed[0] == len(record)
        assert len(shelf) == len(kept)
    assert refused
    while kept:
        assert np.array_equal(shelf.give_up(), kept.popleft())


def test_arrays_lie_one_behind_the_other_whatever_they_are_views_of() -> None:
    block = np.zeros(256, np.uint8)
    picture = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    start, end = Shelf(block).put((np.array([1.5, -2], np.float32), picture[1:3, 1:3])) or (0, 0)
    assert block[start : start + 8].view(np.float32).tolist() == [1.5, -2]
    assert np.array_equal(block[start + 8 : end].reshape(2, 2, 3), picture[1:3, 1:3])


def test_what_does_not_fit_is_refused_and_an_empty_place_is_used_again() -> None:
    shelf = Shelf(np.zeros(1024, np.uint8))
    assert shelf.put((np.zeros(1025, np.uint8),)) is None
    assert shelf.put((np.zeros(500, np.uint8),)) == (0, 500)
    assert shelf.put((np.zeros(500, np.uint8),)) == (512, 1012)
    assert shelf.put((np.zeros(1, np.uint8),)) is None
    shelf.give_up()
    assert shelf.put((np.zeros(512, np.uint8),)) == (0, 512)
