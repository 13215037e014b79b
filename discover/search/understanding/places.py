"""Countries as people write them in English: names, adjectives, regions. What a catalog calls them stays its own.

Names, adjectives and regions are those of countryinfo (regions: the United Nations' M49); `REGIONS` and `ADJECTIVES`
add what it lacks. Sources: the Nordic Council (Nordic), Encyclopaedia Britannica (Scandinavia, the Balkans, the Baltic
states, the Middle East), the Arab League's members (Arab); film industries by the city or language that names them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from discover.search.understanding.words import Phrase, phrase

ADJECTIVES = {
    "AR": "argentine, argentinian",
    "EC": "ecuadorian",
    "GB": "uk, u.k., great britain, britain, english, scottish, welsh, england, scotland, wales, northern irish",
    "IS": "icelandic",
    "KR": "korean, korea, k-drama, kdrama, k drama, k-pop, kpop",
    "KG": "kyrgyz",
    "KZ": "kazakh",
    "NZ": "kiwi",
    "PH": "philippine, pinoy",
    "RS": "serb",
    "SI": "slovenian",
    "SK": "slovakian",
    "TR": "türkiye, turkiye",
    "US": "usa, u.s., u.s.a., united states of america, hollywood",
    "UZ": "uzbek",
    "IN": "bollywood, tollywood, kollywood, mollywood",
    "NG": "nollywood",
    "CZ": "czechia",
    "RU": "soviet union, ussr, soviet",
    "DE": "west germany, east germany",
}
REGIONS = {
    "nordic": "DK FI IS NO SE",
    "scandinavian": "DK NO SE",
    "scandinavia": "DK NO SE",
    "scandi": "DK NO SE",
    "baltic": "EE LV LT",
    "balkan": "AL BA BG GR HR ME MK RO RS SI",
    "arab": "AE BH DJ DZ EG IQ JO KM KW LB LY MA MR OM PS QA SA SD SO SY TN YE",
    "arabic": "AE BH DJ DZ EG IQ JO KM KW LB LY MA MR OM PS QA SA SD SO SY TN YE",
    "middle east": "AE BH CY EG IL IQ IR JO KW LB OM PS QA SA SY TR YE",
    "middle eastern": "AE BH CY EG IL IQ IR JO KW LB OM PS QA SA SY TR YE",
    "latino": "latin",
    "latin american": "latin",
    "latin america": "latin",
    "south american": "AR BO BR CL CO EC GY PE PY SR UY VE",
    "south america": "AR BO BR CL CO EC GY PE PY SR UY VE",
}
M49 = {  # words for a region, and for a part of one
    "europe": "european, europe",
    "asia": "asian, asia",
    "africa": "african, africa",
    "oceania": "oceanian, oceania",
    "eastern europe": "eastern european, eastern europe, east european",
    "western europe": "western european, western europe",
    "eastern asia": "east asian, east asia",
    "south-eastern asia": "southeast asian, southeast asia, south east asian, south-east asian",
    "southern asia": "south asian, south asia",
    "northern africa": "north african, north africa, maghrebi, maghreb",
    "latin america and the caribbean": "latin",
}
CODES = {"US": "US", "UK": "GB", "UAE": "AE", "USSR": "RU"}  # read as places where they are typed in capitals


@cache
def names() -> Mapping[Phrase, frozenset[str]]:
    """The words for a place -> codes of ISO 3166 of its countries."""
    from countryinfo import all_countries

    table: dict[Phrase, set[str]] = defaultdict(set)
    by_region: dict[str, set[str]] = defaultdict(set)
    adjectives: dict[Phrase, tuple[int, str]] = {}
    for country in all_countries():
        code = country.iso(2)
        if not code:
            continue
        for name in (country.name(), *country.alt_spellings()):
            if len(name) > 3:  # shorter ones are codes, and words: IT, IN, NO
                table[phrase(name)].add(code)
        for adjective in (country.demonym() or "").split(","):
            if adjective:  # that of territories is their country's: French
                inhabitants = (country.population() or 0, code)
                adjectives[phrase(adjective)] = max(inhabitants, adjectives.get(phrase(adjective), inhabitants))
        for region in (country.region(), country.subregion()):
            for word in M49.get((region or "").lower(), "").split(", "):
                by_region[word].add(code)
    for words, (_, code) in adjectives.items():
        table.setdefault(words, set()).add(code)
    for code, written in ADJECTIVES.items():
        for name in written.split(", "):
            table[phrase(name)] = {code}
    for name, codes in ((name, codes) for name, codes in by_region.items() if name not in ("", "latin")):
        table[phrase(name)] = codes
    for name, listed in REGIONS.items():
        table[phrase(name)] = by_region["latin"] if listed == "latin" else set(listed.split())
    table.pop((), None)
    return {words: frozenset(codes) for words, codes in table.items()}


@cache
def code(value: str) -> str | None:
    """The ISO code of a country as a catalog writes it, by name or by code; None where it is none."""
    from countryinfo import all_countries

    written = value.strip()
    if len(written) == 2 and written.upper() == written:
        return "GB" if written == "UK" else written
    if len(written) == 3 and written.upper() == written:
        by_three = {country.iso(3): country.iso(2) for country in all_countries()}
        return by_three.get(written) or CODES.get(written)
    codes = names().get(phrase(written), frozenset())
    return next(iter(codes)) if len(codes) == 1 else None
