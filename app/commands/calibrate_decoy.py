"""`deadpan calibrate decoy`: learns the decoy's motion and says whether it is worth more than random motion."""

import importlib.util
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deadpan.app.commands.options import (
    DEFAULT_PLAN,
    JsonFile,
    PlanName,
    printable,
    refuse_overwriting,
    write_json,
)
from deadpan.app.commands.outputs import check_place
from deadpan.app.commands.progress import progress
from deadpan.app.commands.stopping import stoppable
from deadpan.models import fetch, folds
from deadpan.models import maps as motion_maps
from deadpan.models.errors import DeadpanError
from deadpan.models.training import recipes
from deadpan.stickers import basis as bases
from deadpan.stickers import plan as plans

if TYPE_CHECKING:
    from deadpan.calibration.decoy.judge import Learned

TEACHERS = ("motion", "motion-large")
NEEDED = ("torch", "onnx")
DECIMALS = 3
"""Of a field's numbers, which are about 1: more than the skin shows."""


@stoppable()
def decoy(
    data: Annotated[Path, typer.Option(help="Motion maps (mer_flow.npz).", metavar="FILE")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the plan.")] = Path("plan.json"),
    plan: PlanName = DEFAULT_PLAN,
    recognizers: Annotated[
        list[str] | None,
        typer.Option(
            "--recognizer",
            help="A recipe of `deadpan train` to learn from; given twice or more.",
            show_default=", ".join(TEACHERS),
        ),
    ] = None,
    count: Annotated[
        int,
        typer.Option(
            help="Fields to mix: fewer confuse more, and are easier to take off.", min=bases.FEWEST, max=bases.MOST
        ),
    ] = bases.FEWEST,
    steps: Annotated[int, typer.Option(help="Of learning.", min=1, max=100_000)] = 300,
    seed: Annotated[int, typer.Option(help="Of all that is drawn at random.", min=0)] = 0,
    json: JsonFile = None,
) -> None:
    """Learn a decoy: a few smooth motions whose random mixtures confuse recognizers; written into the plan.

    Recognizers are trained on the way, on the very people that it is learned from. It is judged on other people, by a
    recognizer that had no part in it, beside random motion as strong. Takes minutes.
    """
    names = tuple(recognizers or TEACHERS)
    for name in names:
        recipes.find(name)
    for option, path in (("-o", output), ("--json", json)):
        check_place(option, path)
    refuse_overwriting(data, {"-o": output, "--json": json})
    followed = plans.load(plan)
    maps = motion_maps.load(data)
    missing = [package for package in NEEDED if importlib.util.find_spec(package) is None]
    if missing:
        raise DeadpanError(f"learning needs {' and '.join(missing)}; {folds.EXTRA}")
    from deadpan.calibration.decoy.judge import learned

    with progress() as told:
        found = learned(maps, names, count=count, steps=steps, seed=seed, told=told)
    origin = plan if plan in plans.built_in() else Path(plan).name
    words = ["deadpan", "calibrate", "decoy", "--data", data.name, "--plan", origin]
    words += [word for name in names for word in ("--recognizer", name)]
    words += ["--count", str(count), "--steps", str(steps), "--seed", str(seed)]
    made = basis(found, maps, seed, printable(shlex.join(words)))
    whole = followed.model_copy(update={"name": printable(output.stem)[:100], "decoy": made})
    text = whole.model_dump_json(indent=1) + "\n"
    plans.parse(text, str(output))  # what nobody could follow is not written
    fetch.store(output, text.encode())
    record: dict[str, object] = {"verdict": found.words, "beats_random": found.beats_random, "people": found.people}
    write_json(json, record | {"uf1": asdict(found.uf1), "judged": [asdict(each) for each in found.judged]})
    print(table(found))
    print(found.words)
    print(f"plan: {output}")
    print(f"try it: deadpan run --protection decoy --plan {shlex.quote(str(output))}")


def basis(found: "Learned", maps: motion_maps.Maps, seed: int, command: str) -> bases.Basis:
    """What was learned, in the plan's own terms."""
    from deadpan.calibration.planning import measured

    fields = found.fields.round(DECIMALS) + 0.0  # no −0
    return bases.Basis.model_validate(
        {
            "fields": tuple(tuple(tuple(tuple(map(float, at)) for at in row) for row in each) for each in fields),
            "verdict": found.words,
            "beats_random": found.beats_random,
            "elsewhere": tuple(
                bases.Elsewhere(
                    bound=each.bound,
                    attack=measured(each.attack),
                    random=measured(each.random),
                    against_random=measured(each.against_random),
                    known=measured(each.known),
                )
                for each in found.judged
            ),
            "maps_sha256": maps.sha256,
            "people": found.people,
            "seed": seed,
            "command": command,
        }
    )


def table(found: "Learned") -> str:
    """The judged bounds as Markdown: of the right labels, how many are lost."""
    heads = [
        "decoy, at most",
        "learned",
        "random motion",
        "difference",
        "learned, known and taken off",
        "UF1",
        "random",
    ]
    lines = [heads, ["---"] * len(heads)]
    for each in found.judged:
        told = (each.attack, each.random, each.against_random.points, each.known)
        uf1s = (f"{uf1.value:.2f}" for uf1 in (each.uf1, each.uf1_random))
        lines.append([f"{each.bound:.2%}", *map(str, told), *uf1s])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
