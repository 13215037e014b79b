"""One card per broad theme, the largest first, and the small groups outside the broad themes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from discover.nouns import Night, Theme
from discover.sections import _posters
from discover.sections._palette import assign
from discover.sections.base import Section, broad

POSTERS = 4  # a theme shows at most

TEMPLATE = """
{% macro small(theme) %}
<li id="theme-{{ theme.id }}" title="{{ theme.id }} · {{ theme.keywords|join(", ") }} · {{ theme.share|share }} of the
 catalog, strength {{ theme.strength|index }}, stability {{ theme.stability|index }}">
  <span class="label clamp">{{ theme.label }}</span>
  <span class="bar"><i style="width:{{ theme.of_whole|percent }}"></i></span>
  <span class="number">{{ theme.size|count }}</span></li>
{% endmacro %}
{% if not facts.broad %}
<p class="empty">There are no themes to show for this catalog.</p>
{% else %}
<p class="note">Strength says how firmly items belong to their theme, stability how well the theme comes back when
only half of the items are there; both run from 0 to 1. Items belong loosely that lie between the dense cores and whose
neighbours are in the theme. A broad theme's bar is measured against the largest theme, a
fine theme's against the broad one it belongs to.</p>
<div class="cards">
{% for theme in facts.broad %}
<article class="card c{{ theme.colour }}" id="theme-{{ theme.id }}">
  <header><h3 class="clamp"><bdi>{{ theme.label }}</bdi></h3><span class="id">{{ theme.id }}</span></header>
  <p class="size"><b>{{ theme.share|share }}</b> of the catalog · {{ theme.size|plural("item") }}
    {%- if theme.loose %}, {{ theme.loose|count }} of them loosely{% endif %}</p>
  <span class="bar wide"><i style="width:{{ theme.of_largest|percent }}"></i></span>
  <p class="keywords clamp">{% for word in theme.keywords %}<bdi>{{ word }}</bdi>
    {{- "" if loop.last else ", " }}{% endfor %}</p>
  {% set shown = theme.exemplars|selectattr("id", "in", assets.posters)|list %}
  {% if shown %}
  <ul class="posters">{% for item in shown %}
    <li><img src="{{ assets.posters[item.id] }}" alt="{{ item.title|truncate(120) }}"
      title="{{ item.title|truncate(120) }}"></li>{% endfor %}</ul>
  {% endif %}
  {% if theme.exemplars %}
  <h4>Closest to its core</h4>
  <ol class="exemplars">{% for item in theme.exemplars %}
    <li class="clamp" title="{{ item.id }}"><bdi>{{ item.title }}</bdi></li>{% endfor %}</ol>
  {% endif %}
  {% if theme.fine %}
  <h4>Divides into</h4>
  <ul class="fine">{% for each in theme.fine %}{{ small(each) }}{% endfor %}</ul>
  {% endif %}
  <p class="measures"><span title="How firmly its items belong to it, on average, from 0 to 1">
      Strength <b>{{ theme.strength|index }}</b></span>
    <span title="How well it comes back when only half of the items are there, from 0 to 1">
      Stability <b>{{ theme.stability|index }}</b></span></p>
</article>
{% endfor %}
</div>
{% if facts.apart %}
<h3 id="apart">Small groups outside the broad themes</h3>
<p class="aside">Their items are strays among the broad themes, yet close to one another.</p>
<ul class="fine apart">{% for each in facts.apart %}{{ small(each) }}{% endfor %}</ul>
{% endif %}
{% endif %}
"""


@dataclass(frozen=True)
class Themes(Section):
    """The themes as cards."""

    order: ClassVar[int] = 30
    heading: ClassVar[str] = "Themes"
    template: ClassVar[str] = TEMPLATE

    def facts(self, night: Night) -> dict[str, Any]:
        """Broad themes with their fine ones, and fine themes without a parent."""
        by_id = {theme.id: theme for theme in night.named}
        colours = assign(night)
        whole = {theme.id for theme in broad(night)}  # one that does not fall apart is at both levels
        apart = [theme for theme in night.named if theme.level == 1 and theme.parent is None and theme.id not in whole]
        largest = max((theme.size for theme in broad(night)), default=1)
        most = max((theme.size for theme in apart), default=1)
        return {
            "broad": [
                _broad(theme, [by_id[child] for child in theme.children if child in by_id])
                | {"of_largest": theme.size / largest, "colour": colours[number]}
                for number, theme in enumerate(broad(night))
            ],
            "apart": [_small(theme, most) for theme in apart],
        }

    def assets(self, night: Night, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Small posters of exemplars, by id of the item."""
        rows = {item: row for row, item in enumerate(night.catalog.ids)}
        pictures = night.catalog.column("image")
        exemplars = [[item["id"] for item in theme["exemplars"]] for theme in facts["broad"]]
        known = [[item for item in group if item in rows and pictures[rows[item]]] for group in exemplars]
        paths = {item: pictures[rows[item]] for group in known for item in group[:POSTERS]}
        found = _posters.embed([[paths[item] for item in group[:POSTERS]] for group in known])
        return {"posters": {item: found[path] for item, path in paths.items() if path in found}}


def _broad(theme: Theme, children: list[Theme]) -> dict[str, Any]:
    """A card. A theme whose only child is itself again does not divide."""
    divides = len(children) > 1 or any(child.size != theme.size for child in children)
    return {
        "id": theme.id,
        "label": theme.label,
        "keywords": list(theme.keywords),
        "exemplars": [{"id": item.id, "title": item.title} for item in theme.exemplars],
        "size": theme.size,
        "loose": theme.loose,
        "share": theme.share,
        "strength": theme.strength,
        "stability": theme.stability,
        "fine": [_small(child, theme.size) for child in sorted(children, key=_rank)] if divides else [],
    }


def _small(theme: Theme, whole: int) -> dict[str, Any]:
    return {
        "id": theme.id,
        "label": theme.label,
        "keywords": list(theme.keywords),
        "size": theme.size,
        "share": theme.share,
        "of_whole": theme.size / whole,
        "strength": theme.strength,
        "stability": theme.stability,
    }


def _rank(theme: Theme) -> tuple[int, str]:
    return -theme.size, theme.id
