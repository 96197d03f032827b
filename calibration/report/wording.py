"""What a calibration found, in plain words and plainly written figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from deadpan.calibration.effect.tally import Share, signed
from deadpan.calibration.findings import Calibration
from deadpan.calibration.graph.discovery import CausalGraph
from deadpan.calibration.graph.per_sample import PerSample
from deadpan.calibration.graph.pixels import Pixels
from deadpan.calibration.graph.stability import Stability
from deadpan.stickers.evidence import Evidence
from deadpan.stickers.regions import NAMES

if TYPE_CHECKING:
    from deadpan.calibration.effect.pixel_effects import PixelEffect

UNSTABLE = 0.5
"""Share of resamples below which a winner is called unstable."""


def percent(value: float, digits: int = 1) -> str:
    """0.123 → 12.3%."""
    return signed(f"{value:.{digits}%}")


def points(value: float, unit: bool = True) -> str:
    """0.123 → +12.3 points: a difference of shares."""
    return signed(f"{100 * value:+.1f}{' points' if unit else ''}")


def decimal(value: float, sign: bool = False) -> str:
    """0.123 → 0.12."""
    return signed(f"{value:{'+' if sign else ''}.2f}")


def number(value: float) -> str:
    """3.0 → 3."""
    return f"{value:g}"


def words(name: str) -> str:
    """left_lip_corner → left lip corner."""
    return name.replace("_", " ")


def listed(names: Sequence[str]) -> str:
    """One, two and three."""
    plain = [words(name) for name in names]
    return plain[0] if len(plain) == 1 else f"{', '.join(plain[:-1])} and {plain[-1]}"


def verdict(found: Calibration) -> list[str]:
    """What a person is told at the end: the verdict, and the graph's winner with ties and stability."""
    steady = found.stability
    said = list(found.choice.verdict)
    best = int(steady.winner.argmax())
    said.append(
        f"graph: by the paper's rule {ties(found.graph.winners)}; over {steady.resamples} resamples of {steady.drawn} "
        f"most often {words(steady.names[best])}, {percent(float(steady.winner[best]), digits=0)}"
    )
    said += [f"graph: {found.graph.note}"] if found.graph.note else []
    said += [f"does the graph tell what to hide? {of_correlation(found.correlation)}"] if found.correlation else []
    said += of_pictures(found)
    if found.control is not None:
        said.append(of_pixels(found.pixels, found.control))
    return said


def headline(evidence: Evidence) -> str:
    """What the plan does, in one plain sentence, from the most honest figure that there is."""
    count = len(evidence.effect.regions) if evidence.effect is not None else 0
    stickers = "this one sticker" if count == 1 else f"these {count} stickers"
    if evidence.effect is None:
        return "Nothing moves in these data: what hiding regions does was not measured."
    tested = evidence.tested
    if tested is None:
        return (
            f"Measured only on the people of the choice, {stickers} take {percent(evidence.effect.attack.value)} of a "
            "recognizer's right labels; expect less on others."
        )
    return (
        f"On people who had no part in the choice, a recognizer keeps {percent(1 - tested.attack.value)} of its right "
        f"labels behind stickers chosen like {stickers}, and {percent(1 - tested.random)} behind as many at random "
        "places."
    )


def of_graph(graph: CausalGraph) -> str:
    """The winner, with its ties."""
    arrows, open_ = graph.directed.number_of_edges(), graph.undirected.number_of_edges()
    edges = f"The graph over the 14 regions has {arrows} arrows and {open_} edges whose direction the data leave open."
    if not graph.winners:
        return f"{edges} No arrow leaves any region, so the paper's rule names no winner."
    degree = graph.out_degree[graph.winners[0]]
    if len(graph.winners) == 1:
        return f"{edges} By the paper's rule the winner is the {listed(graph.winners)}, which {degree} arrows leave."
    return (
        f"{edges} By the paper's rule {len(graph.winners)} regions tie: {listed(graph.winners)}, "
        f"each with {degree} outgoing {'arrow' if degree == 1 else 'arrows'}."
    )


def graph_alt(graph: CausalGraph) -> str:
    """Every edge, for who cannot see the drawing."""
    arrows = [f"{words(i)} to {words(j)}" for i, j in graph.directed.edges]
    lines = [f"{words(i)} and {words(j)}" for i, j in graph.undirected.edges]
    return (
        f"The causal graph over a face. Arrows: {'; '.join(arrows) or 'none'}. "
        f"Edges without a direction: {'; '.join(lines) or 'none'}."
    )


def of_stability(steady: Stability) -> str:
    """How far the winner can be trusted."""
    best = int(steady.winner.argmax())
    if steady.winner[best] == 0:
        return f"None of {steady.resamples} resamples names a winner."
    share = float(steady.winner[best])
    said = (
        f"Over {steady.resamples} resamples of {steady.drawn} ({steady.of} of them), "
        f"the {words(steady.names[best])} wins most often: {percent(share, digits=0)}."
    )
    if steady.none:
        said += f" {percent(steady.none, digits=0)} name no winner."
    if share < UNSTABLE:
        said += " Another set of recordings would most likely have named another region: do not build on the winner."
    return said


def of_samples(each: PerSample) -> str:
    """Which region wins in how many samples, in a sentence."""
    named = len(each) - each.too_few - each.none
    said = f"Of {len(each)} samples, the own graph of {named} names a winner"
    said += f"; no arrow: {each.none}" if each.none else ""
    said += f"; too few cells to tell: {each.too_few}" if each.too_few else ""
    if named:
        best = int(each.share.argmax())
        said += f". Most often it is the {words(each.names[best])}, {percent(float(each.share[best]), digits=0)}"
    return f"{said}. Each graph rests on {each.rows} rows, worth about {each.effective:.0f} independent ones."


def of_pixels(found: Sequence[Pixels], control: Pixels) -> str:
    """What the paper's public code would name, and what it names without a face."""
    names = Counter(each.winner for each in found)
    first, n = names.most_common(1)[0]
    said = (
        f"The variant of the paper's public code (Fisher's z on the pixels of one masked picture) most often names "
        f"the {words(first)}: {n} of {len(found)} samples, {len(names)} regions in all. "
    )
    why = f" ({control.note})" if control.note else ""
    return said + (
        f"On a picture that is one grey all over it names the {words(control.winner)}{why}: "
        "from no information, so what it names is no finding about a face."
    )


def of_pictures(found: Calibration) -> list[str]:
    """What real stickers did on the pictures of some clips: a sentence for each set of regions."""
    seen = found.pictures
    if seen is None:
        return []
    return [
        f"on the pictures of {seen.clips} {synthetic(found)}clips, {laid(each, found)}: attack success {each.attack}, "
        + ("no random places" if each.against_random is None else f"{each.against_random.points} {against(each)}")
        + (f"; no face is found behind them in {percent(each.nobody, digits=0)} of the readings" if each.nobody else "")
        for each in seen.effects
    ]


def laid(effect: "PixelEffect", found: Calibration) -> str:
    """Why these regions were tried on the pictures."""
    said = "the plan's stickers" if set(effect.regions) == set(found.choice.regions) else "a sticker"
    winners = found.graph.winners
    if len(effect.regions) == 1 and effect.regions[0] in winners:
        tie = f", one of a tie of {len(winners)}" if len(winners) > 1 else ""
        said += f" on the winner by the paper's rule ({words(effect.regions[0])}{tie})"
    return said


def against(effect: "PixelEffect") -> str:
    """Whether place matters on the pictures."""
    gain = effect.against_random
    if gain is None or gain.low <= 0 <= gain.high:
        return "against random places: no difference that these clips could tell"
    return f"against random places: these {'do better' if gain.low > 0 else 'do worse'}"


def synthetic(found: Calibration) -> str:
    """The word that keeps figures on rendered clips from being taken for figures on people."""
    return "synthetic " if "synthetic" in found.data.dataset else ""


def of_correlation(found: Mapping[str, Share]) -> str:
    """Whether the graph's rank tells the effect's."""
    telling = [name for name, share in found.items() if share.low > 0]
    against = [name for name, share in found.items() if share.high < 0]
    said = []
    if telling:
        said.append(f"A higher rank by {' and by '.join(telling)} goes with a greater effect.")
    if against:
        said.append(f"A higher rank by {' and by '.join(against)} goes with a smaller effect.")
    if not said:
        said.append(
            "No: no rank that the graph gives the regions goes with the measured effect; each interval includes zero."
        )
    if len(found) > len(telling) + len(against) > 0:
        said.append("The other intervals include zero.")
    return " ".join(said)


def ties(winners: Sequence[str]) -> str:
    """The graph's winners in one line, for the command."""
    if not winners:
        return "no winner"
    return listed(winners) + (f" (a tie of {len(winners)} of {len(NAMES)})" if len(winners) > 1 else "")
