"""The page: one HTML file with everything in it, for people to read; no script, no link, no time stamp."""

import base64
import hashlib
from importlib.resources import files

from deadpan.calibration.tables import pictures, row, sections, verdict
from deadpan.calibration.tables.findings import Experiment
from deadpan.calibration.tables.layout import Figure


def render(found: Experiment) -> str:
    """The page on `found`; the same findings give the same bytes."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["picture"] = lambda svg: base64.b64encode(svg.encode()).decode()
    environment.tests["figure"] = lambda cell: isinstance(cell, Figure)
    template = environment.from_string((files("deadpan.calibration.tables") / "page.html.j2").read_text("utf-8"))
    rows = found.rows
    return template.render(
        found=found,
        style=(files("deadpan.calibration.report") / "page.css").read_text("utf-8"),
        subject=verdict.subject(rows),
        headline=verdict.headline(rows),
        beats=verdict.beats_random(rows),
        sentences=[*verdict.sentences(rows), *found.notes],
        facts=verdict.facts(rows),
        intervals=verdict.INTERVALS,
        sections=sections.of(found),
        drawings=pictures.of(found),
        digest=hashlib.sha256(row.write(rows).encode()).hexdigest(),
    )
