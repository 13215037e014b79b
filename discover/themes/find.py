"""Vectors to themes: neighbour graph, null comparison, UMAP, HDBSCAN, a tree of levels.

UMAP's layout differs from seed to seed, and a partition of one layout with it. So several layouts are made and
clustered side by side: items are near if they are near in all of them. Of that hierarchy the levels are cut (see
`levels`).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from discover.core.settings import ThemeSettings
from discover.core.types import Graph, Themes
from discover.themes import cluster_tendency, layout, levels
from discover.themes.go_on import Last, go_on


def find_themes(graph: Graph, settings: ThemeSettings, last: Last | None = None) -> Themes:
    """The themes of the graph's items, at two levels, or none, with the reason. Same input, same bits.

    With the `last` run, and few items that came or went since, they go on from its themes (see `go_on`).
    """
    count = len(graph.unique)
    if last and count >= layout.MIN_ITEMS and last.themes.levels and last.goes_on(graph):
        themes = go_on(graph, settings, last)
        if themes.levels:  # else nothing is left of the old themes, and others may be there
            return themes
    tendency = cluster_tendency.measure(graph.vectors, settings.significance, settings.seed)
    if count < layout.MIN_ITEMS:
        weights = sparse.csr_array((count, count), dtype=np.float32)
        layouts = [layout.principal_components(graph.vectors, min(settings.components, count))]
        flat = layout.principal_components(graph.vectors, 2)
    else:
        weights = layout.fuzzy_graph(graph, settings.seed)
        flat = layout.lay_out(graph, weights, 2, layout.MAP_DISTANCE, settings)
        layouts = [flat]
        if tendency.clustered:
            several = layout.vary_seed(settings)
            layouts = [layout.lay_out(graph, weights, settings.components, 0.0, varied) for varied in several]
    return levels.find_levels(levels.Items(graph, weights.tocoo(), tendency), flat, layouts, settings)
