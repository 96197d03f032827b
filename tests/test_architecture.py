"""The house: who may import whom, who may speak, what the live path loads, what the wheel carries."""

import ast
import importlib.util
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("app", "models", "stickers", "calibration")
ARROWS = {
    "app": {"models", "stickers"},
    "calibration": {"models", "stickers"},
    "stickers": {"models"},
    "models": set[str](),
}
"""Which other packages each one may import."""
SHIPPED = {".py", ".png", ".json", ".typed", ".onnx", ".md", ".j2", ".css", ".npy"}
LONGEST = 300
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
EVERY_FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Each module that a file imports, as a full name, and whether only a function's call does it."""

    def walk(node: ast.AST, lazy: bool) -> Iterator[tuple[str, bool]]:
        if isinstance(node, ast.Import):
            yield from ((alias.name, lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            # `from deadpan import app` names its package last.
            yield from ((f"{node.module}.{alias.name}", lazy) for alias in node.names)
        inside = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        # What only type checkers read is never loaded.
        inside = inside or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inside)

    return walk(ast.parse(path.read_text("utf-8")), False)


def ours(module: str) -> str | None:
    """Which of the four packages a module's full name lies in."""
    parts = module.split(".")
    return parts[1] if parts[0] == "deadpan" and len(parts) > 1 else None


@EVERY_FILE
def test_the_arrows_between_the_packages_hold(path: Path) -> None:
    package, *inner = path.relative_to(ROOT).parts
    for module, lazy in imports(path):
        assert module.split(".")[0] not in (*PACKAGES, "tests"), f"{path}: {module} is not imported as deadpan.…"
        other = ours(module)
        if other in (None, package) or other in ARROWS[package]:
            continue
        command = package == "app" and inner[0] == "commands"
        assert (command, other) == (True, "calibration"), f"{path}: {package} imports {module}"
        assert lazy, f"{path}: {module} must be imported inside the function that needs it"


@EVERY_FILE
def test_nothing_stands_behind_what_never_goes_on(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for block in (getattr(node, name, []) for name in ("body", "orelse", "finalbody")):
            for last in block[:-1] if isinstance(block, list) else ():
                assert not isinstance(last, ast.Return | ast.Raise | ast.Continue | ast.Break), f"{path}:{last.lineno}"


@EVERY_FILE
def test_only_the_commands_speak_and_listen(path: Path) -> None:
    if path.is_relative_to(ROOT / "app" / "commands"):
        return
    tree = ast.parse(path.read_text("utf-8"))
    own_script = [node for node in tree.body if isinstance(node, ast.If) and "__main__" in ast.unparse(node.test)]
    if own_script:
        assert path == ROOT / "stickers" / "draw.py", f"{path}: only the art's own script may be run by itself"
        tree.body.remove(own_script[0])
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("print", "input", "exit", "quit"), f"{path}:{node.lineno}: {node.func.id}()"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sys":
            assert node.attr not in ("argv", "stdin", "stdout", "exit"), f"{path}:{node.lineno}: sys.{node.attr}"
    for module, _ in imports(path):
        assert module.split(".")[0] not in ("typer", "rich", "argparse", "click"), f"{path}: imports {module}"


def test_one_file_tells_how_far_long_work_is() -> None:
    bars = {path.name for path in FILES for module, _ in imports(path) if module.startswith("rich.progress")}
    assert bars == {"progress.py", "options.py"}, "any other is mute in a log; of options it is a download's"


def test_the_laws_on_files_have_files_to_judge() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == set(PACKAGES)


@EVERY_FILE
def test_no_file_is_too_long_to_read(path: Path) -> None:
    length = len(path.read_text("utf-8").splitlines())
    assert length <= LONGEST, f"{path}: {length} lines; split it by meaning"


@pytest.fixture(scope="module")
def live_path() -> set[str]:
    """The modules that a fresh interpreter holds once `deadpan run` is ready to start."""
    command = "import sys, deadpan.app.commands.run; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_live_path_loads_no_learning_and_no_calibration(live_path: set[str]) -> None:
    assert "deadpan.app.loop" in live_path
    assert "mediapipe" in live_path
    for heavy in ("torch", "onnx", "h5py", "causallearn", "skimage", "deadpan.calibration"):
        assert not {name for name in live_path if name == heavy or name.startswith(heavy + ".")}, heavy


def test_no_module_of_ours_on_the_live_path_imports_matplotlib(live_path: set[str]) -> None:
    loaded = {name.removeprefix("deadpan.").replace(".", "/") for name in live_path if ours(name)}
    checked = 0
    for path in FILES:
        if str(path.relative_to(ROOT).with_suffix("")).removesuffix("/__init__") in loaded:
            checked += 1
            assert not [name for name, _ in imports(path) if name.split(".")[0] == "matplotlib"], path
    assert checked == len(loaded)


def test_nothing_lands_beside_deadpan_in_site_packages(tmp_path: Path) -> None:
    command = (
        f"import importlib.util as i; print([n for n in {PACKAGES} if i.find_spec(n)], bool(i.find_spec('deadpan')))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[0] == "[] True"


def test_the_wheel_carries_what_is_tracked_and_nothing_else(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git clone: nothing says which files are tracked")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    tracked = {name for name in listed.split("\0") if name and (ROOT / name).exists()}
    source = tmp_path / "source"  # a copy: a `build/` left in the clone would ship modules deleted long ago
    for name in tracked:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)

    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps"]
    recent = importlib.util.find_spec("setuptools") and int(metadata.version("setuptools").split(".")[0]) >= 77
    options = ["--no-build-isolation"] if recent else []
    done = subprocess.run([*pip, *options, "-w", tmp_path, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if ".dist-info/" not in name}

    wanted = {f"deadpan/{name}" for name in tracked if name.split("/")[0] in PACKAGES and Path(name).suffix in SHIPPED}
    assert carried == wanted


@pytest.mark.parametrize("package", ["onnxruntime", "mediapipe", "pyvirtualcam"])
def test_no_native_library_knows_where_usage_is_posted(package: str) -> None:
    """mediapipe from 0.10.35 and ONNX Runtime 1.31 do; a short run under strace is over before they connect."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    libraries = [path for path in folder.rglob("*") if path.suffix in (".so", ".pyd", ".dll", ".dylib")]
    libraries += [path for path in folder.rglob("*.so.*") if path.is_file()]
    assert libraries
    for library in libraries:
        content = library.read_bytes()
        for address in (b"OneCollector", b"events.data.microsoft", b"play.googleapis.com/log", b"clearcut"):
            assert address not in content, f"{library.name}: {address.decode()}"
