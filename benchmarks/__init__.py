"""Measurements in one table, peers in the same run: `python -m benchmarks [a b c d e]`, see README.md here.

A part is a file with one function, `measured(setup) -> Part`. `layout.py` stands alone: it compares two ways of ours.
"""
