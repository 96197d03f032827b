"""The same figures as Markdown, for a repository: words and tables, no pictures."""

from deadpan.calibration.tables import sections, verdict
from deadpan.calibration.tables.findings import Experiment
from deadpan.calibration.tables.layout import Cell, Figure, Table


def render(found: Experiment) -> str:
    """The report on `found`; the same findings give the same bytes."""
    lines = [f"# {verdict.subject(found.rows)}", "", verdict.headline(found.rows), ""]
    lines += ["```", found.command, "```", ""]
    lines += [f"- {each}" for each in (*verdict.sentences(found.rows), *found.notes)]
    for section in sections.of(found):
        lines += ["", f"## {section.title}", ""]
        for words in section.words:
            lines += [words, ""]
        for table in section.tables:
            lines += _table(table)
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    seeds = ", ".join(str(each) for each in sorted({row.seed for row in found.rows}))
    lines += ["", f"Seed {seeds}. {versions}."]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _table(table: Table) -> list[str]:
    lines = [f"### {table.title}", ""] if table.title else []
    lines += [table.caption, "", _line(table.heads)]
    lines.append(f"|{'|'.join('---' if each < table.labels else '---:' for each in range(len(table.heads)))}|")
    return [*lines, *(_line(row) for row in table.rows), ""]


def _line(cells: tuple[Cell, ...]) -> str:
    said = [_text(each).replace("|", "\\|") for each in cells]
    return f"| {' | '.join(said)} |"


def _text(cell: Cell) -> str:
    return f"{cell.value} [{cell.interval.replace(' to ', ', ')}]" if isinstance(cell, Figure) else cell
