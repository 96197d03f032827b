"""`deadpan stickers`: the sticker art."""

from typing import Annotated

import cv2
import numpy as np
import typer
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from deadpan.stickers import sticker as stickers

app = typer.Typer(help="The stickers: list, show.", no_args_is_help=True)

SKIN = np.array([150, 178, 224], np.float32)
"""Blue, green, red of what a shown sticker lies on."""


@app.command("list")
def list_() -> None:
    """List our own stickers and how much of its box each one hides."""
    table = Table("sticker", "px", "hides", "file")
    for name, path in stickers.art().items():
        sticker = stickers.load(name)
        height, width = sticker.pixels.shape[:2]
        table.add_row(name, f"{width}×{height}", f"{sticker.cover:.0%} of its box", path.name)
    Console().print(table)
    print("Any PNG with alpha will do too: --sticker FILE.png")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A sticker's name, or a PNG with alpha.")],
    columns: Annotated[int, typer.Option(help="Width in characters.", min=8, max=200)] = 40,
) -> None:
    """Show a sticker in the terminal, as it lies on skin."""
    sticker = stickers.load(name)
    art = cv2.resize(sticker.at_least(columns), (columns, columns), interpolation=cv2.INTER_AREA)
    lying = np.clip(art[..., :3] * 255 + SKIN * (1 - art[..., 3:]), 0, 255).astype(np.uint8)
    console = Console()
    for upper, lower in zip(lying[::2], lying[1::2], strict=False):
        line = Text()
        for top, bottom in zip(upper, lower, strict=True):
            line.append("▀", Style(color=_colour(top), bgcolor=_colour(bottom)))
        console.print(line)
    height, width = sticker.pixels.shape[:2]
    print(f"{sticker.name}: {width}×{height} px, hides {sticker.cover:.0%} of its box")


def _colour(bgr: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Color:
    blue, green, red = (int(level) for level in bgr)
    return Color.from_rgb(red, green, blue)
