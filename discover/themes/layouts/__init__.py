"""Layouts: one file per way of turning a weighted graph into coordinates. The contract is in `base.py`."""
