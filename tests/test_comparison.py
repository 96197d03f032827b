"""Before | after | difference: each where it is said to be, and enlarged as said."""

from pathlib import Path

import av
import numpy as np
import pytest

from deadpan.app.comparison import TIMES, Comparison, difference
from deadpan.app.outgoing import Outgoing, Reason
from deadpan.app.recording import Recording
from deadpan.models.face import Sighting
from deadpan.models.frame import Frame

SIZE = (64, 48)


def grey(level: int, size: tuple[int, int] = SIZE) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((size[1], size[0], 3), level, np.uint8)


@pytest.mark.parametrize(("after", "shown"), [(100, 0), (101, TIMES), (97, 3 * TIMES), (200, 255)])
def test_the_difference_is_enlarged_either_way_and_ends_at_white(after: int, shown: int) -> None:
    assert (difference(grey(100), grey(after)) == shown).all()


@pytest.mark.parametrize("sent", [SIZE, (32, 24)])
def test_the_three_stand_side_by_side_though_the_loop_works_on_smaller_pictures(
    sent: tuple[int, int], tmp_path: Path
) -> None:
    recording = Recording(tmp_path / "out.mp4", (3 * SIZE[0], SIZE[1]), 25.0, drop=False)
    offered: list[int] = []

    class Other:
        def offer(self, frame: Frame, sighting: Sighting, outgoing: Outgoing) -> None:
            offered.append(frame.index)

    comparison = Comparison(recording, SIZE, Other())
    for index in range(4):
        outgoing = Outgoing(grey(110, sent), Reason.PROTECTED, index / 25)
        comparison.offer(Frame(grey(100), index, index / 25, 0.0), Sighting(index, ()), outgoing)
    recording.close()
    with av.open(str(tmp_path / "out.mp4")) as file:
        pictures = [frame.to_ndarray(format="bgr24") for frame in file.decode(video=0)]
    assert offered == list(range(4)) == list(range(len(pictures)))
    levels = [float(part[:, 8:-8].mean()) for part in np.split(pictures[-1], 3, axis=1)]
    assert levels == pytest.approx([100, 110, 10 * TIMES], abs=6)
