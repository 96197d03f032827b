"""A session's summary: for people, and for --json."""

from deadpan.app.outgoing import Reason
from deadpan.app.success import Success
from deadpan.app.tally import Tally
from deadpan.stickers.evidence import Measured
from deadpan.stickers.parts import SKIN, parts
from deadpan.stickers.plan import Plan
from deadpan.stickers.protection import Protection, hidden


def summarise(
    tally: Tally, size: tuple[int, int], protection: Protection, success: Success | None = None
) -> dict[str, object]:
    """What --json writes."""
    return {
        **tally.summary(),
        "size": list(size),
        "protection": protection.name,
        "strength": protection.strength,
        "let_go": {region: round(share, 4) for region, share in tally.let_go.items()},
        "sticker": protection.sticker.name if protection.promise.covered else None,
        "plan": protection.plan.name if protection.promise.covered else None,
        **({"success": success.summary()} if success is not None else {}),
    }


def told(tally: Tally, protection: Protection, success: Success | None = None) -> str:
    """A session in a few lines of words."""
    sent = tally.sent
    lines = [
        f"{tally.read} frames in, {sum(sent.values())} pictures out: {sent[Reason.PROTECTED]} protected, "
        f"{sent[Reason.HELD]} held, {sent[Reason.SHUTTERED]} shuttered"
        + (f", {sent[Reason.EMPTY]} of an empty room" if sent[Reason.EMPTY] else "")
        + f", {tally.unvouched} unvouched",
        *(_laid(protection) if protection.promise.covered else ()),
        *(_bent(protection, tally) if protection.promise.bent else ()),
    ]
    if tally.withheld:
        lines.append("not shown: " + ", ".join(f"{n} ({why})" for why, n in tally.withheld.most_common()))
    if tally.read and not tally.faces_max:
        lines.append("no face was found in any frame")
    if tally.smaller:
        lines.append(
            f"this machine was too slow: {tally.smaller} frames were made smaller first, and protected as all others"
        )
    if tally.errors:
        lines.append(f"{tally.errors} frames failed and were not shown; the last: {tally.last_error}")
    if success is not None:
        lines += _attack(success)
        if tally.read and (looked := 1 - success.skipped / tally.read) < WELL:
            lines.append(f"the meter had time for {looked:.0%} of the frames; in the others it spots nothing")
    return "\n".join(lines)


MOST = 4
"""Regions that are named as let go; --json names all."""
WELL = 0.9
"""A meter that looks at a smaller share of the frames says so: what it counts is then no count of all that moved."""
_DOES = {
    "freeze": "what the skin moves is bent back",
    "decoy": "the skin moves a little all the time; that alone hides nothing",
    "still": "what the skin moves is bent back, under a small motion of no meaning",
}


def _laid(protection: Protection) -> list[str]:
    plan = protection.plan.model_copy(update={"k": protection.plan.k * protection.strength})
    regions = ", ".join(f"{r.name} ({hidden(protection.sticker, r, plan.k):.0%} of it hidden)" for r in plan.targets)
    measured = plan.provenance.measured and plan.calibration is not None and plan.calibration.effect is not None
    unmeasured = "" if measured else ": what it does is not measured"
    return [f"sticker {protection.sticker.name} on {regions} (plan {plan.name}{unmeasured})", *_promise(plan)]


def _bent(protection: Protection, tally: Tally) -> list[str]:
    """What was done to the skin, and where its own motion could be seen all the same."""
    (name,) = (part for part in parts(protection.name) if part in SKIN)
    lines = [f"{name} at strength {protection.strength:g}: {_DOES[name]} (measured on synthetic faces only)"]
    if protection.strength < 1:
        lines.append("a strength below 1 leaves motion that can be read")
    if name != "decoy" and tally.faces_bent and tally.read > 1:  # in a single picture nothing moves
        most = ", ".join(f"{region} {share:.0%}" for region, share in list(tally.let_go.items())[:MOST])
        lines.append(
            f"let go, so that a tenth of its own motion or more could be seen: {tally.let_go_mean:.0%} of the regions"
            + (f" (most: {most})" if most else "")
        )
    return lines


def _promise(plan: Plan) -> list[str]:
    """What was measured of a calibrated plan, at the size at which it is used."""
    evidence = plan.calibration
    if evidence is None or evidence.effect is None:
        return []
    effect = evidence.effect
    if effect.regions != plan.regions:
        return [f"plan {plan.name}: measured with {len(effect.regions)} stickers, not with {len(plan.regions)} of them"]
    if effect.k != plan.k:
        return [f"plan {plan.name}: measured at k = {effect.k:g}, not at {plan.k:g}"]
    lost, tested = effect.attack, evidence.tested
    whom = f"the {evidence.data.samples} micro-expressions of {evidence.data.subjects} people that it was chosen on"
    if tested is None:
        return [
            f"plan {plan.name}, on {whom}: {_share(lost)} of a recognizer's right labels lost, {effect.random:.1%} at "
            "random places of that area; on other people it was not tested"
        ]
    return [
        f"plan {plan.name}, by {evidence.rule}, tested on people and a recognizer that had no part in the choice: "
        f"{_share(tested.attack)} of the right labels lost, {tested.random:.1%} at random places of that area",
        f"on {whom}: {lost.value:.1%}" + (", which flatters it" if "effect" in evidence.rule else ""),
    ]


def _share(of: Measured) -> str:
    return f"{of.value:.1%} [{of.low:.1%}, {of.high:.1%}]"


def _attack(success: Success) -> list[str]:
    """What the meter counted, in words."""
    n = success.fooling.n
    nothing, random = success.controls
    lines = [
        f"meter ({success.recognizer}): {success.events} motions spotted, {n} measurable; "
        f"the label changed: {success.fooling}",
        f"controls, on the events there was time for: {nothing} {success.none}; {random} {success.random}",
    ]
    if success.right.n:
        lines.append(
            f"truth known: {success.right.hits} of {success.right.n} read rightly without protection; "
            f"of these lost to it: {success.attack}"
        )
    if success.unread or success.unseen:
        lines.append(f"protected: {success.unseen} of {n} did not stand out of the noise, {success.unread} had no face")
    if success.errors:
        lines.append(f"the meter failed {success.errors} times; the last: {success.last_error}")
    return lines
