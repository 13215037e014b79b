"""A text to what it asks for of facts: values of the catalog, places, years; titles that it names; what it excludes.

No model is asked. A value is recognised by the catalog's own words for it, in singular or plural, whole ("tv dramas"),
without words that only say what kind of thing it is ("dramas"), or in part where it is the name of a genre ("kids" in
"Children & Family, Kids' TV"). Typing errors are forgiven in names and in long words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from discover.search.understanding import places, times
from discover.search.understanding.words import Phrase, Word, phrase, read

KINDS = (  # words for one kind of thing: each stands for those values of `kind` that have one of them
    frozenset({"film", "movie", "feature", "picture", "flick", "cinema"}),
    frozenset({"series", "show", "tv", "television", "season", "serial", "miniseries", "programme", "program"}),
    frozenset({"short"}),
    frozenset({"special"}),
    frozenset({"album"}), frozenset({"song", "track"}), frozenset({"podcast"}), frozenset({"book", "novel"}),
)  # fmt: skip
GENERIC = frozenset().union(*KINDS[:2]) | {"title"}  # say nothing in the name of a genre
SAME = {  # other words for what genres are called
    "kid": ("child", "kid"), "child": ("child", "kid"), "cartoon": ("animation", "animated", "cartoon"),
    "animated": ("animation", "animated"), "scifi": ("sci", "science"), "docs": ("documentary",),
    "doc": ("documentary",), "romcom": ("romantic", "comedy"), "scary": ("horror",), "funny": ("comedy",),
    "standup": ("stand",), "telenovela": ("telenovela", "soap"), "docuseries": ("docuseries",),
    "biopic": ("biopic", "biographical", "biography"),
}  # fmt: skip
FILLERS = frozenset(
    ("a", "an", "the", "of", "from", "in", "with", "by", "for", "to", "any", "some", "and", "or", "about", "set", "on")
) | {"something", "anything", "more", "but", "please", "t"}  # "t" is what is left of "isn't"
NOT = frozenset(
    ["not", "no", "without", "except", "excluding", "non", "minus", "nothing", "never", "isn", "aren", "avoid"]
)
MAX_WORDS = 6  # of a phrase that is recognised
MIN_TYPED = 5  # letters of a word that may hold a typing error
MIN_RATIO = 88.0  # likeness in percent of a word or a name with a typing error
MIN_FAMILY = 5  # letters that two forms of one word begin with: romance, romantic


@dataclass(frozen=True)
class Criterion:
    """One thing that a text asks of facts: any of some values, or a span of years."""

    words: str  # as typed
    values: Mapping[str, tuple[str, ...]]  # role -> values as the catalog writes them
    years: tuple[int, int] | None = None  # of release, both included
    wanted: bool = True  # False: what is so is not wanted
    is_certain: bool = True  # False: named in part, in another form, or with a typing error

    @property
    def role(self) -> str:
        """What it is about; the first where values of several roles would do."""
        return "released" if self.years is not None else next(iter(self.values))

    @property
    def short(self) -> str:
        """The values, or the years."""
        if self.years is None:
            return ", ".join(dict.fromkeys(value for values in self.values.values() for value in values))
        first, last = self.years
        if first == times.FIRST:
            return f"before {last + 1}"
        if last == times.LAST:
            return f"from {first}"
        return f"{first}" if first == last else f"{first} to {last}"

    @property
    def label(self) -> str:
        """As people read it: "country: Denmark, Sweden"."""
        return f"{'' if self.wanted else 'not '}{self.role}: {self.short}"


@dataclass(frozen=True)
class Understood:
    """A text taken apart."""

    text: str  # what is left for its meaning: without names, years and what it excludes, "" for nothing
    criteria: tuple[Criterion, ...] = ()
    is_all_facts: bool = False  # every word that says something names a value


@dataclass(frozen=True)
class Vocabulary:
    """The values of a catalog by their words."""

    values: Mapping[str, Sequence[str]] = field(repr=False)  # role -> values
    dated: bool = True  # whether items have years of release

    @cached_property
    def whole(self) -> Mapping[Phrase, list[tuple[str, str]]]:
        """Words -> (role, value), for every value but people and countries."""
        table: dict[Phrase, list[tuple[str, str]]] = defaultdict(list)
        for role in ("genres", "keywords", "kind", "language"):
            for value in self.values.get(role, ()):
                words = phrase(value)
                if not words:
                    continue
                table[words].append((role, value))
                content = tuple(word for word in words if word not in GENERIC)
                if role == "genres" and content and content != words:
                    table[content].append((role, value))
        return table

    @cached_property
    def longest(self) -> int:
        """Words of the longest phrase that can be recognised."""
        return min(max(map(len, self.whole), default=1), MAX_WORDS)

    @cached_property
    def countries(self) -> Mapping[str, tuple[str, ...]]:
        """ISO code -> how the catalog writes that country."""
        table: dict[str, list[str]] = defaultdict(list)
        for value in self.values.get("country", ()):
            if code := places.code(value):
                table[code].append(value)
        return {code: tuple(written) for code, written in table.items()}

    @cached_property
    def genre_words(self) -> Mapping[str, list[tuple[str, str]]]:
        """A word of a genre's name -> the genres that have it."""
        table: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for value in self.values.get("genres", ()):
            for word in dict.fromkeys(phrase(value)):
                if word not in GENERIC and word not in FILLERS:
                    table[word].append(("genres", value))
        return table

    @cached_property
    def last_names(self) -> Mapping[str, tuple[str, ...]]:
        """The last word of people's names -> these people."""
        table: dict[str, list[str]] = defaultdict(list)
        for name, person in self.people.items():
            table[name.rpartition(" ")[2]].append(person)
        return {name: tuple(people) for name, people in table.items()}

    @cached_property
    def people(self) -> Mapping[str, str]:
        """Folded whole name -> as written."""
        return {" ".join(phrase(value)): value for value in self.values.get("people", ())}


def understand(text: str, vocabulary: Vocabulary, plain: Collection[Phrase] = ()) -> Understood:
    """What a text asks for. Words are claimed once, the longest phrase first; `plain` phrases name nothing."""
    years = times.find(text) if vocabulary.dated else None
    if years is not None and phrase(text[years.start : years.end]) in plain:
        years = None
    words = [word for word in read(text) if years is None or word.end <= years.start or word.start >= years.end]
    claims, free = _claims(words, vocabulary, plain)
    criteria, cut = [], []
    for first, last, values, is_certain in claims:
        span = text[words[first].start : words[last].end]
        start = _negated_from(words, first)
        criteria.append(Criterion(span, values, wanted=start is None, is_certain=is_certain))
        if start is not None or "people" in values:  # a name says who, its words mean nothing
            cut.append((words[first if start is None else start].start, words[last].end))
    if years is not None:
        cut.append((years.start, years.end))
        criteria.append(Criterion(text[years.start : years.end], {}, (years.first, years.last)))
    meaning = _without(text, sorted(cut))
    says = set(phrase(meaning)) - FILLERS - GENERIC
    is_all_facts = bool(criteria) and not free - FILLERS - GENERIC - NOT
    return Understood(meaning if says or not criteria else "", tuple(criteria), is_all_facts)


Claim = tuple[int, int, Mapping[str, tuple[str, ...]], bool]  # first and last word, values, whether these are certain


def _claims(words: Sequence[Word], vocabulary: Vocabulary, plain: Collection[Phrase]) -> tuple[list[Claim], set[str]]:
    """All that is recognised, in reading order, and the words that nothing was recognised by."""
    free = [True] * len(words)
    claims = []
    for take in (_people, _places, _wholes, _kinds, _parts, _names, _surnames, _misspelt):
        for first, last, values in take(words, free, vocabulary):
            run = tuple(word.text for word in words[first : last + 1])
            if all(free[first : last + 1]) and values and run not in plain:
                free[first : last + 1] = [False] * (last + 1 - first)
                claims.append((first, last, _grouped(values), take in CERTAIN))
    left = {word.text for word, is_free in zip(words, free, strict=True) if is_free}
    return sorted(claims, key=lambda claim: claim[0]), left


Candidates = Iterator[tuple[int, int, list[tuple[str, str]]]]  # first and last word, and (role, value)s, perhaps none


def _spans(words: Sequence[Word], longest: int) -> Iterator[tuple[int, int, Phrase]]:
    """All runs of words, the longest first."""
    for length in range(min(longest, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            yield first, first + length - 1, tuple(word.text for word in words[first : first + length])


def _people(words: Sequence[Word], free: Sequence[bool], vocabulary: Vocabulary) -> Candidates:
    """People by their whole names, of two words and more."""
    for first, last, run in _spans(words, MAX_WORDS):
        if len(run) > 1 and (person := vocabulary.people.get(" ".join(run))):
            yield first, last, [("people", person)]


def _wholes(words: Sequence[Word], free: Sequence[bool], vocabulary: Vocabulary) -> Candidates:
    """Values as they are called, with "dramas" for "TV Dramas", and "stand-up" for "Stand-Up Comedy"."""
    for first, last, run in _spans(words, vocabulary.longest):
        values = vocabulary.whole.get(run, [])
        if len(run) == 1 and (run[0] in GENERIC or run[0] in FILLERS):
            continue
        places_too = run in places.names()
        if values and not (places_too and all(role != "country" for role, _ in values) and vocabulary.countries):
            yield first, last, values


def _parts_of(run: Phrase, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Genres whose names hold all of these words."""
    lists = [set(vocabulary.genre_words.get(word, ())) for word in run]
    return sorted(set.intersection(*lists)) if lists else []


def _places(words: Sequence[Word], free: Sequence[bool], vocabulary: Vocabulary) -> Candidates:
    """Countries and regions, where the catalog has countries; else languages called like them."""
    for first, last, run in _spans(words, 4):
        written = "".join(word.written for word in words[first : last + 1])
        code = places.CODES.get(written)
        codes = frozenset({code}) if code else places.names().get(run, frozenset())
        values = [("country", value) for code in sorted(codes) for value in vocabulary.countries.get(code, ())]
        values += vocabulary.whole.get(run, []) if values else []
        yield first, last, values


def _kinds(words: Sequence[Word], free: Sequence[bool], vocabulary: Vocabulary) -> Candidates:
    """Films or series, by any word for them."""
    for place, word in enumerate(words):
        for names in KINDS:
            if word.text in names:
                values = [("kind", value) for value in vocabulary.values.get("kind", ()) if names & set(phrase(value))]
                yield place, place, values if len(values) < len(vocabulary.values.get("kind", ())) else []


def _parts(words: Sequence[Word], free: Sequence[bool], vocabulary: Vocabulary) -> Candidates:
    """Genres by some of their words, or by another word for them, or another form: romance, romantic."""
    for first, last, run in _spans(words, 3):
        if len(run) > 1:
            yield first, last, _parts_of(run, vocabulary)
            continue
        word = run[0]
        if word in GENERIC or word in FILLERS or len(word) < 3:
            continue
        same = [genre for other in SAME.get(word, (word,)) for genre in vocabulary.genre_words.get(other, ())]
        yield first, last, list(dict.fromkeys(same)) or _family(word, vocabulary)


def _family(word: str, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Genres with a word that begins as this one does, and has nearly its length."""
    forms = [
        other
        for other in vocabulary.genre_words
        if other[:MIN_FAMILY] == word[:MIN_FAMILY] and len(word) > MIN_FAMILY and abs(len(other) - len(word)) <= 3
    ]
    return [genre for form in forms for genre in vocabulary.genre_words[form]]


def _names(words: Sequence[Word], free: Sequence[bool], vocabulary: Vocabulary) -> Candidates:
    """People whose name holds a typing error."""
    from rapidfuzz import fuzz, process

    known = vocabulary.people
    for first, last, run in _spans(words, 4):
        typed = " ".join(run)
        if len(run) < 2 or len(typed) < 2 * MIN_TYPED or not all(free[first : last + 1]) or set(run) & FILLERS:
            continue
        if nearest := process.extractOne(typed, known.keys(), scorer=fuzz.ratio, score_cutoff=MIN_RATIO + 4):
            yield first, last, [("people", known[nearest[0]])]


def _surnames(words: Sequence[Word], free: Sequence[bool], vocabulary: Vocabulary) -> Candidates:
    """A last name alone, where nothing else is asked but a kind."""
    left = [place for place, (word, is_free) in enumerate(zip(words, free, strict=True))
            if is_free and word.text not in FILLERS and word.text not in GENERIC]  # fmt: skip
    claimed = [word for word, is_free in zip(words, free, strict=True) if not is_free and word.text not in GENERIC]
    if len(left) == 1 and not claimed:
        people = vocabulary.last_names.get(words[left[0]].text, ())
        yield left[0], left[0], [("people", person) for person in people]


def _misspelt(words: Sequence[Word], free: Sequence[bool], vocabulary: Vocabulary) -> Candidates:
    """Genres and places with a typing error."""
    from rapidfuzz import fuzz, process

    known = [word for word in vocabulary.genre_words if len(word) >= MIN_TYPED]
    for place, word in enumerate(words):
        if free[place] and len(word.text) >= MIN_TYPED:
            nearest = process.extractOne(word.text, known, scorer=fuzz.ratio, score_cutoff=MIN_RATIO)
            if nearest and word.text[0] == nearest[0][0]:
                yield place, place, vocabulary.genre_words[nearest[0]]


def _grouped(values: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    by_role: dict[str, list[str]] = defaultdict(list)
    for role, value in values:
        by_role[role].append(value)
    return {role: tuple(dict.fromkeys(listed)) for role, listed in by_role.items()}


def _negated_from(words: Sequence[Word], first: int) -> int | None:
    """The place of the "not" that stands before a word, with nothing but fillers between; None for none."""
    place = first - 1
    while place >= 0 and words[place].text in FILLERS:
        place -= 1
    return place if place >= 0 and words[place].text in NOT else None


def _without(text: str, cuts: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(cuts):
        text = text[:start] + text[end:]
    return " ".join(text.split()).strip(" ,;") or ""


CERTAIN = (_people, _places, _wholes, _kinds)  # take whole names
