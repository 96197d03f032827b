"""What an evaluation says in plain words: whether causal placement does better than random places."""

from collections.abc import Iterable, Sequence

from deadpan.calibration.effect.tally import FEW_SUBJECTS, Share
from deadpan.calibration.report.wording import number, percent, points, words
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
INTERVALS = (
    "Intervals are 95 % ones over people. Of a share that is 0 or 100 % whoever is drawn they have no width: there "
    "Wilson’s over clips is given, as if each clip were of another person; and of a difference that has none, or is "
    "from such a share, both intervals squared and added (Newcombe)."
)


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
    """The size that is laid out at length."""
    return at_length(row.k for row in rows if row.k)


def at_length(sizes: Iterable[float]) -> float:
    """Of several sizes the paper's, or else the largest."""
    known = set(sizes)
    return DEFAULT if DEFAULT in known else max(known, default=DEFAULT)


def shown(row: Row, k: float) -> bool:
    """Whether a row is laid out where size `k` is: RHDE is asked at one size only, whichever that is."""
    return row.k == k or row.placement.startswith("rhde")


def called(row: Row, k: float) -> str:
    """What a row's placement is called where size `k` is laid out."""
    name = CALLED[row.placement]
    return name if row.k in (0, k) else f"{name}, {number(row.k)}/10"


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
    """For each victim and data set what causal placement takes, against random places and beside what asks."""
    k = size(rows)
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in compared(rows):
        groups.setdefault((row.victim, row.dataset), []).append(row)
    said = []
    for (victim, dataset), found in groups.items():
        signs = [_sign(row) for row in found]
        if len(found) == 1:
            what = words(found[0].sticker)
            how = {1: "better", -1: "worse", 0: "no difference that these clips could tell"}[signs[0]]
        else:
            what = f"{len(found)} stickers"
            how = f"better with {signs.count(1)}, worse with {signs.count(-1)}, no difference that these clips could "
            how += f"tell with {signs.count(0)}"
        taken = _range([row.attack_success for row in found])
        gains = _range([row.gain for row in found], difference=True)
        sentence = (
            f"{victim}, {title(dataset)}, {what} (n = {found[0].n}): causal placement takes {taken} of the right "
        )
        sentence += f"labels; less random places {gains}: {how}."
        for placement in ASKING:
            group = [r for r in rows if (r.victim, r.dataset, r.placement) == (victim, dataset, placement)]
            here = [row for row in group if shown(row, k)]
            if here:
                asked = queries(sum(row.queries for row in here) / len(here))
                name, lost = called(here[0], k), _range([row.attack_success for row in here])
                sentence += f" {name[0].upper()}{name[1:]}: {lost}, {asked} queries a clip."
        said.append(sentence)
    if len(compared(rows)) > 1:
        said.append("Of forty comparisons of places that are no better than random, one will look better by chance.")
    return said


def _range(shares: Sequence[Share | None], difference: bool = False) -> str:
    """One share with its interval; of several the least and the most."""
    known = [each for each in shares if each is not None]
    if len(known) == 1:
        return known[0].points if difference else str(known[0])
    ends = [min(each.value for each in known), max(each.value for each in known)] if known else []
    return " to ".join(points(each) if difference else percent(each) for each in ends) or "an unknown share"


def subject(rows: Sequence[Row]) -> str:
    """Who was asked about what, as a title."""
    victims, datasets = (dict.fromkeys(getattr(row, name) for row in rows) for name in ("victim", "dataset"))
    return f"The papers’ experiments: {', '.join(victims)} on {', '.join(title(each) for each in datasets)}"


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
        ("Victims", ", ".join(victims), ""),
        ("Data sets", ", ".join(title(each) for each in people), clips),
        ("Stickers", ", ".join(laid) or "none", f"of {', '.join(number(k) for k in sizes)} tenths" if sizes else ""),
        ("Seed", ", ".join(str(each) for each in sorted({row.seed for row in rows})), ""),
    ]


def queries(value: float) -> str:
    """Answers asked for, a clip."""
    return f"{value:,.0f}" if value == round(value) or value >= 100 else f"{value:,.1f}"


def counted(rows: Sequence[Row]) -> str:
    """How many clips and people a victim was asked about."""
    few = ", so few that intervals are over clips" if rows[0].subjects < FEW_SUBJECTS else ""
    return f"{rows[0].n} clips of {rows[0].subjects} people{few}"


def _sign(row: Row) -> int:
    """1 where the interval of the gain lies above zero, −1 where below."""
    if row.gain is None or row.gain.low <= 0 <= row.gain.high:
        return 0
    return 1 if row.gain.low > 0 else -1
