"""Weights from the local cache, or from the model hub if it is there.

That is asked before anything is fetched: the hub's own clients retry for a minute, loudly, when there is no network.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from discover.core.errors import ModelError

HUB_TIMEOUT_SECONDS = 3.0  # seconds


def fetch(cached: Path | None, download: Callable[[], str], missing: Callable[[str], ModelError]) -> Path:
    """The cached file or folder, or what `download` gives; otherwise raises `missing(why)`."""
    if cached is not None:
        return cached
    if not reachable():
        raise missing("the local cache does not hold it and the hub cannot be reached")
    try:
        return Path(download())
    except Exception as error:  # errors of the hub, the network and the disk, of several libraries
        raise missing(f"the hub answered with {type(error).__name__}") from error


def reachable() -> bool:
    """Whether the hub answers. Behind a proxy only a try can tell, so that counts as yes."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    if any(os.environ.get(name) for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")):
        return True
    address = urlsplit(constants.ENDPOINT)
    try:
        socket.create_connection((address.hostname, address.port or 443), timeout=HUB_TIMEOUT_SECONDS).close()
    except OSError:
        return False
    return True
