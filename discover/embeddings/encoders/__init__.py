"""Encoders: one file per way of turning items into unit vectors. The contract is in `base.py`."""
