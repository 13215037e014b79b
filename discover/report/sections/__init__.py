"""Sections of the report: one file each, ordered by their `order`. The contract is in `base.py`."""
