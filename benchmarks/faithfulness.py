"""Does the evidence that an explanation names carry the score? It is taken out of the item, and the item scored again.

python -m benchmarks.faithfulness [--workspace DIR] [--items 60] [--answers 5]
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import sparse

import discover
from benchmarks.table import show
from discover.core.settings import DEFAULT_WORKSPACE, SEED
from discover.core.tokens import TOKEN, normal
from discover.core.types import Explanation
from discover.search import cohort, rank
from discover.search.sentences import split
from discover.search.spaces import lexical as words
from discover.search.spaces._sparse import unit_rows
from discover.search.spaces.lexical import Lexical
from discover.search.spaces.metadata import Metadata, MetadataQuery

LISTS = ("genres", "keywords", "people")  # roles that count the same
WORDS = 3  # taken out together, at most
DRAWS = 2_000  # of the bootstrap
INCLUDES = """How much the score of an answer falls, in standard deviations of unrelated pairs, when the named evidence
is taken out of it (its first sentence, words or value), and when as much is taken out at random that was not named
("comprehensiveness": DeYoung et al. (2020), "ERASER"). The changed item is encoded and scored from its text up, in
every space and with a background of its own. In brackets 95 % of a bootstrap over the pairs."""
Changes = Mapping[str, Any]  # role -> its new cell


@dataclass(frozen=True)
class Removal:
    """A pair of rows, and the second without what was named and without something else."""

    kind: str
    asked: int
    row: int
    named: Changes
    other: Changes


@dataclass(frozen=True)
class Fall:
    """How much the scores of m pairs fell."""

    named: Any  # (m,)
    other: Any  # (m,)

    def difference(self) -> tuple[float, float, float]:
        """Mean of named less other, and the ends of its 95 % interval."""
        apart = self.named - self.other
        random = np.random.default_rng(SEED)
        means = [random.choice(apart, len(apart)).mean() for _ in range(DRAWS)]
        return float(apart.mean()), *(float(end) for end in np.quantile(means, (0.025, 0.975)))


def measure(engine: Any, items: int, answers: int, seed: int = SEED) -> dict[str, Fall]:
    """By kind of evidence: the falls over the first answers for random items."""
    random = np.random.default_rng(seed)
    some = random.choice(len(engine.catalog), min(items, len(engine.catalog)), replace=False)
    explained = [
        match.explanation for row in some for match in engine.similar(engine.catalog.ids[row], k=answers, explain=True)
    ]
    removals = [removal for each in explained for removal in _removals(engine, each, random)]
    pairs = [(removal.asked, removal.row) for removal in removals]
    before = _scores(engine, pairs, [{} for _ in removals])
    named = before - _scores(engine, pairs, [removal.named for removal in removals])
    other = before - _scores(engine, pairs, [removal.other for removal in removals])
    kinds = np.array([removal.kind for removal in removals])
    return {str(kind): Fall(named[kinds == kind], other[kinds == kind]) for kind in dict.fromkeys(kinds)}


def _removals(engine: Any, explanation: Explanation, random: Any) -> list[Removal]:
    """What can be taken out of b such that as much is left to take out at random."""
    catalog = engine.catalog
    asked, row = (catalog.ids.index(id) for id in (explanation.a, explanation.b))
    cells = {role: catalog.table.column(role)[row].as_py() for role in ("title", "description")}
    found = []
    sentences = split(cells["description"])
    own = [each for each in explanation.evidence if each.kind == "sentence" and each.item == explanation.b]
    if own and len(sentences) > 1:
        first = [sentence.strip() for sentence in sentences].index(own[0].text)
        rest = [i for i in range(len(sentences)) if i != first]
        length = len(sentences[first].split())
        other = min(random.permutation(rest), key=lambda i: abs(len(sentences[i].split()) - length))
        left = [{"description": "".join(s for i, s in enumerate(sentences) if i != out)} for out in (first, int(other))]
        found.append(Removal("sentence", asked, row, *left))
    shared = [each.text for each in explanation.evidence if each.kind == "word"]
    mine = [word for word in dict.fromkeys(words.tokens(" ".join(cells.values()))) if word not in shared]
    named = [word for word in shared if word in words.tokens(" ".join(cells.values()))][:WORDS]
    if named and len(mine) >= len(named):
        drawn = random.choice(mine, len(named), replace=False).tolist()
        left = [{role: _cut(text, out) for role, text in cells.items()} for out in (named, drawn)]
        found.append(Removal("words", asked, row, *left))
    values = [each for each in explanation.evidence if each.kind == "value" and each.role in LISTS]
    lists = {role: catalog.table.column(role)[row].as_py() for role in LISTS}
    said = {each.text.casefold() for each in values}
    rest = [(role, value) for role, cell in lists.items() for value in cell if value.casefold() not in said]
    if values and rest:
        out = [(values[0].role, values[0].text), rest[random.integers(len(rest))]]
        left = [{role: [each for each in lists[role] if each.casefold() != value.casefold()]} for role, value in out]
        found.append(Removal("value", asked, row, *left))
    return found


def _cut(text: str, out: Sequence[str]) -> str:
    return " ".join(re.sub(TOKEN, lambda found: "" if normal(found.group()) in out else found.group(), text).split())


def _scores(engine: Any, pairs: Sequence[tuple[int, int]], changes: Sequence[Changes]) -> Any:
    """(m,): the score of each pair's first row and of its second row as changed."""
    search_index, rows = engine._run.search_index, [row for _, row in pairs]
    changed = _changed(engine.catalog, rows, changes)
    queries: dict[str, Any] = {}
    for name, space in search_index.spaces.items():
        space_query = space.items(np.array(rows, dtype=np.int64))
        if name == "text":
            inputs = engine._models.encoder(name).inputs(changed)
            kept = [i for i, text in enumerate(inputs) if text is not None]
            space_query = np.full_like(space_query, np.nan)
            space_query[kept] = engine._models.encoder(name).encode([inputs[i] for i in kept]).vectors
        elif isinstance(space, Lexical):
            left = [set(words.tokens(text)) for text in words.texts(changed)]
            space_query = _kept(space_query, space.words, left)
        elif isinstance(space, Metadata):
            fields = {}
            for role, values in space.fields.items():
                cells = changed.column(role)
                has = [{value.casefold() for value in ([cell] if isinstance(cell, str) else cell)} for cell in cells]
                fields[role] = _kept(space_query.fields[role], [value.casefold() for value in values.names], has)
            space_query = MetadataQuery(fields, space_query.years)
        queries[name] = space_query
    stats = {
        name: cohort.measure_queries(search_index.spaces[name], space_query, search_index.cohort)
        for name, space_query in queries.items()
    }
    asked = np.array([asked for asked, _ in pairs], dtype=np.int64)
    different, place = np.unique(asked, return_inverse=True)
    query = rank.Query([rank.QueryTerm(queries, stats, row=-1)], engine.weights)
    ((_, scores, _),) = rank.score_terms(search_index, query, different)
    return scores.total[np.arange(len(pairs)), place]


def _kept(matrix: Any, names: Sequence[str], left: Sequence[set[str]]) -> Any:
    """Rows with only the features that are left, of unit length again."""
    owners = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    kept = [names[column] in left[owner] for owner, column in zip(owners, matrix.indices, strict=True)]
    kept = np.array(kept, dtype=bool)
    return unit_rows(sparse.csr_array((matrix.data[kept], (owners[kept], matrix.indices[kept])), matrix.shape))


def _changed(catalog: Any, rows: Sequence[int], changes: Sequence[Changes]) -> Any:
    """These rows as a catalog, each with its changes."""
    table = catalog.table.take(pa.array(rows, pa.int64()))
    for role in {role for each in changes for role in each}:
        cells = [each.get(role, cell) for each, cell in zip(changes, table.column(role).to_pylist(), strict=True)]
        column = pa.array(cells, table.column(role).type)
        table = table.set_column(table.column_names.index(role), role, column)
    return replace(catalog, table=table)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workspace", default=DEFAULT_WORKSPACE)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--answers", type=int, default=5)
    chosen = parser.parse_args()
    engine = discover.open(chosen.workspace)
    rows = []
    for kind, fall in measure(engine, chosen.items, chosen.answers).items():
        mean, low, high = fall.difference()
        interval = f"{mean:.2f} [{low:.2f}, {high:.2f}]"
        rows.append((kind, len(fall.named), float(fall.named.mean()), float(fall.other.mean()), interval))
    show(
        f"Faithfulness of explanations, {engine.catalog.source}",
        INCLUDES,
        ("taken out", "pairs", "score falls: named", "at random", "difference"),
        rows,
    )


if __name__ == "__main__":
    main()
