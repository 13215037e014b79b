"""c-TF-IDF (Grootendorst 2022, "BERTopic: neural topic modeling with a class-based TF-IDF procedure").

Equal to BERTopic's `ClassTfidfTransformer(reduce_frequent_words=True)`, which the tests hold it against.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def weigh(counts: Any) -> Any:
    """The weight of each term for each class, float64 CSR with the entries of counts (classes, terms), CSR too.

    weight = sqrt(count / terms of the class) * log(1 + mean / count over all classes), where mean is how many terms a
    class has on average, rounded down. The square root damps frequent words. Where the mean is below one term, which
    would give only zeros, the counts themselves are the weights.
    """
    weights = counts.astype(np.float64)
    totals, often = (np.maximum(np.asarray(counts.sum(axis=axis)).ravel(), 1) for axis in (1, 0))  # 1: of no entry
    mean = int(counts.sum() / counts.shape[0])
    if mean:
        shares = weights.data / np.repeat(totals, np.diff(counts.indptr))
        weights.data = np.sqrt(shares) * np.log(mean / often + 1)[counts.indices]
    return weights
