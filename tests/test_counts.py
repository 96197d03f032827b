"""What a session says that it did adds up, and every frame that is not shown has a reason."""

from dataclasses import replace

from scripted import Collector, Protection, ScriptedCamera, ScriptedTracker, Step, lost, nobody, play, skin

from deadpan.app.commands.summary import told
from deadpan.app.loop import Session, run
from deadpan.app.outgoing import Reason
from deadpan.models.face import Face, Sighting
from deadpan.models.frame import Frame
from deadpan.stickers.protection import Protected


def test_the_counts_add_up(frames: list[Frame], face: Face) -> None:
    steps: dict[int, Step] = {3: lost, 4: RuntimeError("once"), **dict.fromkeys(range(6, 40), nobody)}
    sink = Collector()
    script = [*frames[:5], None, *frames[6:42], *[None] * 8]
    tally = run(Session(ScriptedCamera(script), ScriptedTracker(face, steps), Protection(), [sink], show_empty=True))
    counts = tally.summary()["frames"]
    assert isinstance(counts, dict)
    assert counts["out"] == len(sink.sent) == len(script)
    assert counts["out"] == sum(counts[reason.value] for reason in Reason)
    assert {reason.value: counts[reason.value] for reason in Reason} == {
        reason.value: sink.reasons.count(reason.value) for reason in Reason
    }
    assert (counts["in"], counts["errors"], counts["unvouched"]) == (41, 1, 0)
    assert min(counts[reason.value] for reason in Reason) > 0  # every kind occurred


def test_every_frame_that_is_not_shown_has_a_reason_that_is_told(frames: list[Frame], face: Face) -> None:
    """Somebody whose picture stands still wants to know why."""

    class Cautious(Protection):
        def apply(self, frame: Frame, sighting: Sighting) -> Protected | None:
            if frame.index == 8:
                return None
            if frame.index == 9:
                return Protected(Frame(frame.image.copy(), 9, frame.time, 0.0), (), self.sticker)
            return super().apply(frame, sighting)

    steps: dict[int, Step] = {2: lost, 3: lost, 5: nobody, 7: RuntimeError("once")}
    sent, tally = play(frames[:12], ScriptedTracker(face, steps), Cautious())
    assert tally.withheld == {
        "a face was lost for a moment": 2,
        "no face was found": 1,
        "the protection failed": 1,
        "the protection could not vouch for it": 1,
        "not protected as promised": 1,
    }
    assert len(sent) == tally.withheld.total() + tally.sent[Reason.PROTECTED] == 12
    assert "a face was lost for a moment" in told(tally, Protection())


def test_regions_let_go_are_counted_on_what_goes_out(frames: list[Frame], face: Face) -> None:
    """From the fourth frame on a hand lies over the lower half of the face."""
    _, top, _, bottom = (round(value) for value in face.box)
    script = []
    for frame in frames[:6]:
        image = frames[0].image.copy()
        if frame.index >= 3:
            image[(top + bottom) // 2 : bottom] = 128
        script.append(replace(frame, image=image))
    _, tally = play(script, ScriptedTracker(face), skin())
    assert tally.faces_bent == 6
    assert tally.let_go["chin"] == tally.let_go["mouth"] == 4 / 6
    assert tally.let_go["right_brow_outer"] == 1 / 6, "on the first frame nothing is held yet"
    assert 0 < tally.let_go_mean < 0.5
