"""What a section of the report is: facts, a template that draws only from them, and what ink it needs besides.

    facts   numbers and words, JSON-ready: the section's part of `report.json`
    assets  what a page draws but nobody reads as a claim (thumbnails, the dots of the map), kept out of the JSON
    html    the template filled in with both, everything escaped

A page that shows nothing but facts cannot disagree with `report.json`, which holds the same facts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import jinja2
from markupsafe import Markup

from discover.nouns import Night, Theme, plain
from discover.sections import _words


@dataclass(frozen=True)
class Section(ABC):
    """The contract of a section plug-in. Its name is its file name and its anchor in the page."""

    order: ClassVar[int]  # sections appear by rising order
    heading: ClassVar[str]  # "" where the section brings its own
    template: ClassVar[str]  # jinja2; sees `facts`, `assets` and the filters of `_words`
    script: ClassVar[str] = ""  # plain JavaScript, run once the page is read

    @abstractmethod
    def facts(self, night: Night) -> dict[str, Any]:
        """What the section says, as JSON holds it. The same night gives the same facts."""

    def assets(self, night: Night, facts: Mapping[str, Any]) -> dict[str, Any]:
        """What the template needs besides its facts."""
        return {}

    def html(self, facts: Mapping[str, Any], assets: Mapping[str, Any]) -> Markup:
        """The section's inner HTML."""
        return Markup(environment().from_string(self.template).render(facts=facts, assets=assets))


class _FactsFirst(jinja2.Environment):
    """`facts.items` is the fact of that name, not the method of dictionaries."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@cache
def environment() -> jinja2.Environment:
    """Where all templates of the report are rendered: everything is escaped, a name that is missing is an error."""
    made = _FactsFirst(
        autoescape=True,  # select_autoescape would go by file endings, and a template in a string has none
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= _words.FILTERS
    return made


def tidy(value: Any) -> Any:
    """Facts as JSON and UTF-8 can hold them: no NaN, no arrays, no lone surrogates (names of files may have them)."""
    return _encodable(plain(value))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(each) for key, each in value.items()}
    return [_encodable(each) for each in value] if isinstance(value, list) else value


def broad(night: Night) -> list[Theme]:
    """The themes of the top level; the i-th is theme number i of `night.themes.levels[0]`."""
    return [theme for theme in night.named if theme.level == 0]


def fine(night: Night) -> list[Theme]:
    """The themes one level down."""
    return [theme for theme in night.named if theme.level == 1]


def strays(night: Night) -> int:
    """How many items are in no broad theme."""
    if not night.themes.levels:
        return len(night.catalog)
    return int((night.themes.levels[0].members < 0).sum())


def source_name(source: str) -> str:
    """The last part of a path; what is no path stays as it is."""
    return source.replace("\\", "/").rstrip("/").rpartition("/")[2] or source


def finding(night: Night) -> str:
    """Why there are these themes, or none, without the "themes: " or "no themes: " that it starts with."""
    head, colon, rest = night.themes.reason.partition("themes: ")
    return rest if colon and head in ("", "no ") else night.themes.reason
