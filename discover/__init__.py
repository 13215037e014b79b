"""Unsupervised content discovery: what is like this and in what ways, what is this catalog about.

run = discover.run("catalog.csv", workspace="ws")
engine = discover.open("ws")
engine.similar("tt0114709"), engine.search("a haunted house"), engine.themes()
"""

from typing import TYPE_CHECKING

from discover.core import __version__ as __version__
from discover.core.exports import lazy

if TYPE_CHECKING:
    from discover.core.errors import DiscoverError as DiscoverError
    from discover.core.settings import Settings as Settings
    from discover.engine.engine import Engine as Engine
    from discover.engine.engine import open as open  # noqa: A004  # as gzip.open: meant to be read with its module
    from discover.nightly.job import run as run
    from discover.store.versions import list_versions, verify_files
    from discover.store.versions import rollback as rollback
    from indexes.neighbors import DiscoverNeighbors as DiscoverNeighbors

    verify, versions = verify_files, list_versions

_EXPORTS = {
    "discover.core.errors": ("DiscoverError",),
    "discover.core.settings": ("Settings",),
    "discover.engine.engine": ("Engine", "open"),
    "discover.nightly.job": ("run",),
    "discover.store.versions": ("rollback", "verify_files as verify", "list_versions as versions"),
    "indexes.neighbors": ("DiscoverNeighbors",),
}

__getattr__, __dir__ = lazy(__name__, _EXPORTS)
__all__ = __dir__()
