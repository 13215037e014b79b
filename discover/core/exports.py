"""Public names of a package, imported when they are used, so that importing the package costs nothing (PEP 562)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def lazy(package: str, exports: Mapping[str, Sequence[str]]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package that exports names from modules: module -> names.

    "verify_files as verify" exports a function of the module under another name.
    """
    homes = {}
    for module, names in exports.items():
        for name in names:
            inside, _, outside = name.partition(" as ")
            homes[outside or inside] = module, inside

    def attribute(name: str) -> Any:
        """The exported name, imported now. Raises AttributeError."""
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, inside = homes[name]
        return getattr(importlib.import_module(module), inside)

    return attribute, lambda: sorted(homes)
