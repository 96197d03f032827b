"""Synthetic clips: a folder that `deadpan synth make` or `deadpan synth benchmark` wrote, with its truth.json."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import av
import numpy as np
from av.error import FFmpegError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deadpan.calibration.sources.folders import contents
from deadpan.calibration.sources.source import BadSource, Sample, Skipped
from deadpan.calibration.sources.unusable import Unusable
from deadpan.models.frame import Image
from deadpan.models.maps import LABELS

TRUTH = "truth.json"
_Index = Annotated[int, Field(ge=0, le=10_000_000)]


class _Event(BaseModel):
    model_config = ConfigDict(strict=True)

    onset: _Index
    apex: _Index
    offset: _Index
    label: str
    action_units: list[int]


class _Clip(BaseModel):
    model_config = ConfigDict(strict=True)

    name: str
    subject: str
    fps: Annotated[float, Field(gt=0, le=1000)]
    frames: _Index
    file: str
    events: list[_Event]


class Synthetic:
    """A `Source` of events whose truth is known. **What is measured on them is no figure on people.**"""

    name = "synthetic"

    def __init__(self, root: Path) -> None:
        """Read the folder that holds truth.json."""
        self.root = root

    def samples(self, skip: Callable[[Skipped], None]) -> Iterator[Sample]:
        """See `Source.samples`: a sample for each event, in the order of truth.json."""
        path = self.root / TRUTH
        try:
            truth = json.loads(path.read_bytes())
        except OSError as error:
            raise BadSource(
                f"{self.root}: no {TRUTH} that can be read ({error.strerror}); expected a folder that `deadpan synth` "
                f"wrote; found {contents(self.root)}"
            ) from error
        except (ValueError, RecursionError) as error:
            raise BadSource(f"{path}: not JSON ({str(error)[:80]}); write it anew with `deadpan synth`") from error
        listed = truth.get("clips") if isinstance(truth, dict) else None
        if not isinstance(listed, list):
            raise BadSource(f"{path}: no list called clips; expected what `deadpan synth` writes")
        used = False
        for number, each in enumerate(listed, 1):
            where = f"{TRUTH}, clip {number}"
            try:
                clip = _Clip.model_validate(each)
                video = self._video(clip)
            except ValidationError as error:
                first = error.errors()[0]
                skip(Skipped(where, f"{'.'.join(map(str, first['loc'])) or 'clip'}: {first['msg']}"))
                continue
            except Unusable as error:
                skip(Skipped(where, str(error)))
                continue
            for at, event in enumerate(clip.events, 1):
                try:
                    sample = self._sample(clip, at, event, video)
                except Unusable as error:
                    skip(Skipped(f"{where}, event {at}", str(error)))
                    continue
                used = True
                yield sample
        if not used:
            raise BadSource(f"{path}: no event that can be used in {len(listed)} clips")

    def _video(self, clip: _Clip) -> Path:
        path = self.root / clip.file
        # A file name from a file that somebody sent: it may not lead out of the folder.
        if Path(clip.file).name != clip.file or "\\" in clip.file:
            raise Unusable(f"file is {clip.file[:60]!r}, expected the name of a file beside {TRUTH}")
        if not path.is_file():
            raise Unusable(f"no file {clip.file}")
        return path

    def _sample(self, clip: _Clip, at: int, event: _Event, video: Path) -> Sample:
        if event.label not in LABELS:
            raise Unusable(f"label {event.label[:30]}: none of {', '.join(LABELS)}")
        if not event.onset < event.apex <= event.offset < clip.frames:
            said = f"{event.onset}, {event.apex}, {event.offset} of {clip.frames} frames"
            raise Unusable(f"onset, apex and offset are {said}, expected them in this order")
        return Sample(
            name=clip.name if len(clip.events) == 1 else f"{clip.name}-{at}",
            subject=f"synthetic-{clip.subject}",
            dataset=self.name,
            label=LABELS.index(event.label),
            emotion=event.label,
            action_units="+".join(map(str, event.action_units)),
            fps=clip.fps,
            onset=event.onset,
            apex=event.apex,
            offset=event.offset,
            length=clip.frames,
            apex_coded=True,
            load=lambda first, last: _decoded(video, first, last),
        )


def _decoded(path: Path, first: int, last: int) -> list[Image]:
    """The frames from the first to the last, both included, from the key frame before them on."""
    found: list[Image] = []
    try:
        with av.open(str(path)) as file:
            stream = file.streams.video[0]
            rate, base, start = stream.average_rate, stream.time_base, stream.start_time or 0
            if rate is None or base is None:
                raise BadSource(f"{path}: says no frame rate; write it anew with `deadpan synth`")
            file.seek(start + int(first / rate / base), stream=stream)
            for frame in file.decode(stream):
                index = round(((frame.pts or 0) - start) * base * rate)
                if first <= index <= last:
                    found.append(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
                if index >= last:
                    break
    except (FFmpegError, OSError, IndexError) as error:
        said = getattr(error, "strerror", None) or error
        raise BadSource(f"{path}: not a video that can be read ({said})") from error
    if len(found) != last - first + 1:
        raise BadSource(f"{path}: {len(found)} of the frames {first} to {last}; is it cut off?")
    return found
