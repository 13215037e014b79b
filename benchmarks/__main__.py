"""All benchmarks, one after the other: `python -m benchmarks [--data FOLDER]`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path


def main(data: Path) -> int:
    here = data.exists()
    given = ["--data", str(data)] if here else []
    vectors = ["--vectors", "bench-results/pypi.npy"] if Path("bench-results/pypi.npy").exists() else []
    jobs = [["encoding", *given], ["rerun", *given], ["indexes", *vectors]]
    jobs += [["themes", *given]] if here else []
    codes = [subprocess.call([sys.executable, "-m", f"benchmarks.{name}", *rest]) for name, *rest in jobs]
    return max(codes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    sys.exit(main(parser.parse_args().data))
