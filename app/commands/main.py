"""`deadpan`: the entry point, and how errors reach a person."""

import contextlib
import importlib.metadata
import re
import sys
from typing import Annotated, NoReturn

import typer

from deadpan.app.commands.stopping import CODE, NOTHING, Stopped
from deadpan.models.errors import DeadpanError

PACKAGES = {
    "libxcb.so.1": "libxcb1",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libz.so.1": "zlib1g",
}
"""System libraries that Python wheels may want, and the Debian packages that carry them."""


def main() -> None:
    """Run the command line; whatever goes wrong is one line and a non-zero exit, a trace only with --debug."""
    _leave_no_memory_behind()
    debug = "--debug" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--debug"]
    try:
        _app()()
    except DeadpanError as error:
        if debug:
            raise
        _fail(str(error))
    except Stopped as stopped:
        print(f"deadpan: {stopped}", file=sys.stderr)
        sys.exit(CODE)
    except KeyboardInterrupt:  # before any command has begun
        print(f"deadpan: {NOTHING}", file=sys.stderr)
        sys.exit(CODE)
    except ImportError as error:
        library = re.search(r"(lib[\w+.-]+\.so[.\d]*)", str(error))
        if debug:
            raise
        if library is None:
            _fail(f"the installation is incomplete: {error}; install deadpan again")
        package = PACKAGES.get(library[1])
        cure = f"sudo apt-get install {package}" if package else "install the package of your system that carries it"
        _fail(f"the system library {library[1]} is missing; {cure}")
    except Exception as error:
        if debug:
            raise
        _fail(f"unexpected {type(error).__name__}: {error} (run again with --debug for the trace)")


def _leave_no_memory_behind() -> None:
    """A crash in a native library must not write a core, with the camera's pictures in it; so for child processes."""
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _fail(message: str) -> NoReturn:
    # Names of files and what stands in them may hold anything, also what drives a terminal.
    plain = "".join(each if each.isprintable() else "?" for each in " ".join(message.split()))
    print(f"deadpan: {plain}", file=sys.stderr)
    sys.exit(1)


def _app() -> typer.Typer:
    from deadpan.app.commands import bench, calibrate, demo, evaluate, models, regions, run, stickers, synth, train

    app = typer.Typer(
        name="deadpan",
        help="A webcam filter that keeps a straight face for you.",
        epilog="Add --debug to any command for a stack trace when something fails.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True, no_args_is_help=True)(_version)
    app.command("run")(run.run)
    app.command("demo")(demo.demo)
    app.command("regions")(regions.regions)
    app.add_typer(calibrate.app, name="calibrate")
    app.command("bench")(bench.bench)
    app.command("train")(train.train)
    app.add_typer(models.app, name="models")
    app.add_typer(stickers.app, name="stickers")
    app.add_typer(synth.app, name="synth")
    app.add_typer(evaluate.app, name="evaluate")
    return app


def _version(
    show: Annotated[bool, typer.Option("--version", help="Show the version and exit.", is_eager=True)] = False,
) -> None:
    if show:
        print(f"deadpan {importlib.metadata.version('deadpan')}")
        raise typer.Exit


if __name__ == "__main__":
    main()
