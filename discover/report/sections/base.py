"""What a section of the report is: facts, templates that draw only from them, and what ink they need besides.

    facts     numbers and words, JSON-ready: the section's part of `report.json`
    how       for each of these numbers, how to compute it again from the version
    assets    what a page draws but nobody reads as a claim (pictures, the dots of the map), kept out of the JSON
    html      the template filled in with both, everything escaped
    markdown  the same for people who read text, from the facts alone

Beside NAME.py lie its jinja2 templates, NAME.html and NAME.md, without the heading. They see `facts`, `brief` and the
filters of `_words`; that of the page sees `assets` as well.

A page that shows nothing but facts cannot disagree with `report.json`, which holds the same facts. Three names in facts
have a meaning: `evidence` (see `evidence`) is what the numbers beside and below it rest on; `NAME_interval` is the 95 %
interval of the number NAME; of a list of dictionaries, each is known by its `key`, its `id` or its place.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from importlib.resources import files
from typing import Any, ClassVar

import jinja2
from markupsafe import Markup

from discover.core.types import Claim, RunResults, Theme, plain
from discover.report.sections import _curve, _words

MAX_EVIDENCE = 10  # ids that a claim lists at most
SIGNIFICANT_DIGITS = 9  # of a fact: more would depend on the machine that computed it
INTERVAL_SUFFIX = "_interval"


@dataclass(frozen=True)
class Section(ABC):
    """The contract of a section plug-in. Its name is its file name and its anchor in the page."""

    order: ClassVar[int]  # sections appear by rising order
    heading: ClassVar[str]  # "" where the section brings its own
    how: ClassVar[Mapping[str, str]]  # name of a number -> how to compute it again
    executive: ClassVar[bool] = False  # whether it is in the short report, where `brief` is true
    script: ClassVar[str] = ""  # plain JavaScript, run once the page is read

    @abstractmethod
    def facts(self, results: RunResults) -> dict[str, Any]:
        """What the section says, as JSON holds it. The same results give the same facts."""

    def assets(self, results: RunResults, facts: Mapping[str, Any]) -> dict[str, Any]:
        """What the template needs besides its facts."""
        return {}

    def still_assets(self, facts: Mapping[str, Any], assets: Mapping[str, Any]) -> Mapping[str, Any]:
        """What it needs in their place on a page on which no script runs."""
        return assets

    @property
    def name(self) -> str:
        """The plug-in's name."""
        return type(self).__module__.rpartition(".")[2]

    def html(self, facts: Mapping[str, Any], assets: Mapping[str, Any], brief: bool = False) -> Markup:
        """The section's inner HTML; every number that a filter writes says which fact it is."""
        marked = _marked(facts, self.name)
        return Markup(
            environment().from_string(read(f"{self.name}.html")).render(facts=marked, assets=assets, brief=brief)
        )

    def markdown(self, facts: Mapping[str, Any], brief: bool = False) -> str:
        """The section in Markdown."""
        return _plain_environment().from_string(read(f"{self.name}.md")).render(facts=facts, brief=brief).strip()


@cache
def read(name: str, package: str = "discover.report.sections") -> str:
    """A file that lies beside the code of a package."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


# --- numbers that know what they claim ---------------------------------------------------------------------


class _Whole(int):
    """A number with the name of its fact."""

    fact: str


class _Real(float):
    """A number with the name of its fact."""

    fact: str


def _marked(value: Any, name: str) -> Any:
    """The facts as a page shows them: every number knows its name, and no text is endless."""
    if isinstance(value, Mapping):
        return {key: item if key == "settings" else _marked(item, f"{name}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item, f"{name}.{place}") for place, item in zip(_places(value), value, strict=True)]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = _Whole(value) if isinstance(value, int) else _Real(value)
        number.fact = name
        return number
    return _words.shortened(value) if isinstance(value, str) else value


def _places(values: Sequence[Any]) -> list[str]:
    """What the elements of a list are known by."""
    return [
        str(item.get("key", item.get("id", place))) if isinstance(item, Mapping) else str(place)
        for place, item in enumerate(values)
    ]


def _telling(write: Callable[..., str]) -> Callable[..., str]:
    """The filter, writing numbers that have a name as `<data>` elements."""

    @wraps(write)
    def write_data(value: Any, *arguments: Any) -> str:
        """The filter's text, inside an element that names the fact."""
        text = write(value, *arguments)
        if isinstance(value, (_Whole, _Real)):
            return Markup('<data value="{}" data-fact="{}">{}</data>').format(repr(value), value.fact, text)
        return text

    return write_data


def evidence(ids: Sequence[str], total: int | None = None) -> dict[str, Any]:
    """Ids of items that numbers rest on, as facts hold them until `claims` takes them out: the first, and how many."""
    return {"ids": list(ids[:MAX_EVIDENCE]), "total": len(ids) if total is None else total}


def claims(section: Section, facts: Mapping[str, Any]) -> list[Claim]:
    """Every number among the facts, but for settings: these are what was asked for."""
    stated, everything = {key: fact for key, fact in facts.items() if key != "settings"}, evidence((), 0)
    return list(_claims(stated, section.name, section.how, everything))


def _claims(facts: Mapping[str, Any], name: str, how: Mapping[str, str], rests: Mapping[str, Any]) -> Iterator[Claim]:
    rests = facts.get("evidence", rests)
    for key, value in facts.items():
        here = f"{name}.{key}"
        if key == "evidence" or key.endswith(INTERVAL_SUFFIX) or value is None or isinstance(value, (str, bool)):
            continue
        if isinstance(value, Mapping):
            yield from _claims(value, here, how, rests)
        elif isinstance(value, list) and (not value or not _is_number(value[0])):
            for place, item in zip(_places(value), value, strict=True):
                if isinstance(item, Mapping):
                    yield from _claims(item, f"{here}.{place}", how, rests)
        else:
            interval = facts.get(f"{key}{INTERVAL_SUFFIX}")
            pair = None if interval is None else (interval[0], interval[1])
            yield Claim(here, value, pair, tuple(rests["ids"]), rests["total"], how.get(key, ""))


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def without_evidence(value: Any) -> Any:
    """Facts as `report.json` holds them: the claims have the evidence."""
    if isinstance(value, Mapping):
        return {key: without_evidence(item) for key, item in value.items() if key != "evidence"}
    return [without_evidence(item) for item in value] if isinstance(value, list) else value


# --- templates ---------------------------------------------------------------------------------------------


class _FactsFirst(jinja2.Environment):
    """`facts.items` is the fact of that name, not the method of dictionaries."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The fact of that name, else what jinja2 finds."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@cache
def environment() -> jinja2.Environment:
    """Where all templates of the report are rendered: everything is escaped, a name that is missing is an error."""
    environment = _FactsFirst(
        autoescape=True,  # select_autoescape would go by file endings, and a template in a string has none
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= (
        {name: _telling(write) for name, write in _words.FACT_FILTERS.items()}
        | _words.DRAWING_FILTERS
        | {"curve": _curve.svg}
    )
    return environment


@cache
def _plain_environment() -> jinja2.Environment:
    """Where Markdown is: what a template puts in is text that cannot mean markup, end its line or turn it around."""
    environment = _FactsFirst(
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_words.markdown,
    )
    environment.filters |= _words.FACT_FILTERS | _words.DRAWING_FILTERS | {"curve": _curve.blocks}
    return environment


def tidy(value: Any) -> Any:
    """Facts as JSON and UTF-8 can hold them: no NaN, no arrays, no lone surrogates (names of files may have them)."""
    return _encodable(plain(value))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    return [_encodable(item) for item in value] if isinstance(value, list) else value


# --- what several sections ask of a run --------------------------------------------------------------------


def broad(results: RunResults) -> list[Theme]:
    """The themes of the top level; the i-th is theme number i of `results.themes.levels[0]`."""
    return [theme for theme in results.named if theme.level == 0]


def fine(results: RunResults) -> list[Theme]:
    """The themes one level down."""
    return [theme for theme in results.named if theme.level == 1]


def outliers(results: RunResults) -> int:
    """How many items are in no broad theme."""
    if not results.themes.levels:
        return len(results.catalog)
    return int((results.themes.levels[0].members < 0).sum())


def source_name(source: str) -> str:
    """The last part of a path; what is no path stays as it is."""
    return source.replace("\\", "/").rstrip("/").rpartition("/")[2] or source


def finding(results: RunResults) -> str:
    """Why there are these themes, or none, without the "themes: " or "no themes: " that it starts with."""
    head, colon, rest = results.themes.reason.partition("themes: ")
    return rest if colon and head in ("", "no ") else results.themes.reason
