"""Tests, in the rooms of what they test. One thread a process, as pytest-xdist runs one process a core."""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before anything reads it; also for the processes that tests start
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
