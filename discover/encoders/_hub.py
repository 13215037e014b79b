"""Is the model hub there? Asked before anything is fetched: its own clients retry for a minute, loudly."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlsplit

PATIENCE = 3.0  # seconds


def reachable() -> bool:
    """Whether the hub answers. Behind a proxy only a try can tell, so that counts as yes."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    if any(os.environ.get(name) for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")):
        return True
    address = urlsplit(constants.ENDPOINT)
    try:
        socket.create_connection((address.hostname, address.port or 443), timeout=PATIENCE).close()
    except OSError:
        return False
    return True
