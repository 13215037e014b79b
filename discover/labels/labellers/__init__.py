"""Labellers: one file per way of finding words for a theme. The contract is in `base.py`."""
