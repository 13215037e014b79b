"""A spreadsheet read in a process of its own, with a limit on its memory.

The library that reads spreadsheets makes room for every cell between the first and the last one: a single stray cell at
XFD1048576 asks for hundreds of gigabytes, and the process is aborted. So another process is, and not the caller's.

    python -P -m discover.catalog.reading.apart CATALOG.xlsx TABLE.arrow
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from discover.catalog.reading import workbook
from discover.catalog.reading.base import Raw, cut_cells
from discover.core.errors import InputError

MEMORY_SHARE = 0.5  # of the machine's memory that reading may take ...
MAX_MEMORY = 8 << 30  # ... and never more than so many bytes
REFUSED = 3  # exit code where the file is at fault
ABOUT = b"about"  # key of what is not in the table's columns


def read(path: Path, max_field_bytes: int) -> Raw:
    """A spreadsheet as text cells, as `workbook.read` gives it, with long cells cut (see `cut_cells`).

    Raises InputError, also where memory does not do.
    """
    limit = _limit()
    with TemporaryDirectory(prefix="discover-") as folder:
        target = Path(folder) / "table.arrow"
        command = [sys.executable, "-P", "-m", __name__, str(path), str(target), str(limit), str(max_field_bytes)]
        paths = os.pathsep.join(entry for entry in sys.path if entry)
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(
            command, capture_output=True, env=os.environ | threads | {"PYTHONPATH": paths}, check=False
        )
        if done.returncode == REFUSED:
            raise InputError(done.stdout.decode(errors="replace").strip())
        if done.returncode:
            size = f"{limit / (1 << 30):.1f} GiB"
            raise InputError(
                f"{path}: reading needs more than {size} of memory, perhaps for a cell far from the others. "
                "Remove empty rows and columns, or save the table as CSV"
            )
        with pa.OSFile(str(target)) as file:
            table = pa.ipc.open_file(file).read_all()
    about = json.loads(table.schema.metadata[ABOUT])
    lines = np.asarray(about["lines"], dtype=np.int64)
    table = table.replace_schema_metadata(None)
    return Raw(table, lines, str(path), len(lines), warnings=tuple(about["warnings"]), folder=path.parent)


def _limit() -> int:
    """Bytes of memory that reading may take."""
    try:
        installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # a system that does not say
        return MAX_MEMORY
    return min(int(MEMORY_SHARE * installed), MAX_MEMORY)


def _serve(path: str, target: str, limit: str, max_field_bytes: str) -> int:
    """What the other process does."""
    if sys.platform != "win32":  # which has no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit)))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        raw = cut_cells(workbook.read(Path(path)), int(max_field_bytes))
    except InputError as error:
        sys.stdout.buffer.write(str(error).encode(errors="replace"))
        return REFUSED
    about = {"lines": raw.lines.tolist(), "warnings": raw.warnings}
    table = raw.table.replace_schema_metadata({ABOUT: json.dumps(about).encode()})
    with pa.OSFile(target, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    return 0


if __name__ == "__main__":
    sys.exit(_serve(*sys.argv[1:]))
