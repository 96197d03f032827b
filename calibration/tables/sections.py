"""The page's parts in order."""

from deadpan.calibration.tables import across, attack, regions
from deadpan.calibration.tables.findings import Experiment
from deadpan.calibration.tables.layout import Section


def of(found: Experiment) -> list[Section]:
    """Every part that has something to show."""
    rows = found.rows
    parts = [attack.table_1(rows), attack.table_2(rows), attack.table_3(rows)]
    parts += [regions.fig_4(rows), regions.fig_5(found.winners), across.transfer(rows, found.winners), across.uap(rows)]
    parts += [across.fig_1(found.shift)]
    return [each for each in parts if each.tables]
