"""What the figures were measured with."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "numpy", "faiss-cpu", "umap-learn", "hdbscan", "numba", "bertopic", "torch", "sentence-transformers",
    "transformers", "open-clip-torch", "usearch", "hnswlib",
)  # fmt: skip


def machine() -> dict[str, str]:
    """Processor, bf16, threads, load and versions, in words. Imports what it asks: call it in a process of its own."""
    import faiss
    import numba
    import torch

    import discover
    from discover.embeddings.encoders.base import find_precision

    bf16 = find_precision("auto", torch.device("cpu")) == torch.bfloat16
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = {
        "torch": torch.get_num_threads(),
        "FAISS": faiss.omp_get_max_threads(),
        "numba": numba.config.NUMBA_NUM_THREADS,
    }
    own = [
        f"{name}={value}" for name, value in os.environ.items() if re.match("OMP_|GOMP_|MKL_|OPENBLAS_|NUMBA_", name)
    ]
    return {
        "Processor": f"{_processor()}, {cores} cores, {'with' if bf16 else 'without'} bf16",
        "Load": f"{os.getloadavg()[0]:.1f} at the start",
        "Threads": ", ".join([*(f"{name} {count}" for name, count in threads.items()), *own]),
        "Versions": ", ".join(
            [f"discover {discover.__version__}", f"Python {platform.python_version()}", *map(_version, PACKAGES)]
        ),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE) if info.exists() else None
    return found.group(1) if found else platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"no {package}"
