"""What can go wrong, and nothing else.

    ValueError
    └── VectorError     these vectors, queries, rows or this k cannot be used: the caller's data
    Exception
    ├── IndexDamaged    what lies in the folder is not what was saved: build the index again
    └── IndexMismatch   the folder is sound, but belongs to other vectors or a newer program

An unknown kind or an unknown parameter is a plain ValueError that lists the valid ones.
"""


class VectorError(ValueError):
    """Vectors, queries, allowed rows or k that no index can work with; names the first offending row."""


class IndexDamaged(Exception):
    """A saved index whose bytes changed, are cut short or are missing. It is never served."""


class IndexMismatch(Exception):
    """A sound saved index that does not belong to these vectors or to this version of the program."""
