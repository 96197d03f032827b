"""What an evaluation says in plain words: whether causal placement does better than random places."""

from collections import Counter
from collections.abc import Sequence

from deadpan.calibration.report.wording import number, words
from deadpan.calibration.tables.row import Row

CALLED = {
    "none": "no sticker",
    "constant": "constant input",
    "random": "random places",
    "causal": "causal",
    "exhaustive": "best of 14 regions, each clip",
    "rhde": "RHDE",
    "rhde-free": "RHDE, features left free",
    "uap": "UAP",
    "uap-still": "UAP, one picture for all frames",
    "uap-noise": "random signs",
}
"""What placements are called, in the order in which they stand."""
PLACED = ("none", "constant", "random", "causal", "exhaustive", "rhde", "rhde-free")
"""Those of Table II."""
ASKING = ("exhaustive", "rhde", "rhde-free")
"""Those that ask the recognizer."""
TITLES = {
    "casme": "CASME",
    "casme2": "CASME II",
    "casme-squared": "CAS(ME)²",
    "samm": "SAMM",
    "smic": "SMIC",
    "synthetic": "synthetic clips",
}
DEFAULT = 2.0
"""The paper's k."""


def title(dataset: str) -> str:
    """What a data set is called."""
    return TITLES.get(dataset, dataset)


def panels(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    """The rows of each victim and data set, by placement as in `CALLED`."""
    found: dict[tuple[str, str], list[Row]] = {}
    order = list(CALLED)
    for row in sorted(rows, key=lambda row: order.index(name) if (name := row.placement) in order else len(order)):
        found.setdefault((row.victim, row.dataset), []).append(row)
    return dict(sorted(found.items()))


def size(rows: Sequence[Row]) -> float:
    """The size that is laid out at length: the paper's, or of what was measured the one measured most."""
    sizes = Counter(row.k for row in rows if row.k)
    return DEFAULT if DEFAULT in sizes or not sizes else sizes.most_common(1)[0][0]


def compared(rows: Sequence[Row]) -> list[Row]:
    """Every causal placement that stands beside random places, at the size that is laid out."""
    k = size(rows)
    return [row for row in rows if row.placement == "causal" and row.k == k and row.gain is not None]


def beats_random(rows: Sequence[Row]) -> bool:
    """Whether causal placement does better in most comparisons and worse in none."""
    found = [_sign(row) for row in compared(rows)]
    return -1 not in found and found.count(1) > len(found) / 2


def headline(rows: Sequence[Row]) -> str:
    """The answer in a sentence or two."""
    found = [_sign(row) for row in compared(rows)]
    if not found:
        return "Causal placement was not measured beside random places: these figures do not say whether it helps."
    better, worse, open_ = (found.count(each) for each in (1, -1, 0))
    n, k = len(found), number(size(rows))
    said = f"{n} {'comparisons' if n > 1 else 'comparison'} of causal placement with random places at {k}/10: "
    said += f"better in {better}, worse in {worse}, no difference that the clips could tell in {open_}."
    if not beats_random(rows):
        said += " Causal placement does not beat random places here."
    return said


def sentences(rows: Sequence[Row]) -> list[str]:
    """A sentence for every comparison, with what the other ways to place that sticker take."""
    k = size(rows)
    said = []
    for row in compared(rows):
        assert row.gain is not None
        how = {1: "better", -1: "worse", 0: "no difference that these clips could tell"}[_sign(row)]
        beside = [
            f"{CALLED[each.placement]} {each.attack_success} at {queries(each.queries)} queries a clip"
            for each in rows
            if (each.victim, each.dataset, each.sticker, each.k) == (row.victim, row.dataset, row.sticker, k)
            and each.placement in ASKING
            and each.attack_success is not None
        ]
        where = f"{row.victim}, {title(row.dataset)}, {words(row.sticker)} (n = {row.n})"
        sentence = f"{where}: causal placement takes {row.attack_success} of the right labels"
        sentence += f"; less random places {row.gain.points}: {how}."
        said.append(sentence + (f" Beside it: {'; '.join(beside)}." if beside else ""))
    if len(said) > 1:
        said.append("Of forty comparisons of places that are no better than random, one will look better by chance.")
    return said


def subject(rows: Sequence[Row]) -> str:
    """Who was asked about what, as a title."""
    victims, datasets = (dict.fromkeys(getattr(row, name) for row in rows) for name in ("victim", "dataset"))
    return f"The seeds’ experiments: {', '.join(victims)} on {', '.join(title(each) for each in datasets)}"


def facts(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    """What was looked at: a name, a value and more on it."""
    victims, stickers = ({getattr(row, name): None for row in rows} for name in ("victim", "sticker"))
    people: dict[str, dict[str, None]] = {}
    for row in rows:
        people.setdefault(row.dataset, {})[counted([row])] = None
    sizes = sorted({row.k for row in rows if row.k})
    laid = [words(each) for each in stickers if each != "none"]
    clips = "; ".join(f"{title(name)}: {' or '.join(each)}" for name, each in people.items())
    return [
        ("Victims", ", ".join(victims), "each person is judged by a network that never saw them"),
        ("Data sets", ", ".join(title(each) for each in people), clips),
        ("Stickers", ", ".join(laid) or "none", f"of {', '.join(number(k) for k in sizes)} tenths" if sizes else ""),
        ("Seed", ", ".join(str(each) for each in sorted({row.seed for row in rows})), ""),
    ]


def queries(value: float) -> str:
    """Answers asked for, a clip."""
    return f"{value:,.0f}" if value == round(value) or value >= 100 else f"{value:,.1f}"


def counted(rows: Sequence[Row]) -> str:
    """How many clips and people a victim was asked about."""
    return f"{rows[0].n} clips of {rows[0].subjects} people"


def _sign(row: Row) -> int:
    """1 where the interval of the gain lies above zero, −1 where below."""
    if row.gain is None or row.gain.low <= 0 <= row.gain.high:
        return 0
    return 1 if row.gain.low > 0 else -1
