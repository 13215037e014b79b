"""Every failure that a user can meet, as one tree.

    DiscoverError                    exit code
    ├── UsageError                       2      a call that makes no sense: unknown option, k = 0
    │   ├── SettingsError                2      discover.toml: unknown key, wrong type, value out of range
    │   └── UnknownThemeError            2      no theme with this id in this version
    ├── InputError                       3      a catalog, picture or query that cannot be used
    │   └── UnknownItemError             3      no item with this id or title (suggests near ones)
    ├── WorkspaceError                   4      damaged, incompatible or empty workspace
    │   └── OtherSoftwareError           4      a report that this discover cannot judge, as another one wrote it
    ├── BusyError                        5      another run holds the workspace
    ├── DiskError                        6      no space, no permission, a device that fails
    │   └── NotDurableError              6      a file was replaced, but the device does not confirm that it will stay
    ├── ModelError                       7      weights not on this machine, wrong digest, remote that fails
    ├── OutOfMemoryError                 8      the machine has too little memory for what was asked
    └── CancelledError                   1      work that was given up, as nobody waits for it

Messages are one line: what happened, where (file, row, column), what to do.
Errors of libraries are raised again as one of these, `from` the original.
"""

from __future__ import annotations

from typing import ClassVar


class DiscoverError(Exception):
    """Base of all errors that `discover` raises on purpose; `exit_code` is what the command line returns."""

    exit_code: ClassVar[int] = 1


class UsageError(DiscoverError):
    """The call makes no sense as written."""

    exit_code = 2


class SettingsError(UsageError):
    """`discover.toml` or a settings object holds something that is not understood."""


class UnknownThemeError(UsageError):
    """No theme has this id in this version."""


class InputError(DiscoverError):
    """A catalog, picture or query cannot be used."""

    exit_code = 3


class UnknownItemError(InputError):
    """No item has this id or title."""


class WorkspaceError(DiscoverError):
    """The workspace is empty, damaged, or written by an incompatible version or model."""

    exit_code = 4


class OtherSoftwareError(WorkspaceError):
    """A report differs from its version, and another version of discover wrote it: which of the two is why, is open."""


class BusyError(DiscoverError):
    """Another process is writing to this workspace."""

    exit_code = 5


class DiskError(DiscoverError):
    """The file system refused: full, read-only, failing."""

    exit_code = 6


class NotDurableError(DiskError):
    """A file is there as it was asked for, but the device refused to confirm it: a power cut may bring back the old."""


class ModelError(DiscoverError):
    """A model's weights are missing, wrong or refuse to load."""

    exit_code = 7


class OutOfMemoryError(DiscoverError):
    """There is too little memory for what was asked."""

    exit_code = 8


class CancelledError(DiscoverError):
    """The work was given up, as nobody waits for it any more (see `core.cancel`)."""
