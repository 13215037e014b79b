"""What the source said badly: rejects, warnings, which column was taken for what, pictures that are missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from discover.nouns import ROLES, Night, Reject
from discover.sections.base import Section

EXAMPLES = 3
VALUE_CHARACTERS = 80

TEMPLATE = """
<p class="note">{{ facts.rows_read|plural("row") }} read, {{ facts.items|plural("item") }} kept.
{%- if facts.rejects %} {{ facts.rows_dropped|plural("row") }} and
{{ facts.values_dropped|plural("single value") }} set aside.
{%- else %} Nothing had to be set aside.{% endif %}</p>
{% if facts.warnings %}
<h3>Worth knowing</h3>
<ul class="warnings">{% for warning in facts.warnings %}<li class="clamp">{{ warning }}</li>{% endfor %}</ul>
{% endif %}
{% if facts.rejects %}
<h3>Set aside</h3>
<div class="scroll"><table class="rejects">
  <thead><tr><th scope="col">Why</th><th scope="col" class="number">Count</th>
    <th scope="col">First examples</th></tr></thead>
  <tbody>
  {% for group in facts.rejects %}
  <tr>
    <th scope="row"><span class="clamp">{{ group.reason }}</span>
      <small>{% if group.rows_dropped == group.count %}whole rows
      {%- elif group.rows_dropped %}{{ group.rows_dropped|count }} whole rows, the rest single values
      {%- else %}the value only{% endif %}</small></th>
    <td class="number">{{ group.count|count }}</td>
    <td><ul>{% for example in group.examples %}
      <li><span class="where">{% if example.line is not none %}line {{ example.line|count }}{% endif %}
        {%- if example.column %} <bdi>{{ example.column }}</bdi>{% endif %}
        {%- if example.item %} item <bdi>{{ example.item }}</bdi>{% endif %}</span>
        {% if example.value %}<q><bdi>{{ example.value }}</bdi></q>{% endif %}</li>{% endfor %}</ul></td>
  </tr>
  {% endfor %}
  </tbody>
</table></div>
{% endif %}
<div class="pair">
<div>
<h3>Which columns were used</h3>
<dl class="mapping">{% for each in facts.mapping %}<div><dt>{{ each.role }}</dt>
  <dd>{% for column in each.columns %}<bdi>{{ column }}</bdi>{{ "" if loop.last else ", " }}{% endfor %}
  {%- if each.guessed %} <small>(guessed)</small>{% endif %}</dd></div>
  {%- endfor %}</dl>
{% if facts.not_used %}<p class="aside">Not used: {% for column in facts.not_used -%}
<bdi>{{ column }}</bdi>{{ "." if loop.last else ", " }}{% endfor %}</p>{% endif %}
{% if facts.not_found %}<p class="aside">No column for {{ facts.not_found|join(", ") }}.</p>{% endif %}
</div>
<div>
<h3>Pictures</h3>
<p class="aside">{% if not facts.pictures_named %}No item has a picture.{% else -%}
{{ facts.pictures_named|plural("item") }} with a picture, {{ facts.pictures_missing|count }} without.
{% if facts.pictures_unread is none %}Pictures were not compared in this run.
{%- elif facts.pictures_unread %}{{ facts.pictures_unread|count }} could not be read.
{%- else %}All of them could be read.{% endif %}{% endif %}</p>
</div>
</div>
"""


@dataclass(frozen=True)
class Quality(Section):
    """Rejects by reason, warnings, the mapping, pictures."""

    order: ClassVar[int] = 40
    heading: ClassVar[str] = "Data quality"
    template: ClassVar[str] = TEMPLATE

    def facts(self, night: Night) -> dict[str, Any]:
        """What was set aside and why, and what the columns were taken for."""
        catalog, image = night.catalog, night.spaces.get("image")
        without = int(catalog.table.column("image").null_count)
        named = len(catalog) - without
        dropped = sum(reject.dropped for reject in catalog.rejects)
        mapping = {role: catalog.mapping[role] for role in (*ROLES, *catalog.mapping) if role in catalog.mapping}
        return {
            "rows_read": catalog.rows_read,
            "items": len(catalog),
            "rows_dropped": dropped,
            "values_dropped": len(catalog.rejects) - dropped,
            "rejects": grouped(catalog.rejects),
            "warnings": list(dict.fromkeys((*catalog.warnings, *night.warnings))),
            "mapping": [
                {"role": role, "columns": list(columns), "guessed": role in catalog.guessed}
                for role, columns in mapping.items()
            ],
            "not_used": list(catalog.unused),
            "not_found": [role for role in ROLES if role not in mapping],
            "pictures_named": named,
            "pictures_missing": without,
            "pictures_unread": None if image is None else max(0, named - len(image.rows)),
        }


def grouped(rejects: Iterable[Reject]) -> list[dict[str, Any]]:
    """Rejects by reason, the most frequent first. Reasons that differ only in numbers are one."""
    groups: dict[str, list[Reject]] = {}
    for reject in rejects:
        groups.setdefault(reject.general_reason, []).append(reject)
    made = [
        {
            "reason": members[0].reason if len({reject.reason for reject in members}) == 1 else general,
            "count": len(members),
            "rows_dropped": sum(reject.dropped for reject in members),
            "examples": [_example(reject) for reject in members[:EXAMPLES]],
        }
        for general, members in groups.items()
    ]
    return sorted(made, key=lambda group: (-int(group["count"]), str(group["reason"])))


def _example(reject: Reject) -> dict[str, Any]:
    value = reject.value if len(reject.value) <= VALUE_CHARACTERS else reject.value[: VALUE_CHARACTERS - 1] + "…"
    return {"line": reject.line, "column": reject.column, "item": reject.item, "value": value}
