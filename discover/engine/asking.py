"""A text as a query: the title that it is or that it names as an example, the facts and the meaning it asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from discover.core.types import Catalog, Chip
from discover.search.index import SearchIndex
from discover.search.spaces.base import Rows, TakesCriteria
from discover.search.spaces.lexical import Lexical
from discover.search.understanding.understand import FILLERS, GENERIC, Criterion, understand
from discover.search.understanding.words import phrase

LIKE = re.compile(
    r"^(?P<before>.*?)\b(?:like|similar to|in the (?:style|vein|spirit) of)\s+(?P<title>.+)$", re.IGNORECASE
)
BUT = re.compile(r"^(?P<title>.+?),?\s+but\s+(?P<more>.+)$", re.IGNORECASE)
MIN_TITLE_RATIO = 90.0  # likeness in percent of a title with a typing error
MIN_TITLE_LETTERS = 8  # of a title that may hold one
MAX_TITLES = 200_000  # among which typing errors are looked for
MAX_ITEMS_WITH_WORD = 5  # that say the one word of a title, beyond which it is a word as well


@dataclass(frozen=True)
class TextRequest:
    """What a text asks for."""

    text: str  # for its meaning, "" for none
    criteria: tuple[Criterion, ...] = ()
    like: tuple[int, ...] = ()  # rows of titles that it names as examples
    lead: tuple[int, ...] = ()  # rows of the title that it is
    is_all_facts: bool = False  # every word that says something names a value

    @property
    def chips(self) -> tuple[Chip, ...]:
        """What it was understood to ask for, as people read it."""
        return tuple(Chip(one.words, one.label, one.wanted) for one in self.criteria)

    @property
    def wanted(self) -> tuple[Criterion, ...]:
        """What answers should meet."""
        return tuple(criterion for criterion in self.criteria if criterion.wanted)

    @property
    def unwanted(self) -> tuple[Criterion, ...]:
        """What answers must not meet."""
        return tuple(criterion for criterion in self.criteria if not criterion.wanted)


def ask(text: str, catalog: Catalog, search_index: SearchIndex, ignore: Sequence[str] = ()) -> TextRequest:
    """A text taken apart. `ignore` are words of it that are not to be taken as values."""
    if lead := tuple(catalog.named(text)):
        # "Dark" is the series; "dark", in small letters, is as well a word that many look for.
        if text not in catalog.titled and _is_word(text, search_index):
            return TextRequest(text, lead=lead)
        return TextRequest("", like=lead, lead=lead)
    example, rest = _example(text, catalog)
    facts = find_facts(search_index)
    if facts is None:
        return TextRequest(rest, like=example)
    plain = {phrase(word) for word in ignore}
    understood = understand(rest, facts.vocabulary, plain)
    if words := {phrase(one.words) for one in understood.criteria if _is_rather_a_word(one, search_index, facts)}:
        understood = understand(rest, facts.vocabulary, plain | words)
    if not understood.criteria and not example and (lead := _titled(text, catalog)):
        return TextRequest("", like=lead, lead=lead)
    meaning = understood.text if not example or set(phrase(understood.text)) - FILLERS - GENERIC else ""
    return TextRequest(meaning, understood.criteria, like=example, is_all_facts=understood.is_all_facts)


def narrow(asked: TextRequest, search_index: SearchIndex, allowed: Rows | None, strict: bool) -> Rows | None:
    """Ascending catalog rows, among those allowed, that meet nothing unwanted and, if strict, all that is wanted.

    None is all.
    """
    facts, binding = find_facts(search_index), asked.criteria if strict else asked.unwanted
    if facts is None or not binding:
        return allowed
    kept = np.ones(search_index.count, dtype=bool)
    for criterion in binding:
        kept &= facts.meeting(criterion) == criterion.wanted
    rows = np.flatnonzero(kept)
    return rows if allowed is None else np.intersect1d(rows, allowed, assume_unique=True)


def find_facts(search_index: SearchIndex) -> TakesCriteria | None:
    """The space that knows facts."""
    return next((space for space in search_index.spaces.values() if isinstance(space, TakesCriteria)), None)


def _titled(text: str, catalog: Catalog) -> tuple[int, ...]:
    """The rows whose title a text is, typing errors forgiven in long ones."""
    if rows := catalog.named(text):
        return tuple(rows)
    typed = text.casefold().strip()
    if len(typed) < MIN_TITLE_LETTERS or len(catalog.folded) > MAX_TITLES:
        return ()
    from rapidfuzz import fuzz, process

    nearest = process.extractOne(typed, catalog.folded.keys(), scorer=fuzz.ratio, score_cutoff=MIN_TITLE_RATIO)
    return tuple(catalog.folded[nearest[0]]) if nearest else ()


def _is_word(text: str, search_index: SearchIndex) -> bool:
    """Whether a title is one word that many items say: "Dark" is a title, and what people look for."""
    words = phrase(text)
    lexical = search_index.spaces.get("lexical")
    if len(words) > 1 or not isinstance(lexical, Lexical):
        return False
    return lexical.count_items(text) > MAX_ITEMS_WITH_WORD


def _is_rather_a_word(criterion: Criterion, search_index: SearchIndex, facts: TakesCriteria) -> bool:
    """Whether one word, taken for a last name, stands in the texts of more items than such people have: Christmas."""
    lexical = search_index.spaces.get("lexical")
    if criterion.role != "people" or len(phrase(criterion.words)) > 1 or not isinstance(lexical, Lexical):
        return False
    return lexical.count_items(criterion.words) > int(np.count_nonzero(facts.meeting(criterion)))


def _example(text: str, catalog: Catalog) -> tuple[tuple[int, ...], str]:
    """The rows of a title that is an example in a text ("movies like Jaws", "Jaws but funny"), and the other words."""
    if matched := LIKE.match(text):
        if rows := _titled(matched["title"], catalog):
            return rows, matched["before"].strip()
        if (but := BUT.match(matched["title"])) and (rows := _titled(but["title"], catalog)):
            return rows, f"{matched['before'].strip()} {but['more'].strip()}".strip()
    if (matched := BUT.match(text)) and (rows := _titled(matched["title"], catalog)):
        return rows, matched["more"].strip()
    return (), text
