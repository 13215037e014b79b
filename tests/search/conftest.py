"""A crowd that is searched in."""

import numpy as np
import pytest

from discover.search import cohort, index
from discover.testing import blobs, noise
from tests.search.spaces import worlds


@pytest.fixture(scope="session")
def crowd():
    """2,400 items with vectors, words and facts of 60 planted groups, and as many without any order."""
    vectors, truth = blobs(themes=60, each=20, dimension=32, spread=0.15)
    random = np.random.default_rng(1)
    words = [f"word{number}" for number in range(900)]
    rows = []
    for number in range(2_400):
        group = int(truth[number]) if number < 1_200 else None
        own = [words[15 * group + i] for i in random.integers(0, 15, 6)] if group is not None else []
        tags = [f"tag {group % 20}", f"tag {20 + group // 3}"] if group is not None else []
        rows.append(
            {
                "id": str(number),
                "description": " ".join([*own, *random.choice(words, 6)]),
                "genres": [*tags, f"tag {random.integers(0, 60)}"],
                "kind": ["Film", "Series"][random.integers(0, 2)],
            }
        )
    spaces = worlds.spaces(rows)
    made = np.vstack([vectors, noise(1_200, 32)])
    spaces["text"] = worlds.over(made, np.arange(2_400), 2_400, kind="hnsw")
    return index.SearchIndex(spaces, cohort.measure(spaces, 2_400), 2_400)
