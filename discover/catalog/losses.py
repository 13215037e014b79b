"""How much of a table was set aside: a tenth is worth saying first, and a table mostly set aside is no success."""

from __future__ import annotations

from discover.core.errors import InputError
from discover.core.words import plural

WORTH_SAYING = 0.1  # of the rows
TOO_MANY = 0.5  # of the rows: more means that the table, or the way it is read, is wrong


def check(source: str, lost: int, total: int, why: str, allowed: bool, serious: int | None = None) -> tuple[str, ...]:
    """The sentence to say first about rows of a table that were set aside, if they are many.

    `serious` are those that may stop the run, by default all of them. Raises InputError for more than half, unless
    they are `allowed`.
    """
    if lost <= WORTH_SAYING * total:
        return ()
    message = f"{lost:,} of {plural(total, 'row')} {'was' if lost == 1 else 'were'} set aside. {why}"
    if (lost if serious is None else serious) > TOO_MANY * total and not allowed:
        raise InputError(f"{source}: {message}. Correct the table, or use the rest with --allow-rejects")
    return (message,)
