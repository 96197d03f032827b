"""What pictures come from: whatever is none is one line, and no text passes for a film."""

from pathlib import Path

import pytest

from deadpan.app.commands.cameras import LEAST, check_size, open_camera
from deadpan.models.errors import DeadpanError


@pytest.mark.parametrize("text", ["good morning\n" * 200, "#EXTM3U\nhttps://somewhere/film.ts\n", "é" * 800])
def test_plain_text_is_no_video(text: str, tmp_path: Path) -> None:
    """FFmpeg would film it, or follow it."""
    (tmp_path / "demo.txt").write_text(text, "utf-8")
    with pytest.raises(DeadpanError, match=r"demo\.txt: not a video but text; expected a video file"):
        open_camera(str(tmp_path / "demo.txt"), None, 30.0, paced=False)


def test_pictures_of_a_size_that_video_cannot_carry_are_refused() -> None:
    check_size((1280, 720), "x")
    for size in ((LEAST - 2, 720), (1281, 720), (720, 10000)):
        with pytest.raises(DeadpanError, match="x is "):
            check_size(size, "x")
