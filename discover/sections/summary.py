"""What was found, in one paragraph and a row of figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow.compute as pc

from discover.nouns import Night
from discover.sections._words import count, day, plural, share
from discover.sections.base import Section, broad, finding, fine, source_name, strays

TEMPLATE = """
<header class="masthead">
  <p class="kicker"><span>Content discovery</span>
    <time datetime="{{ facts.created }}">{{ facts.created|moment }}</time></p>
  <h1 class="clamp"><bdi>{{ facts.title }}</bdi></h1>
  {% if not facts.broad %}<p class="verdict">No themes found</p>{% endif %}
  <p class="lede">{{ facts.paragraph }}</p>
</header>
<dl class="figures">
  <div><dt>Items</dt><dd>{{ facts.items|count }}</dd></div>
  {% if facts.broad %}
  <div><dt>Broad themes</dt><dd>{{ facts.broad|count }}</dd></div>
  <div><dt>Fine themes</dt><dd>{{ facts.fine|count }}</dd></div>
  <div><dt>In a theme</dt><dd>{{ facts.in_themes_share|share }}
    <small>{{ facts.in_themes|plural("item") }}</small></dd></div>
  <div><dt>Strays</dt><dd>{{ facts.strays_share|share }}<small>{{ facts.strays|plural("item") }}</small></dd></div>
  {% endif %}
  <div><dt>Dates</dt><dd class="words">{% if facts.first_date %}{{ facts.first_date|day }}
    <small>to {{ facts.last_date|day }}{% if facts.undated %}<br>{{ facts.undated|count }} undated{% endif %}</small>
    {%- else %}none{% endif %}</dd></div>
  <div><dt>Pictures</dt>{% if facts.pictures_named %}<dd>{{ facts.pictures_named|count }}
    <small>{% if facts.pictures_used is none %}not compared
    {%- else %}{{ facts.pictures_used|count }} compared{% endif %}</small></dd>
    {%- else %}<dd class="words">none</dd>{% endif %}</div>
  <div><dt>Audience</dt><dd class="words">
    {%- if facts.audience %}<bdi class="clamp">{{ facts.audience }}</bdi><small>column</small>
    {%- else %}none<small>no such column</small>{% endif %}</dd></div>
</dl>
"""


@dataclass(frozen=True)
class Summary(Section):
    """Title, paragraph, figures."""

    order: ClassVar[int] = 10
    heading: ClassVar[str] = ""
    template: ClassVar[str] = TEMPLATE

    def facts(self, night: Night) -> dict[str, Any]:
        """Counts and shares of items, themes, strays, dates and pictures."""
        items, without = len(night.catalog), strays(night)
        named = items - int(night.catalog.table.column("image").null_count)
        image = night.spaces.get("image")
        figures = {
            "title": source_name(night.catalog.source),
            "created": night.created,
            "items": items,
            "rows_dropped": sum(reject.dropped for reject in night.catalog.rejects),
            "broad": len(broad(night)),
            "fine": len(fine(night)),
            "in_themes": items - without,
            "in_themes_share": (items - without) / items if items else 0.0,
            "strays": without,
            "strays_share": without / items if items else 0.0,
            "pictures_named": named,
            "pictures_used": None if image is None else len(image.rows),
            "audience": next(iter(night.catalog.mapping.get("audience", ())), None),
        } | _dates(night)
        return figures | {"paragraph": " ".join(_sentences(figures, night))}


def _dates(night: Night) -> dict[str, Any]:
    """First and last day, and how many items have none."""
    column = night.catalog.table.column("date")
    ends = pc.min_max(column).as_py()
    return {
        "first_date": None if ends["min"] is None else ends["min"].isoformat(),
        "last_date": None if ends["max"] is None else ends["max"].isoformat(),
        "undated": int(column.null_count),
    }


def _sentences(figures: dict[str, Any], night: Night) -> list[str]:
    """The paragraph, from the same figures."""
    first, last = figures["first_date"], figures["last_date"]
    dated = "" if first is None else f", dated {day(first)} to {day(last)}"
    said = [f"The catalog holds {plural(figures['items'], 'item')}{dated}."]
    if figures["broad"]:
        largest = broad(night)[0]
        finer = f" Looked at more finely, there are {count(figures['fine'])}." if figures["fine"] else ""
        into = plural(figures["broad"], "broad theme")
        said.append(
            f"{share(figures['in_themes_share'])} of them fall into {into}.{finer} "
            f"The largest is “{largest.label}” with {plural(largest.size, 'item')} ({share(largest.share)})."
        )
        if figures["strays"]:
            said.append(f"The other {share(figures['strays_share'])} are strays: close to no theme.")
    else:
        said.append(
            "No group of them stands out clearly enough from the rest to be called a theme; themes drawn all the same "
            f"would be invented. What the check found: {finding(night)}."
        )
    lost = figures["rows_dropped"]
    every = "Every row of the source was used."
    return [*said, f"{plural(lost, 'row')} of the source could not be used." if lost else every]
