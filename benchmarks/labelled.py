"""Themes beside known labels: ours, BERTopic's, EVoC's and k-means', from the same embeddings.

python -m benchmarks.labelled [--data ../shared/data] [--results bench-results] [--seeds 3]

bbc_news (5 topics) and banking77 (77 intents). Only the text column is encoded; the labels are for scoring. The files
are sorted by label, so their rows are shuffled first, with a fixed seed: some methods depend on the order of rows and
profit from that one (HDBSCAN on umap-learn's layout of bbc_news: adjusted Rand index .80 sorted, .55 to .69 shuffled).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.inputs import Encoded, encoded
from benchmarks.measuring import Timed, interleaved, last_line, module, seconds
from benchmarks.table import WIDTH

SETS = {"bbc_news": ("text", "topic"), "banking77": ("text", "category")}  # columns of texts and labels
ORDER = 1  # seed of the shuffle
NOTE = """All items count, outliers as one group. ARI: adjusted Rand index with the labels, the mean of {seeds} runs
with other seeds; best: of each run's best level. NMI: normalised mutual information. Stable: mean ARI between the runs.
Seconds: a fresh process from embeddings to members, imports and compilation included, numba's cache as earlier runs
left it; the median of the runs, in which all take turns. Ours: defaults, the broad level. BERTopic: defaults, given the
embeddings; it takes no seed, and its time includes naming. EVoC: defaults, the layer it chooses. k-means is told the
true number."""


def ours(vectors: Any, texts: list[str], truth: int, seed: int) -> list[Any]:
    from discover.core.settings import ThemeSettings
    from discover.themes.find import find_themes
    from discover.themes.neighbours import build_graph

    settings = ThemeSettings() if not seed else ThemeSettings(seed=seed)
    return [level.members for level in find_themes(build_graph(vectors, settings), settings).levels]


def bertopic(vectors: Any, texts: list[str], truth: int, seed: int) -> list[Any]:
    from bertopic import BERTopic

    return [BERTopic().fit(texts, vectors).topics_]


def evoc(vectors: Any, texts: list[str], truth: int, seed: int) -> list[Any]:
    from evoc import EVoC

    model = EVoC(random_state=seed).fit(vectors)
    return [model.labels_, *model.cluster_layers_]


def kmeans(vectors: Any, texts: list[str], truth: int, seed: int) -> list[Any]:
    from sklearn.cluster import KMeans

    return [KMeans(truth, random_state=seed).fit_predict(vectors)]


WAYS = {"ours": ours, "BERTopic": bertopic, "EVoC": evoc, "k-means": kmeans}


def job(way: str, vectors: str, texts: str, truth: str, seed: str) -> list[list[int]]:
    """The partitions that a fresh process makes: first the one that the method gives, then what else there is."""
    found = WAYS[way](np.load(vectors), json.loads(Path(texts).read_text()), int(truth), int(seed))
    return [np.asarray(members).tolist() for members in found]


def measured(results: Path, source: Path, columns: tuple[str, str], seeds: int) -> list[list[Any]]:
    """One line of figures for each method."""
    import pyarrow.parquet as pq

    text, label = columns
    files = encoded(results, source, column=text)
    vectors, texts = np.load(files.vectors), json.loads(files.texts.read_text())
    order = np.random.default_rng(ORDER).permutation(len(texts))
    labels = pq.read_table(source, columns=[label]).column(label).to_numpy()[order]
    names, truth = np.unique(labels, return_inverse=True)
    with tempfile.TemporaryDirectory() as folder:
        shuffled = Encoded(Path(folder, "vectors.npy"), Path(folder, "texts.json"))
        np.save(shuffled.vectors, vectors[order])
        shuffled.texts.write_text(json.dumps([texts[row] for row in order]))
        given = str(shuffled.vectors), str(shuffled.texts), str(len(names))
        runs: dict[str, list[Timed]] = {way: [] for way in WAYS if way != "EVoC" or find_spec("evoc")}
        for seed in range(seeds):
            again = {way: partial(module, "benchmarks.labelled", "--job", way, *given, str(seed)) for way in runs}
            for way, (run,) in interleaved(again, 1).items():
                runs[way].append(Timed(run.seconds, last_line(run.outcome)))
                shown = figures(runs[way][-1:], truth)
                print(f"{source.stem}, seed {seed}, {way}:", *shown, file=sys.stderr, flush=True)
    return [[source.stem, way, *figures(each, truth)] for way, each in runs.items()]


def figures(runs: Sequence[Timed], truth: Any) -> list[Any]:
    """Of one method's runs with other seeds: what the table shows of them."""
    from sklearn.metrics import adjusted_rand_score as ari
    from sklearn.metrics import normalized_mutual_info_score as nmi

    levels = [[np.array(level) for level in run.outcome] or [np.full(len(truth), -1)] for run in runs]
    own = [each[0] for each in levels]
    return [
        " ".join(str(each.max() + 1) for each in own),
        np.mean([(each < 0).mean() for each in own]),
        np.mean([ari(truth, each) for each in own]),
        np.mean([max(ari(truth, level) for level in each) for each in levels]),
        np.mean([nmi(truth, each) for each in own]),
        np.mean([ari(*pair) for pair in combinations(own, 2)]) if len(own) > 1 else np.nan,
        seconds(runs),
    ]


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.labelled", description=__doc__)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"{', '.join(SETS)}; default all")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--results", type=Path, default=Path("bench-results"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--job", nargs=5, help=argparse.SUPPRESS)  # what the fresh processes are started with
    given = parser.parse_args()
    if given.job:
        print(json.dumps(job(*given.job)))
        return 0
    if unknown := set(given.sets) - set(SETS):
        parser.error(f"no set {' and no '.join(unknown)}; the sets are {', '.join(SETS)}")
    sources = {given.data / f"{name}.parquet": SETS[name] for name in given.sets or SETS}
    missing = [str(source) for source in sources if not source.exists()]
    if missing:
        print(f"no {' and no '.join(missing)}; --data names the folder of labelled sets", file=sys.stderr)
        return 1
    if not find_spec("evoc"):
        print("left out: EVoC; pip install evoc", file=sys.stderr)
    table = Table("", "", "themes", "outliers", "ARI", "best", "NMI", "stable", "seconds", box=SIMPLE_HEAD)
    for source, columns in sources.items():
        for name, way, themes, *values, wall in measured(given.results, source, columns, given.seeds):
            table.add_row(name, way, themes, *(f"{value:.3f}" for value in values), f"{wall:.1f}")
    console = Console(width=WIDTH)
    console.print(table)
    console.print(Text(" ".join(NOTE.format(seeds=given.seeds).split())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
