"""The virtual camera that Zoom, Meet and browsers open."""

import contextlib
import os
import stat
import sys
from pathlib import Path

import cv2
import numpy as np
import pyvirtualcam
from numpy.typing import NDArray

from deadpan.app.outgoing import Outgoing, SinkError, require_even
from deadpan.app.shutter import shutter_picture
from deadpan.models.frame import Image

MAKE_ONE = "sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label=deadpan"
FLUSH = 5
"""Times the shutter is sent at the end: more than the buffers that a v4l2loopback reader may still have to read."""


def i420(image: Image, into: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """(h·3/2, w) uint8, planar YUV 4:2:0, from (h, w, 3) uint8 BGR with even sides; written `into` if given."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420, into), np.uint8)


class VirtualCamera:
    """Feeds a v4l2loopback device (Linux) or OBS's virtual camera (Windows, macOS) through pyvirtualcam."""

    def __init__(self, device: str, size: tuple[int, int], fps: float, source: str = "") -> None:
        """Open `device` ("auto" finds one) for pictures of `size`; never the camera `source` that is read from."""
        require_even(size, "the picture")
        path = find(source) if device == "auto" else device
        if path is not None and source and _same_device(path, source):
            raise SinkError(f"{path} is the camera that is read from; name another one with --virtual-camera")
        before = _descriptors()
        try:
            self._camera = pyvirtualcam.Camera(*size, fps, fmt=pyvirtualcam.PixelFormat.I420, device=path)
        except RuntimeError as error:
            raise SinkError(_why_not(path, str(error))) from error
        self.device = self._camera.device
        self._closed = False
        # pyvirtualcam prints a failed write to stderr and goes on. On Linux the device it set up is therefore
        # written by us: one frame is one write.
        self._descriptor = next(
            (n for n, target in _descriptors().items() if before.get(n) != target == _real(path)), None
        )
        self._planes: NDArray[np.uint8] | None = None
        # Before the first frame is there, and after the last: nobody sees what an earlier call left on the device.
        self._cover = i420(shutter_picture(*size))
        self._write(self._cover)

    def send(self, outgoing: Outgoing) -> None:
        """See `Sink.send`."""
        self._planes = i420(outgoing.image, self._planes)
        self._write(self._planes)

    def close(self) -> None:
        """See `Sink.close`: leaves the shutter on screen, and nothing else in the device's buffers."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(SinkError):  # a device that is gone shows nothing
            for _ in range(FLUSH):
                self._write(self._cover)
        self._camera.close()

    def _write(self, planes: NDArray[np.uint8]) -> None:
        try:
            if self._descriptor is None:
                self._camera.send(planes)
                return
            written = os.write(self._descriptor, planes.data)
        except (OSError, RuntimeError) as error:
            raise SinkError(
                f"virtual camera {self.device}: cannot be written any more ({error}); start again"
            ) from error
        if written != planes.size:
            raise SinkError(f"virtual camera {self.device}: took {written:,} bytes of {planes.size:,}; start again")


def find(source: str = "") -> str | None:
    """A v4l2loopback device other than the camera `source`: one labelled deadpan first. None off Linux (OBS)."""
    if sys.platform != "linux":
        return None
    names = {}
    for entry in Path("/sys/devices/virtual/video4linux").glob("video*"):
        device = f"/dev/{entry.name}"
        if Path(device).exists() and not (source and _same_device(device, source)):
            names[device] = (entry / "name").read_text("utf-8", "replace").strip()
    if not names:
        raise SinkError(
            f"no virtual camera here; make one: {MAKE_ONE} (see the README), or do without: --virtual-camera none, "
            "with --preview or --record FILE"
        )
    return min(names, key=lambda device: ("deadpan" not in names[device].lower(), len(device), device))


def _why_not(path: str | None, said: str) -> str:
    """One line on why the device did not open, and what to do."""
    if sys.platform != "linux":
        return "no virtual camera here; install OBS Studio, start its virtual camera once and stop it again"
    assert path is not None
    if not Path(path).exists():
        return f"no virtual camera {path}; make one: {MAKE_ONE}"
    if not stat.S_ISCHR(Path(path).stat().st_mode) or "is not a v" in said.lower() or "capabilities" in said:
        return f"{path} is not a virtual camera; make one: {MAKE_ONE}"
    if "permission" in said:
        return f"virtual camera {path}: no permission; sudo usermod -aG video $USER, then log in anew"
    return f"virtual camera {path} is in use by another program; close it, or make a further one: {MAKE_ONE}"


def _descriptors() -> dict[int, str]:
    """The process's open files, where the system shows them: descriptor → path."""
    opened: dict[int, str] = {}
    folder = Path("/proc/self/fd")
    if sys.platform == "linux" and folder.exists():
        for entry in list(folder.iterdir()):
            try:
                opened[int(entry.name)] = str(entry.readlink())
            except OSError:
                continue  # the listing's own descriptor
    return opened


def _real(path: str | None) -> str:
    return os.path.realpath(path) if path else ""


def _same_device(one: str, other: str) -> bool:
    """Whether two names (paths, or a camera's number) are one device."""
    first, second = (Path(f"/dev/video{name}" if name.isdecimal() else name) for name in (one, other))
    try:
        return first.stat().st_rdev == second.stat().st_rdev and first.stat().st_rdev != 0
    except OSError:
        return first == second
