"""The live loop: camera → face → protection → virtual camera."""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from deadpan.app.camera import Camera
from deadpan.app.gate import Gate
from deadpan.app.outgoing import Outgoing, Reason, Sink
from deadpan.app.pace import Pace, grown
from deadpan.app.shutter import HOLD, Shutter
from deadpan.app.tally import Tally
from deadpan.models.errors import DeadpanError
from deadpan.models.face import Sighting
from deadpan.models.frame import Frame
from deadpan.stickers.protection import Promise, Protected, Protection

TOO_MANY = 90
"""Errors in a row after which the session ends: three seconds of shutter at 30 frames a second."""


class Tracker(Protocol):
    """Finds every face on each frame (see `models.tracker.FaceTracker`)."""

    def track(self, frame: Frame) -> Sighting:
        """What can be said about this frame."""
        ...

    def restart(self) -> None:
        """The stream was interrupted."""
        ...


class Witness(Protocol):
    """Is offered both pictures, beside the loop and never in front of it."""

    def offer(self, frame: Frame, sighting: Sighting, outgoing: Outgoing) -> None:
        """The clean frame, only to be read, the faces found on it, and what went out instead of it."""
        ...


@dataclass
class Controls:
    """What the person at the machine wants, changed by keys and signals while the loop runs."""

    stop: bool = False
    closed: bool = False
    """The shutter is held closed by hand."""


@dataclass
class Session:
    """Everything one run of the loop needs."""

    camera: Camera
    tracker: Tracker
    protection: Protection
    sinks: Sequence[Sink]
    show_empty: bool = False
    witness: Witness | None = None
    each: Callable[[Tally], None] = lambda _: None
    """Called after every picture that went out: status and keys."""
    controls: Controls = field(default_factory=Controls)
    tally: Tally = field(default_factory=Tally)


def run(session: Session) -> Tally:
    """Run until the camera ends or `session.controls.stop`, then close the sinks and the camera.

    A failing tracker, protection or gate means a stand-in, not a raw frame; a failing sink ends the session.
    """
    camera, tally, controls = session.camera, session.tally, session.controls
    shutter = Shutter(*camera.size)
    gate = Gate(shutter, tally, show_empty=session.show_empty)
    pace = Pace(camera.size, gains=session.protection.promise.bent)
    last: float | None = None
    row = 0
    try:
        for taken in camera:
            if controls.stop:
                break
            if taken is None or controls.closed:
                tally.read += taken is not None
                if controls.closed:
                    shutter.drop()
                    last = None
                _send(session, shutter.stand_in(camera.now()))
                continue
            if last is None or taken.time - last > HOLD:  # a slow camera's pause is none
                session.tracker.restart()
                session.protection.restart()
                gate.restart()
                pace.restart()
            last = taken.time
            tally.read += 1
            began = time.perf_counter()
            frame = pace.take(taken)
            tally.worked(frame.size, camera.size)
            sighting, protected, outgoing, row = _protect(session, gate, frame, row)
            if protected is not None and outgoing.reason is Reason.PROTECTED:
                tally.bent(protected)
            if outgoing.reason in (Reason.HELD, Reason.SHUTTERED):
                tally.withhold(sighting, protected, failed=row > 0)
            _send(session, outgoing)
            pace.sent(camera.now())
            tally.stages["capture"].append((began - frame.captured) * 1000)
            tally.latency.append((time.perf_counter() - frame.captured) * 1000)
            if session.witness is not None:
                session.witness.offer(frame, sighting, outgoing)
    except BaseException:
        with contextlib.suppress(Exception):
            _close(session)
        raise
    _close(session)
    return tally


def _protect(session: Session, gate: Gate, frame: Frame, row: int) -> tuple[Sighting, Protected | None, Outgoing, int]:
    """The frame's faces, its protected version if there is one, what goes out, and how many frames in a row failed."""
    tally = session.tally
    began = time.perf_counter()
    try:
        sighting = session.tracker.track(frame)
        tracked = time.perf_counter()
        protected = session.protection.apply(frame, sighting)
        done = time.perf_counter()
        outgoing = gate.admit(frame, sighting, protected, session.protection.promise)
        admitted = time.perf_counter()
    # Whatever goes wrong in here, the viewer must not see a raw frame and the call must not lose its picture.
    except Exception as error:
        tally.errors += 1
        tally.last_error = f"{type(error).__name__}: {error}"
        if row + 1 >= TOO_MANY:
            raise DeadpanError(f"the protection failed {TOO_MANY} times in a row ({tally.last_error})") from error
        missed = Sighting(frame.index, (), lost=1)
        return missed, None, gate.admit(frame, missed, None, Promise()), row + 1
    tally.stages["track"].append((tracked - began) * 1000)
    tally.stages["protect"].append((done - tracked) * 1000)
    tally.stages["gate"].append((admitted - done) * 1000)
    tally.faces = len(sighting.faces)
    tally.faces_max = max(tally.faces_max, tally.faces)
    return sighting, protected, outgoing, 0


def _send(session: Session, outgoing: Outgoing) -> None:
    began = time.perf_counter()
    outgoing = grown(outgoing, session.camera.size)
    for sink in session.sinks:
        sink.send(outgoing)
    ended = time.perf_counter()
    session.tally.stages["emit"].append((ended - began) * 1000)
    session.tally.out(outgoing.reason, ended)
    session.each(session.tally)


def _close(session: Session) -> None:
    """Release everything; the first error is raised when all is released."""
    failure: Exception | None = None
    for close in (*(sink.close for sink in session.sinks), session.camera.close):
        try:
            close()
        except Exception as error:
            failure = failure or error
    if failure is not None:
        raise failure
