"""A place where nothing can be written is refused before the work, and looking leaves nothing behind."""

import sys
from pathlib import Path

import pytest

from deadpan.app.commands.outputs import check_place
from deadpan.models.errors import DeadpanError


def test_a_place_that_takes_files_is_good_and_stays_as_it_was(tmp_path: Path) -> None:
    there = tmp_path / "there.json"
    there.write_text("old")
    check_place("-o", tmp_path / "new.json")
    check_place("-o", there)
    check_place("-o", None)
    assert [path.name for path in tmp_path.iterdir()] == ["there.json"]
    assert there.read_text() == "old"


def test_a_folder_and_a_place_in_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DeadpanError, match=r"--json .*: is a folder; name a file"):
        check_place("--json", tmp_path)
    with pytest.raises(DeadpanError, match=r"--json .*c\.json: there is no folder .*nope; make it"):
        check_place("--json", tmp_path / "nope" / "c.json")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc here")
def test_a_folder_that_seems_to_take_files_and_does_not_is_refused() -> None:
    """To root, permissions promise that /proc does."""
    with pytest.raises(DeadpanError, match=r"-o /proc/plan\.json: /proc takes no file \(.+\); name another place"):
        check_place("-o", Path("/proc/plan.json"))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/stdout there")
def test_a_device_is_written_to_as_it_is() -> None:
    check_place("--json", Path("/dev/null"))
