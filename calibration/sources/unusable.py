"""Why one row, clip or picture of a data set cannot be used."""

from deadpan.models.errors import DeadpanError


class Unusable(DeadpanError):
    """The reason, without file and row: whoever reads the row adds them and goes on with the next one."""
