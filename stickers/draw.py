"""Draw deadpan's own art: eight face-covering stickers and the shutter image.

Shapes are boolean masks on a large square sheet, given in units: (0, 0) is the middle, x runs right, y runs
down, and a sticker spans about -1..1. `Sheet.trim` crops to the shape and area-averages it to SIDE pixels:
its edge is antialiased and every pixel inside is fully opaque, because a sticker hides part of a face and
nothing may shine through. Nothing is random: every run gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]  # (SHEET, SHEET)
Points = NDArray[np.float64]  # (n, 2): x and y in units
Image = NDArray[np.uint8]
Spot = tuple[float, float]  # x and y in units

SIDE = 512  # pixels, the side of a finished sticker
UNIT = 1088  # sheet pixels per unit: 2 units are 2176 pixels, 4.25 times SIDE
SHEET = 2816  # sheet pixels, with room for a shape to overshoot -1..1
RIM = 0.05  # units, the width of an outline: 1.5 pixels when the sticker is shown 60 pixels wide
WIDTH, HEIGHT = 1920, 1080  # pixels, the shutter


def bgr(colour: str) -> tuple[int, int, int]:
    """'rrggbb' in cv2's channel order."""
    red, green, blue = bytes.fromhex(colour)
    return blue, green, red


def poly(points: Points, width: float = 0) -> Mask:
    """The filled polygon; with a width (units), the open line through the points, round at its ends."""
    sheet = np.zeros((SHEET, SHEET), np.uint8)
    spots = np.rint((points * UNIT + SHEET / 2) * 16).astype(np.int32)  # shift=4: four fractional bits
    if width:
        cv2.polylines(sheet, [spots], False, (255,), round(width * UNIT), shift=4)
    else:
        cv2.fillPoly(sheet, [spots], (255,), shift=4)
    return sheet > 0


def line(start: Spot, stop: Spot, width: float) -> Mask:
    """The straight line, `width` units thick, round at its ends."""
    return poly(np.array([start, stop]), width)


def arc(x: float, y: float, rx: float, ry: float, *, start: float = 0, stop: float = 360) -> Points:
    """Points on an ellipse, from angle to angle: degrees, clockwise from the right."""
    t = np.radians(np.linspace(start, stop, 181))
    return np.stack([x + rx * np.cos(t), y + ry * np.sin(t)], 1)


def oval(x: float, y: float, rx: float, ry: float) -> Mask:
    """The filled ellipse."""
    return poly(arc(x, y, rx, ry))


def curve(knots: str) -> Points:
    """A smooth closed line (Catmull-Rom) through knots "x,y x,y ..." given in hundredths of a unit."""
    p1 = np.array([knot.split(",") for knot in knots.split()], np.float64)[:, None] / 100
    p0, p2, p3 = (np.roll(p1, shift, axis=0) for shift in (1, -1, -2))
    t = np.linspace(0, 1, 40, endpoint=False)[None, :, None]
    bend = (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    return np.asarray((2 * p1 + (p2 - p0) * t + bend) / 2).reshape(-1, 2)


def sweep(start: Spot, pull: Spot, stop: Spot) -> Points:
    """An open bow from start to stop, bent towards `pull` (quadratic Bezier)."""
    t = np.linspace(0, 1, 60)[:, None]
    a, b, c = np.array([start, pull, stop], np.float64)
    return np.asarray((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c)


def burst(tips: int, outer: float, inner: float) -> Mask:
    """A star, one tip up."""
    turn = np.pi * np.arange(2 * tips) / tips
    radius = np.where(np.arange(2 * tips) % 2, inner, outer)
    return poly(np.stack([radius * np.sin(turn), -radius * np.cos(turn)], 1))


def mirrored(mask: Mask) -> Mask:
    """The shape joined with its left-right mirror image."""
    return mask | mask[:, ::-1]


def soften(mask: Mask, radius: float) -> Mask:
    """Round every corner, outer and inner; still a hard-edged mask."""
    return cv2.GaussianBlur(mask.astype(np.uint8) * 255, (0, 0), radius * UNIT) > 127


def inset(mask: Mask, depth: float) -> Mask:
    """The part of the shape deeper than `depth` units inside it."""
    deep = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(deep > depth * UNIT)


def gleam(mask: Mask, start: float, stop: float, depth: float = 0.07, width: float = 0.06) -> Mask:
    """A highlight along the shape's edge, between two angles seen from the middle (as in `arc`)."""
    band = inset(mask, depth) & ~inset(mask, depth + width)
    wedge = poly(np.vstack([[[0.0, 0.0]], arc(0, 0, 1.8, 1.8, start=start, stop=stop)]))
    return soften(band & wedge, width / 4)


class Sheet:
    """A picture being painted: `image` (SHEET, SHEET, 3) BGR, `cover` where anything was painted."""

    def __init__(self) -> None:
        """Start with nothing painted."""
        self.image: Image = np.zeros((SHEET, SHEET, 3), np.uint8)
        self.cover: Mask = np.zeros((SHEET, SHEET), np.bool_)

    def paint(self, mask: Mask, colour: str) -> None:
        """Fill the mask with 'rrggbb'."""
        self.image[mask] = bgr(colour)
        self.cover |= mask

    def body(self, mask: Mask, rim: str, fill: str, shade: str) -> Mask:
        """Paint an outlined shape, lit from the upper left; return the part inside the outline."""
        inner, step = inset(mask, RIM), round(0.09 * UNIT)
        self.paint(mask, rim)
        self.paint(inner, fill)
        self.paint(inner & ~np.roll(inner, (-step, -step // 2), (0, 1)), shade)
        return inner

    def trim(self) -> Image:
        """Crop to a square about the shape: (SIDE, SIDE, 4) BGRA, straight alpha, all 0 where clear."""
        x, y, w, h = cv2.boundingRect(self.cover.astype(np.uint8))
        side = round(max(w, h) * 1.016)
        left, top = x + (w - side) // 2, y + (h - side) // 2
        box = np.s_[top : top + side, left : left + side]
        layers = np.dstack([self.image[box], self.cover[box].astype(np.uint8) * 255]).astype(np.float32)
        small = cv2.resize(layers, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        alpha = np.rint(small[..., 3:])
        small[..., :3] = small[..., :3] * 255 / np.maximum(small[..., 3:], 1e-3)  # unpainted was black
        return np.asarray(np.rint(small * (alpha > 0)).clip(0, 255), np.uint8)


def star() -> Image:
    """Five fat rounded tips."""
    sheet = Sheet()
    inner = sheet.body(soften(burst(5, 1.14, 0.655), 0.07), "d98a10", "ffcb2e", "f7b01c")
    sheet.paint(gleam(inner, 203, 252), "ffecab")
    return sheet.trim()


def heart() -> Image:
    """The well-known sine heart, its point and notch rounded."""
    t = np.linspace(0, 2 * np.pi, 720)
    high = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    outline = np.stack([np.sin(t) ** 3, -(high + 2.5) / 16], 1)
    sheet = Sheet()
    inner = sheet.body(soften(poly(outline), 0.04), "a81735", "ee3b56", "d42845")
    sheet.paint(gleam(inner, 178, 236, 0.1, 0.085), "ff9eac")
    return sheet.trim()


def sun() -> Image:
    """A disc in front of twelve stubby rays."""
    sheet = Sheet()
    sheet.body(soften(burst(12, 1.06, 0.76), 0.03), "d9620f", "ff9a2e", "f58520")
    disc = sheet.body(oval(0, 0, 0.66, 0.66), "e8780f", "ffd447", "ffc02f")
    sheet.paint(gleam(disc, 188, 258), "fff0b5")
    return sheet.trim()


def flower() -> Image:
    """Six round petals about a yellow eye."""
    ways = [(np.cos(turn), np.sin(turn)) for turn in np.radians(np.arange(-90, 270, 30))]
    sheet = Sheet()
    petals = np.any([oval(0.55 * x, 0.55 * y, 0.45, 0.45) for x, y in ways[::2]], axis=0)
    sheet.body(petals, "b8327f", "f778b4", "e95fa0")
    for x, y in ways[1::2]:
        sheet.paint(line((0.3 * x, 0.3 * y), (0.82 * x, 0.82 * y), 0.8 * RIM), "b8327f")
    for x, y in ways[::2]:
        sheet.paint(line((0.52 * x, 0.52 * y), (0.7 * x, 0.7 * y), 0.075), "ffb5d8")
    eye = sheet.body(oval(0, 0, 0.36, 0.36), "d98a10", "ffd447", "f9b928")
    sheet.paint(gleam(eye, 190, 260), "fff0b5")
    return sheet.trim()


def band_aid() -> Image:
    """A sky-blue plaster (a tan one is lost on skin), laid out level and turned by 42 degrees."""
    turn = np.radians(42)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])

    def slab(x: float, y: float, r: float) -> Mask:
        """A box reaching x and y units from the middle, its corners rounded by r."""
        spots = (x - r, y - r, 0), (r - x, y - r, 90), (r - x, r - y, 180), (x - r, r - y, 270)
        return poly(np.vstack([arc(cx, cy, r, r, start=at, stop=at + 90) for cx, cy, at in spots]) @ spin)

    sheet = Sheet()
    inner = sheet.body(slab(1.16, 0.54, 0.4), "2673b5", "5cb8f0", "45a2e0")
    for x in (-0.91, -0.76, -0.61, 0.61, 0.76, 0.91):
        for y in (-0.19, 0.0, 0.19):
            sheet.paint(poly(arc(x, y, 0.042, 0.042) @ spin), "2f86c9")
    sheet.paint(gleam(inner, 152, 250, 0.05, 0.05), "b5e2ff")
    sheet.body(slab(0.44, 0.47, 0.1), "2673b5", "eef8ff", "cfe6f7")
    return sheet.trim()


def smiley() -> Image:
    """The deadpan face: half-shut eyes, straight mouth."""
    sheet = Sheet()
    inner = sheet.body(oval(0, 0, 1, 1), "c98a08", "ffdb3d", "f7c328")
    sheet.paint(gleam(inner, 196, 250, 0.09, 0.08), "fff2ae")
    for x in (-0.36, 0.36):
        sheet.paint(poly(arc(x, -0.15, 0.14, 0.19, start=0, stop=180)), "4a3415")
        sheet.paint(line((x - 0.19, -0.17), (x + 0.19, -0.17), 0.085), "4a3415")
    sheet.paint(line((-0.36, 0.4), (0.36, 0.4), 0.11), "4a3415")
    return sheet.trim()


def moustache() -> Image:
    """A generous handlebar of three overlapping locks a side; the right ones are given and mirrored."""
    tail = "-2,-36 12,-51 30,-59 47,-54 59,-40 69,-28 79,-28 83,-38 80,-50 85,-60 96,-57 105,-38 105,-8 "
    sheet = Sheet()
    for lock, fill, shade in (
        ("-2,0 50,20 72,48 81,53 88,57 75,70 48,76 20,68 -2,48", "593417", "4a2a12"),
        ("-2,-20 50,-10 87,12 95,21 102,28 92,43 70,55 42,56 16,49 -2,36", "69401f", "583418"),
        (tail + "95,14 71,30 42,32 16,26 -2,16", "82522b", "6d4221"),
    ):
        inner = sheet.body(soften(mirrored(poly(curve(lock))), 0.012), "36200f", fill, shade)
    left, right = (0.13, -0.3), (0.6, -0.19)
    shine = [sweep(left, (0.36, -0.62), right), sweep(right, (0.36, -0.45), left)]
    sheet.paint(mirrored(poly(np.vstack(shine))), "c28c58")
    part = np.array([[-0.04, -0.6], [0.04, -0.6], [0, 0.1]])
    sheet.paint(poly(part) & inner, "36200f")
    return sheet.trim()


def butterfly() -> Image:
    """Two pairs of broad wings, the right ones mirrored to the left."""
    upper = poly(curve("0,-36 22,-64 55,-86 88,-84 100,-60 92,-22 62,6 0,14"))
    lower = poly(curve("0,-10 50,-4 78,16 82,46 64,76 38,80 18,62 0,40"))
    sheet = Sheet()
    feeler = poly(sweep((0, -0.4), (0.06, -0.7), (0.24, -0.84)), RIM) | oval(0.25, -0.84, 0.055, 0.055)
    sheet.paint(mirrored(feeler), "5b2a94")
    sheet.body(mirrored(lower), "5b2a94", "a86bea", "9656dc")
    sheet.paint(mirrored(oval(0.5, 0.4, 0.15, 0.17)), "ffc94a")
    sheet.body(mirrored(upper), "5b2a94", "c084fc", "ab68ee")
    spot = poly(curve("40,-34 46,-52 64,-60 74,-48 66,-32 52,-24"))
    sheet.paint(mirrored(spot | oval(0.8, -0.66, 0.055, 0.055)), "ffd766")
    sheet.paint(oval(0, 0.02, 0.12, 0.54), "3a2350")
    sheet.paint(oval(-0.03, -0.02, 0.035, 0.34), "6b4a8a")
    return sheet.trim()


MAKERS = (star, heart, sun, flower, band_aid, smiley, moustache, butterfly)
STICKERS: dict[str, Callable[[], Image]] = {make.__name__.replace("_", "-"): make for make in MAKERS}


def shutter() -> Image:
    """The picture shown when no protected one is ready: (HEIGHT, WIDTH, 3) BGR.

    Face and words keep to the middle 700 columns, inside any 4:3 or square crop.
    """
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    glow = np.exp(-(((x - WIDTH / 2) / 760) ** 2) - ((y - 440) / 520) ** 2)
    light = (0.25 * (1 - y / HEIGHT) + 0.75 * glow)[..., None]
    back = np.array(bgr("141a24")) * (1 - light) + np.array(bgr("33445a")) * light
    k = 4  # drawn this many times larger
    over = np.zeros((HEIGHT * k, WIDTH * k, 4), np.uint8)
    skin, shade, ink, chalk = ((*bgr(colour), 255) for colour in ("e6c98f", "d3b174", "2a3342", "dfe5ee"))
    cv2.circle(over, (960 * k, 440 * k), 210 * k, shade, -1)
    lit = cv2.circle(np.zeros(over.shape[:2], np.uint8), (953 * k, 426 * k), 210 * k, (255,), -1) > 0
    over[lit & (over[..., 3] > 0)] = skin
    cv2.line(over, (880 * k, 516 * k), (1040 * k, 516 * k), ink, 24 * k)
    for eye in (885, 1035):
        cv2.circle(over, (eye * k, 408 * k), 26 * k, ink, -1)
    font, size, words = cv2.FontFace("sans"), 88 * k, "one moment…"  # the font is built into OpenCV 5
    left, _, width, _ = cv2.getTextSize((0, 0), words, (0, 0), font, size, 400)
    cv2.putText(over, words, (960 * k - width // 2 - left, 812 * k), chalk, font, size, 400)
    front = cv2.resize(over, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)  # premultiplied
    return np.asarray(np.rint(back * (1 - front[..., 3:] / 255) + front[..., :3]).clip(0, 255), np.uint8)


def draw(art: Path, cover: Path) -> None:
    """Write NAME.png for every sticker into the folder `art`, and the shutter to the file `cover`."""
    art.mkdir(parents=True, exist_ok=True)
    pictures = {art / f"{name}.png": make() for name, make in STICKERS.items()} | {cover: shutter()}
    for path, picture in pictures.items():
        _, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        path.write_bytes(data.tobytes())


if __name__ == "__main__":
    here = Path(__file__).parent
    draw(here / "art", here.parent / "app" / "shutter.png")
