"""What callers may not read: where files lie on the machine of the service."""

from __future__ import annotations

import re
from pathlib import Path

# A path of this machine, in quotes (then with blanks) or without; an address such as http://host/path is none.
QUOTED = re.compile(r"""(?<=['"`])(?:/|[A-Za-z]:[\\/])[^'"`\n]*(?=['"`])""")
BARE = re.compile(r"""(?<![\w:/.'"`%-])(?:/|[A-Za-z]:[\\/])[^\s'"`:,;()\[\]]+""")


def without_folders(text: str, *folders: Path) -> str:
    """A message with the names of files and not the folders that they lie in; `folders` may have blanks in them."""
    for folder in sorted({str(folder.absolute()) for folder in folders}, key=len, reverse=True):
        text = text.replace(folder, Path(folder).name)
    return BARE.sub(_name, QUOTED.sub(_name, text))


def _name(match: re.Match[str]) -> str:
    return re.split(r"[\\/]", match[0].rstrip("\\/"))[-1]
