"""Columns whose cells are countries or languages, whatever the columns are called."""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from discover.catalog.roles.columns import Column
from discover.catalog.values import lists

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "ja", "zh", "ko", "ru")  # of the names that are known
MIN_KNOWN_SHARE = 0.8  # of the elements of a column
SPELLINGS = {  # what CLDR spells otherwise
    "country": ("usa", "uk", "england", "scotland", "wales", "czech republic", "turkey", "soviet union", "ussr",
                "west germany", "east germany", "yugoslavia", "czechoslovakia", "hong kong", "burma", "holland"),
    "language": ("mandarin", "farsi", "flemish", "sign language"),
}  # fmt: skip


def holds(role: str, column: Column) -> bool:
    """Whether nearly all elements of a column are countries, or languages: names in ten languages, or codes of ISO."""
    if column.is_sparse or column.numeric > 0.1 or column.length > 200:
        return False
    cells = lists.split(pa.chunked_array([pa.array(column.sample, pa.string())])).to_pylist()
    elements = [element for cell in cells for element in cell]
    names, codes = _known(role)
    if len(set(elements)) < 2:
        return False
    known = sum(element in codes or element.casefold() in names for element in elements)
    return known >= MIN_KNOWN_SHARE * len(elements)


@cache
def _known(role: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names in small letters, and codes as ISO writes them: countries in capitals, languages in small letters."""
    from babel import Locale

    names, codes = set(SPELLINGS[role]), set()
    for language in LANGUAGES:
        locale = Locale(language)
        known = locale.territories if role == "country" else locale.languages
        for code, name in known.items():
            names.add(str(name).casefold())
            codes.add(str(code))
    return frozenset(names), frozenset(code for code in codes if code.isalpha() and len(code) == 2)
