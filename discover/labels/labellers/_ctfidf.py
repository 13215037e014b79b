"""c-TF-IDF (Grootendorst 2022, "BERTopic: neural topic modeling with a class-based TF-IDF procedure").

The implementation is BERTopic's own. Its package imports umap, plotly, torch and transformers on the way (27 s on a
busy two-core machine, where scikit-learn takes 5), so the one file that is needed is loaded by its path.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

FILE = Path("vectorizers", "_ctfidf.py")  # inside the package `bertopic`


def weigh(counts: Any) -> Any:
    """The weight of each term for each class, float64 CSR, from counts (classes, terms) in CSR; its input is kept.

    Frequent words are damped: the square root of a term's share of its class takes the share's place.
    """
    if counts.shape[1] < 2 or counts.sum() < counts.shape[0]:
        return counts.astype(np.float64)  # BERTopic's fails on one term or none, and gives 0 for less than one a class
    transformer = _module().ClassTfidfTransformer(reduce_frequent_words=True)
    weights = transformer.fit(counts.astype(np.float64)).transform(counts.astype(np.float64)).tocsr()
    weights.sort_indices()  # a sparse product leaves them in any order
    return weights


@cache
def _module() -> ModuleType:
    """The module with ClassTfidfTransformer, without the package around it if the file is where it was."""
    package = importlib.util.find_spec("bertopic")  # finds it, does not import it
    for folder in (package.submodule_search_locations or ()) if package else ():
        spec = importlib.util.spec_from_file_location("discover.labels.labellers._bertopic", Path(folder) / FILE)
        if spec and spec.loader and (Path(folder) / FILE).is_file():
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    return importlib.import_module("bertopic.vectorizers")  # slow, and right wherever the file went
