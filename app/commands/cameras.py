"""What pictures come from: a camera, a file, a URL, or the demo's portrait as a camera."""

from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

from deadpan.app.camera import Camera, LiveCamera
from deadpan.app.clip import Clip, Timed, read_video
from deadpan.app.commands.demo import timed
from deadpan.app.commands.demo import truth as known_events
from deadpan.app.outgoing import require_even
from deadpan.models.errors import DeadpanError

ROUND = 60.0
"""Seconds for which the demo's portrait goes on before it starts anew."""
LEAST, MOST = 120, 8192
"""Px: the sides of pictures that are taken."""


def is_live(name: str) -> bool:
    """Whether `name` means a camera or a stream, which goes on whether one looks or not; else it is a file's."""
    return name.isdecimal() or "://" in name or name.startswith("/dev/") or Path(name).is_char_device()


def open_camera(name: str, size: tuple[int, int] | None, fps: float, *, paced: bool) -> Camera:
    """The camera, file or URL that `name` means."""
    if name.isdecimal():
        return LiveCamera(int(name), size, fps)
    if is_live(name):
        return LiveCamera(name, size, fps)
    pictures, rate = read_video(Path(name), size)
    first = next(pictures, None)
    if first is None:
        raise DeadpanError(f"{name}: holds no picture that can be read")
    return Clip(chain([first], pictures), rate, paced=paced)


def portrait(model: bytes, labels: tuple[str, ...], truth: list[tuple[float, int]]) -> Camera:
    """The demo's portrait as a camera without end; what it shows is added to `truth` as it goes."""
    from deadpan.calibration.synthetic import portrait as portraits

    def rounds() -> Iterator[Timed]:
        for number in count():  # each round starts where the last one ended in time; the head's place jumps back
            person, start = portraits.clip(ROUND, model, seed=number), number * ROUND
            truth.extend(known_events(person, labels, start))
            yield from ((start + at, picture) for at, picture in timed(person))

    return Clip(rounds(), portraits.FPS, paced=True)


def check_size(size: tuple[int, int], origin: str) -> None:
    """Refuse pictures that video cannot carry or in which nobody can be found."""
    if min(size) < LEAST or max(size) > MOST:
        raise DeadpanError(f"{origin} is {size[0]}x{size[1]}; expected {LEAST} to {MOST} px a side: --size 1280x720")
    require_even(size, origin)
