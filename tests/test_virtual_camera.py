"""The virtual camera, as far as a machine without one can tell; the virtual-camera lab runs the real thing."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import Call

from deadpan.app.commands import run
from deadpan.app.outgoing import SinkError
from deadpan.app.virtual_camera import MAKE_ONE, VirtualCamera, find, i420
from deadpan.models.frame import Image

SIZE = (64, 48)

linux = pytest.mark.skipif(sys.platform != "linux", reason="v4l2loopback devices are Linux's")


def refusal(device: str, size: tuple[int, int] = SIZE, source: str = "") -> str:
    """The one line with which a device is refused."""
    with pytest.raises(SinkError) as caught:
        VirtualCamera(device, size, 30.0, source)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_cure_is_the_command_that_the_readme_names() -> None:
    assert MAKE_ONE == "sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label=deadpan"


@linux
def test_a_missing_device_is_one_line_with_the_cure() -> None:
    assert refusal("/dev/video97") == f"no virtual camera /dev/video97; make one: {MAKE_ONE}"


@linux
def test_a_file_is_no_device_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("do not write here")
    assert refusal(str(path)) == f"{path} is not a virtual camera; make one: {MAKE_ONE}"
    assert path.read_text() == "do not write here"


@linux
def test_a_folder_is_no_virtual_camera() -> None:
    assert refusal("/dev") == f"/dev is not a virtual camera; make one: {MAKE_ONE}"


@linux
def test_a_device_of_another_kind_is_no_virtual_camera() -> None:
    assert refusal("/dev/null") == f"/dev/null is not a virtual camera; make one: {MAKE_ONE}"


@linux
def test_without_any_device_auto_gives_the_command_that_makes_one() -> None:
    if list(Path("/sys/devices/virtual/video4linux").glob("video*")):
        pytest.skip("this machine has a virtual camera")
    assert refusal("auto") == (
        f"no virtual camera here; make one: {MAKE_ONE} (see the README), or do without: --virtual-camera none, "
        "with --preview or --record FILE"
    )
    with pytest.raises(SinkError, match="no virtual camera here"):
        find()


@linux
def test_a_portrait_that_can_be_sent_nowhere_is_refused_before_it_is_made(
    deadpan: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    if list(Path("/sys/devices/virtual/video4linux").glob("video*")):
        pytest.skip("this machine has a virtual camera")
    monkeypatch.setattr(run, "face_landmarker", lambda _: pytest.fail("the network was loaded first"))
    said = deadpan("run", "demo")
    assert said.code != 0
    assert "no virtual camera here" in said.err


@pytest.mark.parametrize("size", [(65, 48), (64, 49)])
def test_an_odd_size_is_refused_with_an_even_one(size: tuple[int, int]) -> None:
    assert refusal("/dev/video97", size) == (
        f"the picture is {size[0]}x{size[1]}; video needs even sizes: add --size 64x48"
    )


@linux
@pytest.mark.parametrize(
    ("device", "source"),
    [("/dev/video97", "/dev/video97"), ("/dev/video97", "97"), ("/dev/null", "/dev/null"), ("LINK", "/dev/null")],
)
def test_the_camera_that_is_read_is_never_written(tmp_path: Path, device: str, source: str) -> None:
    if device == "LINK":
        link = tmp_path / "camera"
        link.symlink_to("/dev/null")
        device = str(link)
    assert refusal(device, source=source).startswith(f"{device} is the camera that is read from")


@linux
def test_another_device_is_not_taken_for_the_camera_that_is_read() -> None:
    assert "is the camera that is read from" not in refusal("/dev/zero", source="/dev/null")


def test_i420_is_opencvs_own_conversion(posing: list[Image]) -> None:
    planes = i420(posing[0])
    assert planes.shape == (1080, 960)
    assert planes.dtype == np.uint8
    assert np.array_equal(planes, cv2.cvtColor(posing[0], cv2.COLOR_BGR2YUV_I420))


def test_i420_holds_brightness_then_blue_then_red() -> None:
    """Known values of BT.601: white, black, and pure blue and red."""
    quarters = np.zeros((4, 16, 3), np.uint8)
    quarters[:, 0:4] = 255
    quarters[:, 8:12, 0] = 255
    quarters[:, 12:16, 2] = 255
    planes = i420(quarters).ravel()
    luma, blue, red = planes[:64].reshape(4, 16), planes[64:80].reshape(2, 8), planes[80:].reshape(2, 8)
    assert np.abs(luma[0, ::4].astype(int) - [235, 16, 41, 81]).max() <= 1
    assert np.abs(blue[0, ::2].astype(int) - [128, 128, 240, 90]).max() <= 1
    assert np.abs(red[0, ::2].astype(int) - [128, 128, 110, 240]).max() <= 1


def test_i420_reuses_the_buffer_it_is_given(posing: list[Image]) -> None:
    first = i420(posing[0])
    second = i420(posing[1], first)
    assert np.shares_memory(first, second)
    assert np.array_equal(second, cv2.cvtColor(posing[1], cv2.COLOR_BGR2YUV_I420))
