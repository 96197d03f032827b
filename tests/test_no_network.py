"""No network on the live path."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import read


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here (Debian: sudo apt-get install strace)")
def test_a_run_opens_no_socket_to_any_network(clip: Path, model: bytes, tmp_path: Path) -> None:
    """Nor does its meter, which is a process of its own."""
    log, out = tmp_path / "calls.txt", tmp_path / "out.mp4"
    traced = ["strace", "-f", "--seccomp-bpf", "-e", "trace=network", "-o", str(log)]
    command = [sys.executable, "-m", "deadpan.app.commands.main", "run", str(clip), "--record", str(out), "--meter"]
    done = subprocess.run([*traced, *command], capture_output=True, text=True, check=False, timeout=300)
    if "ptrace" in done.stderr and not out.exists():
        pytest.skip(f"strace may not trace here: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    assert len(read(out)) == 10
    calls = log.read_text("utf-8", "replace")
    assert "+++ exited with 0 +++" in calls  # it did watch, to the end
    assert not re.findall(r".*\bAF_INET6?\b.*", calls)
