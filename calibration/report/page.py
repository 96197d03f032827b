"""The report: one HTML file with everything in it, for people to read; no script, no link, no time stamp."""

import base64
from importlib.resources import files
from typing import Any

import numpy as np

from deadpan.calibration.effect.effects import Effect, Effects
from deadpan.calibration.effect.held_out import HeldOut
from deadpan.calibration.effect.tally import Share
from deadpan.calibration.findings import Calibration
from deadpan.calibration.planning import figures
from deadpan.calibration.report import charts, drawings, wording
from deadpan.calibration.report.charts import Curve, Row
from deadpan.stickers.evidence import Evidence
from deadpan.stickers.evidence import HeldOut as Tested
from deadpan.stickers.plan import Plan
from deadpan.stickers.regions import NAMES


def render(found: Calibration, plan: Plan) -> str:
    """The report on `found`, which became `plan`. The same calibration gives the same bytes."""
    import jinja2

    evidence = plan.calibration
    if evidence is None or evidence.stability is None:
        raise ValueError("a plan without its calibration has nothing to report")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters |= {
        "percent": wording.percent,
        "points": wording.points,
        "decimal": wording.decimal,
        "number": wording.number,
        "words": wording.words,
    }
    template = environment.from_string((files("deadpan.calibration.report") / "page.html.j2").read_text("utf-8"))
    effects, each = found.effects, found.per_sample
    return template.render(
        style=(files("deadpan.calibration.report") / "page.css").read_text("utf-8"),
        plan=plan,
        evidence=evidence,
        headline=wording.headline(evidence),
        verdict=found.choice.verdict,
        pictures={name: base64.b64encode(svg.encode()).decode() for name, svg in pictures(found).items()},
        regions=_regions(found),
        sets=[] if effects is None else _sets(effects, found.choice.k),
        controls=[*evidence.controls.items(), *_everything(found)],
        panel=None if effects is None else effects.panel,
        graph_words=wording.of_graph(found.graph),
        graph_alt=wording.graph_alt(found.graph),
        stability_words=wording.of_stability(found.stability),
        own_words="" if each is None else wording.of_samples(each),
        per_sample_note="" if each is None else each.note,
        pixels="" if found.control is None else wording.of_pixels(found.pixels, found.control),
        held_out_words=[each.words for each in notable(found) if each.rule in ("region", "pair", found.choice.rule)],
        held_out=_by_rule(evidence),
        compared=len(found.held_out),
        seen=found.pictures,
        synthetic=wording.synthetic(found),
        laid=[] if found.pictures is None else [wording.laid(each, found) for each in found.pictures.effects],
        correlation_words=wording.of_correlation(found.correlation),
    )


def pictures(found: Calibration) -> dict[str, str]:
    """Every drawing as SVG, by name."""
    graph, steady = found.graph, found.stability
    columns = {name: number for number, name in enumerate(NAMES)}
    hidden = [columns[name] for name in found.choice.regions]
    arrows = [(columns[i], columns[j]) for i, j in graph.directed.edges]
    lines = [(columns[i], columns[j]) for i, j in graph.undirected.edges]
    ends = zip(steady.names, steady.out_degree, *steady.interval.T, strict=True)
    drawn = {
        "graph": drawings.graph(
            found.data.places,
            [(i, j, float(steady.edges[i, j])) for i, j in arrows],
            [(i, j, float(steady.adjacent[i, j])) for i, j in lines],
            np.array([graph.out_degree[name] for name in NAMES], float),
            hidden,
        ),
        "winners": charts.bars(
            [*zip(steady.names, steady.winner, strict=True), ("none", steady.none)], "share of resamples", steady.sole
        ),
        "degrees": charts.intervals(
            [(name, float(mean), float(low), float(high)) for name, mean, low, high in ends],
            "outgoing arrows",
            unit=None,
        ),
    }
    if found.per_sample is not None:
        each = found.per_sample
        rest = [("no arrow", each.none / len(each)), ("too few cells", each.too_few / len(each))]
        shares = [*zip(each.names, each.share, strict=True), *((name, share) for name, share in rest if share)]
        drawn["own"] = charts.bars(shares, "share of samples")
    if found.effects is not None:
        drawn |= _measured(found, found.effects, hidden)
    if found.held_out:
        drawn["held_out"] = charts.intervals(
            [_row(f"{each.rule}, {each.count} of {each.k:g}/10", each.against_random) for each in notable(found)],
            "more lost than at random places, points",
            unit="",
        )
    return drawn


def notable(found: Calibration) -> list[HeldOut]:
    """Of all that was tested on others: one region, a pair, and each rule at the plan's number; at the plan's size."""
    counts = {1, 2} if len(found.choice.regions) < 3 else {1, len(found.choice.regions)}
    return [
        each
        for each in found.held_out
        if each.k == found.choice.k and (each.count in counts or each.rule in ("region", "pair"))
    ]


def _measured(found: Calibration, effects: Effects, hidden: list[int]) -> dict[str, str]:
    k = found.choice.k
    singles, random = effects.singles[k], effects.random[1, k]
    band = (f"one at a random place: mean of {random.draws} and its 95 %", random.mean, random.low, random.high)
    return {
        "heat": drawings.heat(found.data.places, np.array([each.attack.value for each in singles]), found.sticker),
        "singles": charts.intervals(
            [_row(name, each.attack) for name, each in zip(NAMES, singles, strict=True)],
            "right labels lost (attack success rate)",
            band,
            marked=hidden,
        ),
        "sizes": charts.curves(
            _sizes(effects, found.choice.rule, len(hidden)),
            "size of a sticker, tenths of the face",
            "right labels lost",
        ),
        "counts": charts.curves(_counts(effects, found.choice.rule, k), "number of stickers", "right labels lost"),
    }


def _row(label: str, share: Share) -> Row:
    return label, share.value, share.low, share.high


def _curve(label: str, x: list[float], shares: list[Any], *, control: bool = False, band: bool = True) -> Curve:
    """`shares` have a mean or a value, and the ends of an interval."""
    values = [float(getattr(each, "value", getattr(each, "mean", 0.0))) for each in shares]
    return Curve(label, x, values, [each.low for each in shares], [each.high for each in shares], control, band)


def _sizes(effects: Effects, rule: str, count: int) -> list[Curve]:
    ks = sorted(effects.singles)
    path = effects.paths.get(rule, {})
    best = [max((each.attack for each in effects.singles[k]), key=lambda share: share.value) for k in ks]
    lines = [_curve("best single region", ks, best)]
    if count > 1 and all(len(path.get(k, ())) >= count for k in ks):
        lines.append(_curve(f"{count} regions by {rule}", ks, [path[k][count - 1].attack for k in ks]))
    lines.append(_curve("all 14 regions", ks, [effects.everything[k].attack for k in ks]))
    random = [effects.random[count, k] for k in ks if (count, k) in effects.random]
    if len(random) == len(ks):
        lines.append(_curve(f"{count} at random places", ks, random, control=True))
    return lines


def _counts(effects: Effects, chosen: str, k: float) -> list[Curve]:
    lines = []
    for rule, path in effects.paths.items():
        counts = [float(count + 1) for count in range(len(path[k]))]
        lines.append(_curve(f"by {rule}", counts, [each.attack for each in path[k]], band=rule == chosen))
    random = [each for (_, size), each in sorted(effects.random.items()) if size == k]
    return [*lines, _curve("random places", [float(each.count) for each in random], random, control=True)]


def _by_rule(evidence: Evidence) -> dict[str, dict[int, Tested]]:
    rules = dict.fromkeys(each.rule for each in evidence.held_out)
    return {rule: {each.count: each for each in evidence.held_out if each.rule == rule} for rule in rules}


def _regions(found: Calibration) -> list[dict[str, Any]]:
    effects = found.effects
    return [
        {
            "number": number + 1,
            "name": name,
            "chosen": name in found.choice.regions,
            "out_degree": found.graph.out_degree[name],
            "possible": found.graph.possible_out_degree[name],
            "winner": float(found.stability.winner[number]),
            "attack": None if effects is None else effects.singles[found.choice.k][number].attack,
        }
        for number, name in enumerate(NAMES)
    ]


def _sets(effects: Effects, k: float) -> list[tuple[str, Effect]]:
    """Every pair, and what each rule chooses; of one set, all that choose it stand in its line."""
    every = [("pair", each) for each in effects.pairs[k]]
    every += [(rule, each) for rule, path in effects.paths.items() for each in path[k][1:]]
    found: dict[frozenset[str], tuple[list[str], Effect]] = {}
    for by, each in every:
        found.setdefault(frozenset(each.regions), ([], each))[0].append(by)
    return [(", ".join(dict.fromkeys(rules)), each) for rules, each in found.values()]


def _everything(found: Calibration) -> list[tuple[str, Any]]:
    k = found.choice.k
    known = {} if found.effects is None else found.effects.everything
    return [(f"all 14 regions at {k:g}/10", figures(known[k]))] if k in known else []
