"""How often faults are tried: few by default, `make faults` sets more by the environment."""

from __future__ import annotations

import os


def count(name: str, default: int) -> int:
    """The number that an environment variable sets, or else the default."""
    return int(os.environ.get(name, default))


MUTATIONS = count("DISCOVER_MUTATIONS", 60)  # of files of a workspace
KILLS = count("DISCOVER_KILLS", 24)  # kills and failing disks
