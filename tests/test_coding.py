"""A codec's round trip: every picture, in order, a little worse."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from deadpan.app.clip import read_video
from deadpan.calibration.coding import DECODERS, coded, save
from deadpan.models.errors import DeadpanError
from deadpan.models.frame import Image


def apart(one: Image, other: Image) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("codec", DECODERS)
def test_each_picture_comes_back_in_its_place_a_little_worse(codec: str, posing: list[Image]) -> None:
    sent = posing[:24]
    good, poor = (list(coded(sent, 30, codec, bitrate=rate)) for rate in (4_000_000, 100_000))
    assert len(good) == len(poor) == len(sent)
    for at in range(8, 24, 5):
        assert apart(good[at], sent[at]) < apart(good[at], sent[at - 8])
    assert 0 < float(np.mean([apart(*pair) for pair in zip(good, sent, strict=True)])) < 5
    assert apart(good[-1], sent[-1]) < apart(poor[-1], sent[-1])


def test_pictures_are_coded_as_they_come(posing: list[Image]) -> None:
    taken = []
    stream = coded((taken.append(at) or posing[at] for at in range(60)), 30)  # type: ignore[func-returns-value]
    assert len(list(islice(stream, 3))) == 3
    assert len(taken) <= 5


def test_what_cannot_be_coded_is_one_line(posing: list[Image]) -> None:
    with pytest.raises(DeadpanError, match="codec mpeg: expected one of libx264, libvpx, libvpx-vp9"):
        list(coded(posing, 30, "mpeg"))
    with pytest.raises(DeadpanError, match="must be even"):
        list(coded([posing[0][:-1, :-1]], 30))
    assert list(coded([], 30)) == []


def test_a_saved_clip_can_be_read_and_a_failed_one_leaves_nothing(posing: list[Image], tmp_path: Path) -> None:
    save(tmp_path / "clip.mp4", posing[:5], 30)
    pictures, fps = read_video(tmp_path / "clip.mp4")
    read = [picture for _, picture in pictures]
    assert (len(read), fps) == (5, 30)
    assert apart(read[2], posing[2]) < 3
    for wrong in (tmp_path / "nowhere" / "clip.mp4", tmp_path / "odd.mp4"):
        with pytest.raises(DeadpanError, match="cannot be written"):
            save(wrong, [posing[0][:-1, :-1]], 30)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
