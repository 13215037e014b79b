"""Why items are alike: a score taken apart into evidence that sums to it, and what sets items apart.

A score is linear in similarities (`discover.search.fusion`), and similarities are sums over shared words and values, so
those terms are exact. What a sentence adds is measured by leaving it out: the text
without it is encoded again, and the drop in cosine is the sentence's (occlusion: Zeiler & Fergus (2014), "Visualizing
and understanding convolutional networks"; for text Li, Monroe & Jurafsky (2016), "Understanding neural networks
through representation erasure").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.types import Catalog, Difference, Evidence, Explanation, Profile, Trait
from discover.embeddings.encoders.base import Encoder
from discover.search import rank
from discover.search.rank import Query, QueryTerm, SearchIndex
from discover.search.spaces.base import Rows, Space
from discover.search.spaces.lexical import Lexical
from discover.search.spaces.metadata import WEIGHTS, YEARS, Metadata, nearness, years_apart

PASSAGES = 16  # parts that a text is cut into at most: longer texts by several sentences
SHORT = 4  # words and values of a `why`
CANDIDATES = 12  # that these are chosen from
TELLING = 0.15  # share of the items up to which a word says something about those that have it
APART = 4  # differences named for each item
TRAIT_WORDS = 12  # words that the items of a dossier share: the rarest
COHORT = "what unrelated items have in common"
TOGETHER = "everything together"
PICTURES = "the pictures"


@dataclass(frozen=True)
class Passages:
    """A description in parts, and the item's vector without each of them."""

    texts: Sequence[str]  # (s,)
    without: NDArray[np.float32] = field(repr=False)  # (s, d) unit length, NaN where nothing is left to encode


# --- sentences ---------------------------------------------------------------------------------------------


def passages(catalog: Catalog, encoder: Encoder, rows: Iterable[int]) -> dict[int, Passages]:
    """The descriptions of these rows taken apart; everything is encoded in one call. Raises ModelError.

    A row whose text does not depend on the description has no passages.
    """
    parts = {row: split(catalog.table.column("description")[row].as_py()) for row in sorted(set(rows))}
    owners = [row for row, texts in parts.items() for _ in texts]
    left = ["".join(texts[:i] + texts[i + 1 :]).strip() for texts in parts.values() for i in range(len(texts))]
    before = encoder.inputs(_described(catalog, list(parts), None))
    after = encoder.inputs(_described(catalog, owners, left))
    whole = dict(zip(parts, before, strict=True))
    changed = [text is not None and text != whole[row] for row, text in zip(owners, after, strict=True)]
    encoded = encoder.encode([str(text) for text, told in zip(after, changed, strict=True) if told]).vectors
    vectors = np.full((len(owners), encoded.shape[1]), np.nan, dtype=np.float32)
    vectors[changed] = encoded
    found, start = {}, 0
    for row, texts in parts.items():
        end = start + len(texts)
        if texts and all(after[i] != whole[row] for i in range(start, end)):
            found[row] = Passages([text.strip() for text in texts], vectors[start:end])
        start = end
    return found


def split(text: str) -> list[str]:
    """A text as its sentences, at most `PASSAGES` parts of about as many; joined they are the text again."""
    import sentencex

    clean = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate is no text
    sentences: list[str] = []
    for piece in sentencex.segment("en", clean):  # ends of sentences of all scripts; abbreviations are English
        if sentences and not piece.strip():
            sentences[-1] += piece
        elif piece.strip():
            sentences.append(piece)
    if len(sentences) <= PASSAGES:
        return sentences
    return ["".join(some) for some in np.array_split(np.array(sentences, dtype=object), PASSAGES)]


def _described(catalog: Catalog, rows: list[int], descriptions: list[str] | None) -> Catalog:
    """These rows as a catalog of their own, with other descriptions if any are given."""
    import pyarrow as pa

    table = catalog.table.take(pa.array(rows, pa.int64()))
    if descriptions is not None:
        place = table.column_names.index("description")
        table = table.set_column(place, "description", pa.array(descriptions, pa.string()))
    return replace(catalog, table=table)


# --- scores ------------------------------------------------------------------------------------------------


def explain(
    search_index: SearchIndex,
    catalog: Catalog,
    query: Query,
    row: int,
    told: Mapping[int, Passages],
    null_scores: NDArray[np.float64],
    themes: Mapping[str, str],
    asked: str = "",
) -> Explanation:
    """Why a row has its score for a query. `told` holds what is known of sentences, by row; `themes` are shared ones.

    `asked` is how people call a query that is not one item.
    """
    rows = np.array([row], dtype=np.int64)
    match = rank.to_matches(catalog, rank.score(search_index, query, rows), null_scores)[0]
    evidence = _evidence(search_index, catalog, query, row, told)
    only = query.terms[0].row if len(query.terms) == 1 else None
    return Explanation(
        a="" if only is None else catalog.ids[only],
        b=match.id,
        titles=(asked if only is None else catalog.titles[only], match.title),
        score=match.score,
        percentile=match.percentile,
        parts=match.parts,
        missing=match.missing,
        evidence=evidence,
        themes=themes,
        differences=() if only is None else _differences(search_index, catalog, (only, row), evidence),
        why=in_short(search_index, query, rows)[0],
    )


def _evidence(
    search_index: SearchIndex, catalog: Catalog, query: Query, row: int, told: Mapping[int, Passages]
) -> tuple[Evidence, ...]:
    """The terms of a row's score, largest first; those that several things asked for have in common are added up."""
    rows, amounts = np.array([row], dtype=np.int64), dict[Evidence, float]()
    for query_term, scores, factor in rank.score_terms(search_index, query, rows):
        scales = rank.find_scales(search_index, query_term, scores.shares, rows)
        for name, share in scores.shares.items():
            counts = float(factor[0] * share[0, 0])
            if not counts:
                continue
            gain, offset = float(scales[name].gain[0, 0]), float(scales[name].offset[0, 0])
            terms = [
                replace(term, amount=gain * term.amount)
                for term in _terms(search_index.spaces[name], catalog, query_term, row, told)
            ]
            for term in (*terms, Evidence(name, "cohort", COHORT, -offset)):
                same = replace(term, amount=0.0)
                amounts[same] = amounts.get(same, 0.0) + counts * term.amount
    found = [replace(term, amount=amount) for term, amount in amounts.items()]
    return tuple(sorted(found, key=lambda each: -each.amount))


def _terms(
    space: Space, catalog: Catalog, query_term: QueryTerm, row: int, told: Mapping[int, Passages]
) -> list[Evidence]:
    """What the similarity of an ask and a row consists of, `amount` being that of it."""
    rows, space_query = np.array([row], dtype=np.int64), query_term.queries[space.name]
    whole = float(space.compare(space_query, rows).similarities[0, 0])
    if isinstance(space, (Lexical, Metadata)):
        kind = "word" if isinstance(space, Lexical) else "value"
        shared = space.shared(space_query, rows)
        total = sum(float(each.amounts.sum()) for each in shared)
        exact = whole / total if total else 1.0  # 1 but for the rounding of float32
        return [
            Evidence(space.name, kind, name, exact * float(amount), each.role)
            for each in shared
            for name, amount in zip(each.names, each.amounts, strict=True)
        ]
    if space.name == "image":
        return [Evidence(space.name, "picture", PICTURES, whole)]
    terms = []
    sides: tuple[tuple[int | None, Any], ...] = ((row, space_query), (query_term.row, space.items(rows)))
    for own, other in sides if space.name == "text" else ():
        if own is not None and own in told:
            drops = whole - np.nan_to_num(told[own].without @ other[0])
            terms += [
                Evidence(space.name, "sentence", text, float(drop), item=catalog.ids[own])
                for text, drop in zip(told[own].texts, drops, strict=True)
            ]
    return [*terms, Evidence(space.name, "together", TOGETHER, whole - sum(each.amount for each in terms))]


def in_short(search_index: SearchIndex, query: Query, rows: Rows) -> list[str]:
    """For each row the words and values shared with what is wanted that add most to its score; nothing is encoded."""
    owners, amounts, names, words = [], [], list[str](), list[int | None]()
    for query_term, scores, factor in rank.score_terms(search_index, query, rows):
        scales = rank.find_scales(search_index, query_term, scores.shares, rows) if query_term.weight > 0 else {}
        for name in scales:
            space = search_index.spaces[name]
            if not isinstance(space, (Lexical, Metadata)):
                continue
            counts = factor * scores.shares[name][0] * scales[name].gain[0]
            shared = space.shared(query_term.queries[name], rows)
            decades = _decades(space, query_term.queries[name], rows) if isinstance(space, Metadata) else []
            for each in shared:
                owners.append(each.owners)
                amounts.append(counts[each.owners] * each.amounts)
                names += [decades[owner] for owner in each.owners] if each.role == "released" else each.names
                words += each.columns.tolist() if isinstance(space, Lexical) else [None] * len(each.names)
    if not names:
        return [""] * len(rows)
    owner, amount = np.concatenate(owners), np.concatenate(amounts)
    order = np.lexsort((-amount, owner))
    starts = np.searchsorted(owner[order], np.arange(len(rows) + 1))
    lexical = search_index.spaces.get("lexical")
    found = []
    for start, end in pairwise(starts.tolist()):
        listed = [(names[i], words[i]) for i in order[start : min(end, start + CANDIDATES)]]
        found.append(_phrase(listed, lexical if isinstance(lexical, Lexical) else None))
    return found


def _tells(lexical: Lexical, column: int) -> bool:
    """Whether a word alone says something to people: no number, no letter, no "them", and rare."""
    word = lexical.words[column]
    if word.isdigit() or (len(word) == 1 and word.isascii()) or word in _stop_words():
        return False
    return lexical.is_rare(column, TELLING)


@cache
def _stop_words() -> frozenset[str]:
    """English ones; those of a catalog in another language are mostly too frequent to tell."""
    import stopwordsiso

    return frozenset(stopwordsiso.stopwords("en"))


def _decades(metadata: Metadata, space_query: Any, rows: Rows) -> list[str]:
    """For each row the decade that it shares with the query, "" where it does not."""
    if metadata.years is None or np.isnan(space_query.years[0]):
        return [""] * len(rows)
    mine = space_query.years[0] // 10
    return [f"{mine * 10:.0f}s" if year // 10 == mine else "" for year in metadata.years[rows]]


def _phrase(listed: Iterable[tuple[str, int | None]], lexical: Lexical | None) -> str:
    """The first few names (with the column of a word), without words that most have or that a value says as well."""
    kept: list[tuple[str, bool]] = []
    said: set[str] = set()
    for name, word in listed:
        parts = {part.casefold() for part in name.split()}
        if not name or parts <= said or (word is not None and lexical is not None and not _tells(lexical, word)):
            continue
        if word is None:
            kept = [(other, is_word) for other, is_word in kept if not (is_word and other in parts)]
        kept.append((name, word is not None))
        said |= parts
    return ", ".join(name for name, _ in kept[:SHORT])


def _differences(
    search_index: SearchIndex, catalog: Catalog, pair: tuple[int, int], evidence: Iterable[Evidence]
) -> tuple[Difference, ...]:
    """Values that one has and the other has not, years apart, and of each the sentence least like the other."""
    found: list[Difference] = []
    metadata = search_index.spaces.get("metadata")
    if isinstance(metadata, Metadata):
        for own, other in (pair, pair[::-1]):
            values = [
                Difference(catalog.ids[own], role, name, WEIGHTS[role] * share)
                for role, name, share in _only(metadata, own, [other])
            ]
            found += sorted(values, key=lambda each: -each.weight)[:APART]
        if metadata.years is not None:
            years = abs(float(metadata.years[pair[0]] - metadata.years[pair[1]]))
            if years >= YEARS:
                weight = WEIGHTS["released"] * (1 - float(nearness(years)))
                found.append(Difference("", "released", years_apart(years), weight))
    found.sort(key=lambda each: -each.weight)
    for row in pair:
        told = [each for each in evidence if each.kind == "sentence" and each.item == catalog.ids[row]]
        if len(told) > 1:
            least = min(told, key=lambda each: each.amount)
            found.append(Difference(least.item, "description", least.text, 0.0))
    return tuple(found)


def _only(metadata: Metadata, row: int, others: Sequence[int]) -> list[tuple[str, str, float]]:
    """(role, value, how much of the role it makes up) of the values that none of the others has.

    A role that another knows nothing of sets nothing apart.
    """
    found = []
    for role, values in metadata.fields.items():
        theirs = [_columns(values.matrix, other) for other in others]
        if all(len(each) for each in theirs):
            mine = _columns(values.matrix, row)
            own = ~np.isin(mine, np.concatenate(theirs))
            shares = values.matrix.data[values.matrix.indptr[row] : values.matrix.indptr[row + 1]]
            found += [(role, values.names[c], float(share)) for c, share in zip(mine[own], shares[own], strict=True)]
    return found


def _columns(matrix: Any, row: int) -> NDArray[np.int64]:
    """The features that a row has."""
    columns: NDArray[np.int64] = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
    return columns


# --- several items -----------------------------------------------------------------------------------------


def traits(
    search_index: SearchIndex, catalog: Catalog, rows: Sequence[int], themes: Sequence[Sequence[str]]
) -> tuple[Trait, ...]:
    """What at least two of these rows share: themes (labels by row), values, telling words; shared by most first."""
    having: dict[tuple[str, str], list[int]] = {}
    for place, labels in enumerate(themes):
        for label in labels:
            having.setdefault(("theme", label), []).append(place)
    metadata, lexical = search_index.spaces.get("metadata"), search_index.spaces.get("lexical")
    if isinstance(metadata, Metadata):
        for role, values in metadata.fields.items():
            for place, row in enumerate(rows):
                for column in _columns(values.matrix, row):
                    having.setdefault((role, values.names[column]), []).append(place)
    shared = {key: places for key, places in having.items() if len(places) > 1}
    said = {part.casefold() for _, text in shared for part in text.replace("&", " ").split()}
    if isinstance(lexical, Lexical):
        shared |= _shared_words(lexical, rows, said)
    found = [Trait(role, text, tuple(catalog.ids[rows[i]] for i in places)) for (role, text), places in shared.items()]
    return tuple(sorted(found, key=lambda each: -len(each.items)))


def _shared_words(lexical: Lexical, rows: Sequence[int], said: set[str]) -> dict[tuple[str, str], list[int]]:
    """Words that at least two rows have: by how many, then the rarest."""
    having: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        for column in _columns(lexical.matrix, row):
            having.setdefault(int(column), []).append(place)
    columns = [column for column, places in having.items() if len(places) > 1]
    columns = [c for c in columns if lexical.words[c] not in said and _tells(lexical, c)]
    columns.sort(key=lambda c: (-len(having[c]), -float(lexical.weights[c]), lexical.words[c]))
    return {("word", lexical.words[c]): having[c] for c in columns[:TRAIT_WORDS]}


def profiles(
    search_index: SearchIndex,
    catalog: Catalog,
    rows: Sequence[int],
    themes: Sequence[Sequence[str]],
    pairs: Iterable[Explanation],
) -> tuple[Profile, ...]:
    """Each row as a dossier shows it."""
    scores: dict[str, list[float]] = {catalog.ids[row]: [] for row in rows}
    for pair in pairs:
        scores[pair.a].append(pair.score)
        scores[pair.b].append(pair.score)
    table = catalog.table
    found = []
    for place, row in enumerate(rows):
        day = table.column("released")[row].as_py()
        cells = {role: table.column(role)[row].as_py() for role in WEIGHTS if role != "released"}
        values = {role: tuple([cell] if isinstance(cell, str) else cell) for role, cell in cells.items() if cell}
        known = np.array(scores[catalog.ids[row]])
        known = known[~np.isnan(known)]
        found.append(
            Profile(
                id=catalog.ids[row],
                title=catalog.titles[row],
                year=day.year if day else None,
                themes=tuple(themes[place]),
                values=values,
                closeness=float(known.mean()) if len(known) else float("nan"),
                apart=_apart(search_index, row, [other for other in rows if other != row]),
                image=table.column("image")[row].as_py(),
            )
        )
    return tuple(found)


def _apart(search_index: SearchIndex, row: int, others: Sequence[int]) -> tuple[str, ...]:
    """What a row alone has: values, or else words, that make up most of it."""
    metadata, lexical = search_index.spaces.get("metadata"), search_index.spaces.get("lexical")
    if isinstance(metadata, Metadata):
        values = sorted(_only(metadata, row, others), key=lambda each: -WEIGHTS[each[0]] * each[2])
        if values:
            return tuple(name for _, name, _ in values[:APART])
    if isinstance(lexical, Lexical):
        columns = np.setdiff1d(
            _columns(lexical.matrix, row), np.concatenate([_columns(lexical.matrix, other) for other in others])
        )
        rarest = columns[np.lexsort((columns, -lexical.weights[columns]))]
        return tuple([lexical.words[c] for c in rarest if _tells(lexical, c)][:APART])
    return ()
