"""A folder is a choice: a plug-in is a file in it, found by its name, that exports one class.

The class is a dataclass whose fields are the plug-in's settings, named as the file in CamelCase
(`encoders/sentence.py` -> `Sentence`). Adding one touches one file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from discover.core.errors import SettingsError
from discover.core.settings import build


def names(folder: ModuleType) -> list[str]:
    """The plug-ins of a folder, by name; `base` is the contract, and a leading underscore hides a helper."""
    modules = (module.name for module in pkgutil.iter_modules(folder.__path__))
    return sorted(name for name in modules if name != "base" and not name.startswith("_"))


def find(folder: ModuleType, name: str) -> Any:
    """The class of a plug-in. Raises SettingsError listing what is valid."""
    short = folder.__name__.rpartition(".")[2]
    if name not in names(folder):
        raise SettingsError(f"{short}: unknown choice {name!r}. Valid: {', '.join(names(folder))}")
    module = importlib.import_module(f"{folder.__name__}.{name}")
    return getattr(module, "".join(part.capitalize() for part in name.split("_")))


def load(folder: ModuleType, name: str, options: Mapping[str, Any] | None = None) -> Any:
    """An instance of the plug-in with these options. Raises SettingsError listing what is valid."""
    short = folder.__name__.rpartition(".")[2]
    return build(find(folder, name), options or {}, f"{short}.{name}")
