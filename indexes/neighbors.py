"""The indexes as a scikit-learn estimator: nearest neighbours by cosine, over any vectors."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

import indexes


class DiscoverNeighbors(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Like `sklearn.neighbors.NearestNeighbors` with `metric="cosine"`, by one of the kinds of `indexes`.

    Parameters: `n_neighbors`, how many by default; `kind`, one of `indexes.kinds()` or None to choose by size, with
    its `parameters`; `metric`, which can only be "cosine". Distances are 1 - cosine, in [0, 2]; "flat" is exact,
    other kinds may miss some neighbours, and what they find has its exact distance. Equal distances come in the order
    of the samples. There is no search by radius.

    Fitted: `index_` (the `indexes.VectorIndex`), `n_samples_fit_`, `n_features_in_`, and `feature_names_in_` where
    the columns had names. A row of zeros has no direction and is refused with a ValueError that names it.
    """

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        kind: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        metric: str = "cosine",
    ) -> None:
        self.n_neighbors = n_neighbors
        self.kind = kind
        self.parameters = parameters
        self.metric = metric

    def fit(self, X: ArrayLike, y: None = None) -> Self:
        """Index the samples, (n, d). Raises ValueError for what no index can hold, or an unknown kind."""
        if self.metric != "cosine":
            raise ValueError(f"metric must be 'cosine', got {self.metric!r}")
        _count(self.n_neighbors)
        vectors = validate_data(self, X, dtype=(np.float64, np.float32))
        self.index_ = indexes.build(vectors, self.kind, **(self.parameters or {}))
        self.n_samples_fit_ = len(self.index_)
        return self

    def kneighbors(
        self, X: ArrayLike | None = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]] | NDArray[np.int64]:
        """The nearest samples of each row of X, nearest first: distances (m, k) and positions (m, k).

        Without X those of the samples that were fitted, none being its own neighbour.
        """
        check_is_fitted(self)
        count = _count(self.n_neighbors if n_neighbors is None else n_neighbors)
        available = self.n_samples_fit_ - (X is None)
        if count > available:
            raise ValueError(
                f"Expected n_neighbors <= n_samples_fit, but n_neighbors = {count}, n_samples_fit = {available}"
                + (" without the sample itself" if X is None else "")
            )
        if X is None:
            found = self.index_.search(self.index_.vectors, count + 1)
            rows, scores = _without_itself(found.rows, found.scores)
        else:
            found = self.index_.search(validate_data(self, X, dtype=(np.float64, np.float32), reset=False), count)
            rows, scores = found.rows.copy(), found.scores
        return (1 - scores, rows) if return_distance else rows

    def kneighbors_graph(
        self, X: ArrayLike | None = None, n_neighbors: int | None = None, mode: str = "connectivity"
    ) -> sparse.csr_matrix:
        """The same as a sparse matrix (m, n): 1 for each neighbour, or its distance with mode "distance"."""
        if mode not in ("connectivity", "distance"):
            raise ValueError(f"mode must be 'connectivity' or 'distance', got {mode!r}")
        distances, rows = self.kneighbors(X, n_neighbors)
        values = np.ones(rows.size) if mode == "connectivity" else distances.ravel()
        starts = np.arange(0, rows.size + 1, rows.shape[1])
        return sparse.csr_matrix((values, rows.ravel(), starts), shape=(len(rows), self.n_samples_fit_))


def _count(given: Any) -> int:
    if not isinstance(given, Integral) or isinstance(given, bool) or given < 1:
        raise ValueError(f"n_neighbors must be a whole number of at least 1, got {given!r}")
    return int(given)


def _without_itself(
    rows: NDArray[np.int64], scores: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Each line without its own row, or without its last where copies of the row have crowded it out."""
    itself = rows == np.arange(len(rows))[:, None]
    itself[~itself.any(axis=1), -1] = True
    shape = (len(rows), rows.shape[1] - 1)
    return rows[~itself].reshape(shape), scores[~itself].reshape(shape)
