"""`deadpan models`: the model files, whether they are what they should be, and recognizers of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from deadpan.app.commands.options import fetch_bar
from deadpan.models import fetch as fetching
from deadpan.models import own, recognizers, registry
from deadpan.models.description import KINDS, WINDOWS
from deadpan.models.errors import DeadpanError, ModelMismatch, RecognizerError
from deadpan.models.recognizer import Recognizer
from deadpan.models.recognizers import RecognizerEntry
from deadpan.models.registry import Entry, ModelFile

app = typer.Typer(help="The model files: list, fetch, verify, add, remove.", no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(help="Models by name; all when none is named.", show_default=False)]
Needed = Annotated[
    list[str] | None,
    typer.Argument(help="Models by name; when none is named, what deadpan cannot run without.", show_default=False),
]
GOOD, ABSENT = "good", "not fetched"


@app.command("list")
def list_() -> None:
    """List the models: size, licence, where from, what they look at, and whether they are there."""
    for entry in registry.ENTRIES:
        print(f"{entry.name}: {_state(entry)} in the cache, {entry.path}")
        print(f"  {entry.size:,} bytes, sha256 {entry.sha256}")
        print(f"  {entry.licence}; {entry.member} in the PyPI wheel {entry.wheel}")
    for name in (*recognizers.shipped_names(), *recognizers.own_names()):
        try:
            recognizer = recognizers.find(name)
        except RecognizerError as error:
            print(f"{name}: spoilt, {error}")
            continue
        described = recognizer.description
        print(f"{name}: {_state(recognizer)}, {recognizer.path}")
        print(f"  recognizer of {', '.join(described.labels)}; looks at {described.kind} ({described.window})")
        print(f"  {recognizer.size:,} bytes, sha256 {recognizer.sha256}")
        print(f"  {recognizer.licence}; {_origin(recognizer)}")


@app.command()
def fetch(names: Needed = None) -> None:
    """Fetch models into the cache; those that are there and good are left alone."""
    for file in [_find(name) for name in names] if names else registry.ENTRIES:
        if _state(file) != GOOD:
            _fetch(file)
        print(f"{file.name}: good, {file.path}")


@app.command()
def verify(names: Names = None) -> None:
    """Check the models' sizes and hashes, and that every recognizer answers; what was never fetched need not be."""
    listed = (*(each.name for each in registry.ENTRIES), *recognizers.shipped_names(), *recognizers.own_names())
    bad = []
    for name in names or listed:
        try:
            file = _find(name)
            state, where = _state(file), str(file.path)
            if state == GOOD and isinstance(file, RecognizerEntry):
                Recognizer(file.description, file.load(), "cpu")
        except RecognizerError as error:
            state, where = "refused", str(error)
        print(f"{name}: {state}, {where}")
        optional = not names and state == ABSENT and name not in (entry.name for entry in registry.ENTRIES)
        if state != GOOD and not optional:
            bad.append(name)
    if bad:
        raise DeadpanError(f"not good: {', '.join(bad)}; {_cures(bad)}")


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="An ONNX model.")],
    kind: Annotated[str, typer.Option(help=f"What it looks at: {', '.join(KINDS)}.", metavar="|".join(KINDS))],
    labels: Annotated[str, typer.Option(help="What its classes are called, in their order.", metavar="A,B,C")],
    name: Annotated[
        str | None, typer.Option(help="What to call it; else as the file is called.", show_default=False)
    ] = None,
    licence: Annotated[str, typer.Option(help="Under which licence you have it.")] = "not stated",
    window: Annotated[
        str | None,
        typer.Option(
            help="What of a clip it looks at; else what goes with its kind.",
            metavar="|".join(dict.fromkeys(WINDOWS.values())),
            show_default=False,
        ),
    ] = None,
) -> None:
    """Add a recognizer of your own: a copy of FILE is kept, once it has answered as it should.

    FILE has one input, float32 levels 0-255 with channels last and any number of samples, and one output, their
    probabilities.
    """
    words = tuple(word.strip() for word in labels.split(","))
    entry, replaced = own.add(file, kind, words, name, licence, window)
    happened = "replaced, as you had added one by that name" if replaced else "added"
    print(f"{entry.name}: {happened}, {entry.path}")


@app.command()
def remove(names: Annotated[list[str], typer.Argument(help="Recognizers of your own, by name.")]) -> None:
    """Remove recognizers that you added."""
    for name in names:
        own.remove(name)
        print(f"{name}: removed")


def _find(name: str) -> ModelFile:
    entries = {entry.name: entry for entry in registry.ENTRIES}
    known = (*recognizers.shipped_names(), *recognizers.own_names())
    if name in entries:
        return entries[name]
    if name in known:
        return recognizers.find(name)
    raise DeadpanError(f"no model called {name!r}; there is: {', '.join((*entries, *known))}")


def _state(file: ModelFile) -> str:
    try:
        file.read()
    except FileNotFoundError:
        return ABSENT if isinstance(file, Entry) or (isinstance(file, RecognizerEntry) and file.rebuilt) else "missing"
    except OSError as error:
        return f"not readable ({error.strerror})"
    except ModelMismatch:
        return "altered"
    return GOOD


def _fetch(file: ModelFile) -> None:
    if isinstance(file, Entry):
        with fetch_bar(file) as progress:
            fetching.load(file, progress=progress)
    elif isinstance(file, RecognizerEntry) and file.rebuilt:
        from deadpan.models import fer2013  # its parser is wanted only here

        with fetch_bar(fer2013.SOURCE) as progress:
            fer2013.fetch(progress)
    else:
        raise DeadpanError(f"{file.name} is {_state(file)} at {file.path}, and is not to be fetched; {file.cure}")


def _origin(recognizer: RecognizerEntry) -> str:
    if recognizer.own:
        return "added by you"
    card = f"card {recognizer.card}" if recognizer.card else "no card"
    source = recognizer.description.rebuilt_from
    return f"rebuilt from {source}; {card}" if source else f"comes with deadpan; {card}"


def _cures(names: list[str]) -> str:
    """What to do about models that are not good, each thing once."""
    cures = []
    for name in names:
        try:
            cures.append(_find(name).cure)
        except RecognizerError:
            cures.append(f"`deadpan models remove {name}`")
    fetched = [name for name, cure in zip(names, cures, strict=True) if "models fetch" in cure]
    others = [cure for cure in cures if "models fetch" not in cure]
    if fetched:
        others.insert(0, f"run `deadpan models fetch {' '.join(fetched)}`")
    return "; ".join(dict.fromkeys(others))
