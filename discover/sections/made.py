"""How the report was made: models, neighbour graph, null comparison, settings, time, version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from discover import __version__
from discover.nouns import LabelQuality, Night, plain
from discover.sections.base import Section, finding

DIGEST_CHARACTERS = 12

TEMPLATE = """
<div class="scroll"><table class="models">
  <thead><tr><th scope="col">Compared by</th><th scope="col">Model</th><th scope="col">Weights</th>
    <th scope="col" class="number">Dimensions</th><th scope="col">Arithmetic</th>
    <th scope="col" class="number">Items</th><th scope="col" class="number">Encoded now</th></tr></thead>
  <tbody>{% for space in facts.spaces %}
  <tr><th scope="row">{{ space.space }}</th><td><bdi class="clamp">{{ space.model }}</bdi><small>{{ space.encoder }}
    {%- if space.template %} · <code>{{ space.template }}</code>{% endif %}</small></td>
    <td><code>{{ space.digest }}</code></td><td class="number">{{ space.dimension|count }}</td>
    <td>{{ space.precision }}</td>
    <td class="number">{{ space.items|count }}</td><td class="number">{{ space.encoded|count }}</td></tr>
  {% endfor %}</tbody>
</table></div>
<div class="pair">
<div>
<h3>Evidence for themes</h3>
<p class="aside">{{ facts.reason }}.</p>
<p class="aside">Each of {{ facts.different_items|count }} different items was compared with its
{{ facts.neighbours|count }} nearest.
Those neighbours agree with an exact search to {{ facts.recall|index }} (1.00: all of them).</p>
{% for each in facts.labels %}
<p class="aside">Level {{ each.level }}, {{ each.themes|plural("theme") }}: their keywords have a coherence of
{{ each.coherence|index }} (NPMI: 1.00 always in the same items, 0.00 as by chance), and
{{ each.different_share|share }} of their words differ.</p>
{% endfor %}
</div>
<div>
<h3>Time{% if facts.timings %}: {{ facts.total_seconds|seconds }}{% endif %}</h3>
<dl class="timings">{% for each in facts.timings %}<div><dt>{{ each.stage }}</dt>
  <dd><span class="bar"><i style="width:{{ each.of_longest|percent }}"></i></span>
    <span>{{ each.seconds|seconds }}</span></dd></div>{% endfor %}</dl>
</div>
</div>
<details><summary>Settings</summary><pre>{{ facts.settings|pretty }}</pre></details>
<p class="colophon">Made by discover {{ facts.version }} on {{ facts.created|moment }}.</p>
"""


@dataclass(frozen=True)
class Made(Section):
    """Model identities, recall, reason, quality of the labels, settings, timings, version."""

    order: ClassVar[int] = 50
    heading: ClassVar[str] = "How it was made"
    template: ClassVar[str] = TEMPLATE

    def facts(self, night: Night) -> dict[str, Any]:
        """What is needed to judge the rest, and to make it again."""
        longest = max(night.timings.values(), default=0.0)
        return {
            "version": __version__,
            "created": night.created,
            "spaces": [_space(night, name) for name in night.spaces],
            "different_items": len(night.graph.unique),
            "neighbours": int(night.graph.neighbours.shape[1]) if night.graph.neighbours.ndim == 2 else 0,
            "recall": float(night.graph.recall),
            "labels": [_labels(each) for each in night.label_quality],
            "reason": finding(night)[:1].upper() + finding(night)[1:],
            "timings": [
                {"stage": stage, "seconds": taken, "of_longest": taken / longest if longest else 0.0}
                for stage, taken in night.timings.items()
            ],
            "total_seconds": sum(night.timings.values()),
            "settings": plain(night.settings),
        }


def _labels(quality: LabelQuality) -> dict[str, Any]:
    return {
        "level": quality.level,
        "themes": quality.themes,
        "coherence": quality.coherence,
        "different_share": quality.diversity,
    }


def _space(night: Night, name: str) -> dict[str, Any]:
    space = night.spaces[name]
    identity = space.identity
    return {
        "space": name,
        "encoder": identity.encoder,
        "model": identity.model,
        "digest": identity.digest[:DIGEST_CHARACTERS],
        "template": identity.template,
        "dimension": identity.dimension,
        "precision": identity.precision,
        "items": len(space.rows),
        "encoded": space.encoded,
    }
