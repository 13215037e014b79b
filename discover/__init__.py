"""Unsupervised content discovery: what is like this and in what ways, what is this catalog about.

run = discover.run("catalog.csv", workspace="ws")
engine = discover.open("ws")
engine.similar("tt0114709"), engine.search("slow-burn Nordic crime"), engine.themes()
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"

__all__ = [
    "DiscoverError",
    "DiscoverNeighbors",
    "Engine",
    "Settings",
    "open",
    "rollback",
    "run",
    "verify",
    "versions",
]

_HOMES = {
    "DiscoverError": "errors",
    "DiscoverNeighbors": "neighbors",
    "Engine": "engine",
    "Settings": "settings",
    "open": "engine",
    "rollback": "store",
    "run": "job",
    "verify": "store",
    "versions": "store",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when used, so that `import discover` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'discover' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"discover.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
