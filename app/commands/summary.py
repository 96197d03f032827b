"""A session's summary: for people, and for --json."""

from deadpan.app.outgoing import Reason
from deadpan.app.tally import Tally
from deadpan.stickers.protection import Protection, hidden


def summarise(tally: Tally, size: tuple[int, int], protection: Protection) -> dict[str, object]:
    """What --json writes."""
    return {
        **tally.summary(),
        "size": list(size),
        "sticker": protection.sticker.name,
        "plan": protection.plan.name,
    }


def told(tally: Tally, protection: Protection) -> str:
    """A session in a few lines of words."""
    sent = tally.sent
    plan = protection.plan
    regions = ", ".join(f"{r.name} ({hidden(protection.sticker, r, plan.k):.0%} of it hidden)" for r in plan.targets)
    lines = [
        f"{tally.read} frames in, {sum(sent.values())} pictures out: {sent[Reason.PROTECTED]} protected, "
        f"{sent[Reason.HELD]} held, {sent[Reason.SHUTTERED]} shuttered"
        + (f", {sent[Reason.EMPTY]} of an empty room" if sent[Reason.EMPTY] else "")
        + f", {tally.unvouched} unvouched",
        f"sticker {protection.sticker.name} on {regions} (plan {plan.name}"
        + ("" if plan.provenance.measured else ": its effect is not yet measured")
        + ")",
    ]
    if tally.read and not tally.faces_max:
        lines.append("no face was found in any frame")
    if tally.errors:
        lines.append(f"{tally.errors} frames failed and were not shown; the last: {tally.last_error}")
    return "\n".join(lines)
